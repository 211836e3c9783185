"""What staff type outlives a lost tab, login or connection: `static/js/recover.js` notes it in their browser."""

import re

from django.contrib import admin, messages
from django.forms import Media, Script

KEY = re.compile(r"[a-z0-9]{1,40}")


def saved_tag(request):
    """The tag of a message that makes the script forget what it noted for the form in this request."""
    key = request.POST.get("typed_key", "")
    return f"typed-{key}" if KEY.fullmatch(key) else ""


class RecoverableAdmin(admin.ModelAdmin):
    """For content alone, not for people's accounts: what is typed into these forms stays in the browser until saved."""

    change_form_template = "admin/recoverable_change_form.html"

    @property
    def media(self):
        scripts = ("js/recover.js", "js/once.js")
        return super().media + Media(js=[Script(script, type="module") for script in scripts])

    def message_user(self, request, message, level=messages.INFO, extra_tags="", fail_silently=False):
        if level == messages.SUCCESS:
            extra_tags = f"{extra_tags} {saved_tag(request)}".strip()
        super().message_user(request, message, level, extra_tags, fail_silently)
