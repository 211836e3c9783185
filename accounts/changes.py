"""Who changed what, in the admin."""

from datetime import date, datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Change
from publishing.staff.searching import FoldedSearch


class DayFilter(admin.SimpleListFilter):
    title, parameter_name = "day", "day"
    MOST = 31

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        days = Change.objects.datetimes("action_time", "day", order="DESC")[: self.MOST]
        return [(f"{day:%Y-%m-%d}", f"{day:%B} {day.day}, {day.year}") for day in days]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        try:
            day = date.fromisoformat(self.value() or "")
        except ValueError:
            return queryset
        return queryset.filter(action_time__date=day)


class ChangeAdmin(FoldedSearch):
    list_display = ["when", "who", "what", "name", "details"]
    list_display_links = None
    list_filter = [DayFilter, ("user", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["user", "content_type"]
    search_fields = ["object_repr"]
    search_help_text = "Looks in the names of what was changed."
    ordering = ["-action_time", "-pk"]

    @admin.display(description="when", ordering="action_time")
    def when(self, change: Change) -> datetime:
        return change.action_time

    @admin.display(description="who", ordering="user")
    def who(self, change: Change) -> User:
        return change.user

    @admin.display(description="name", ordering="object_repr")
    def name(self, change: Change) -> str:
        return change.object_repr

    @admin.display(description="what")
    def what(self, change: Change) -> str:
        verb = "Added" if change.is_addition() else "Deleted" if change.is_deletion() else "Changed"
        return f"{verb} {change.content_type.name if change.content_type else ''}".strip()

    @admin.display(description="details")
    def details(self, change: Change) -> str:
        return change.get_change_message() if change.is_change() else ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Change | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Change | None = None) -> bool:
        return False
