"""Recovery of typed text after a lost tab, login or connection: `static/js/recover.js` stores it in the browser."""

import re
from typing import Any

from django.contrib import admin, messages
from django.forms import Media, Script
from django.http import HttpRequest

# The stubs know no scripts but those named by a string.
SCRIPTS: list[Any] = [Script(f"js/{name}.js", type="module") for name in ("recover", "once", "count")]
KEY = re.compile(r"[a-z0-9]{1,40}")


def saved_tag(request: HttpRequest) -> str:
    key = request.POST.get("typed_key", "")
    return f"typed-{key}" if KEY.fullmatch(key) else ""


class RecoverableAdmin(admin.ModelAdmin):
    change_form_template = "admin/recoverable_change_form.html"

    @property
    def media(self) -> Media:
        return super().media + Media(js=SCRIPTS)

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: int | str = messages.INFO,
        extra_tags: str = "",
        fail_silently: bool = False,
    ) -> None:
        if level == messages.SUCCESS:
            extra_tags = f"{extra_tags} {saved_tag(request)}".strip()
        super().message_user(request, message, level, extra_tags, fail_silently)
