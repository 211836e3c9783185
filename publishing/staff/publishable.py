"""The model admin of `Publishable` content."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.dateformat import format as date_format

from publishing.staff.drafts import DraftAdmin
from publishing.staff.forms import StaffForm

MOMENT = "M j, Y, P T"
WHEN_AND_WHERE: Any = (  # a fieldset; only the stubs know its type
    "When and where patients see it",
    {"fields": ["state", "publish_at", "last_changed"]},
)


def in_words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), MOMENT)


class PublishableAdmin(StaffForm, DraftAdmin):
    readonly_fields = ["state", "last_changed"]

    @admin.display(ordering="publish_at")
    def state(self, obj: Any) -> str:
        if obj.publish_at is None:
            return "Draft"
        return f"{'Public since' if obj.is_live else 'Waits until'} {in_words(obj.publish_at)}"

    @admin.display(ordering="updated_at")
    def last_changed(self, obj: Any) -> str:
        return in_words(obj.updated_at) if obj.updated_at else "Not saved yet"

    def view_on_site(self, obj: Any) -> str | None:
        """Return the public page's address; Django's own redirect takes the host from the sites framework."""
        return obj.get_absolute_url() if obj.is_live else None
