"""Django's own models in the admin: the people who log in, and the redirects.

Managers look after people, but cannot give away or take over more than the roles hold.
"""

from typing import Any

import django.contrib.redirects.admin
import django.contrib.sites.admin  # noqa: F401 - both register what is unregistered below
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django.core.exceptions import ValidationError
from django.db.models import Field, ManyToManyField, QuerySet
from django.forms.models import ModelMultipleChoiceField
from django.http import HttpRequest

from clinic_site.roles import ROLES
from publishing.staff.forms import plausible

HELP = {
    "first_name": "How colleagues know this person.",
    "last_name": "May stay empty.",
    "email": "May stay empty: the site sends nothing to it.",
    "last_login": "Filled in by itself.",
    "date_joined": "Filled in by itself.",
}

admin.site.unregister([User, Site, Redirect])


def has_only_roles(user: User) -> bool:
    has_more = user.is_superuser or user.user_permissions.exists() or user.groups.exclude(name__in=ROLES).exists()
    return not has_more


@admin.register(User)
class PeopleAdmin(UserAdmin):
    list_display = ["username", "first_name", "last_name", "roles", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Everything"] if user.is_superuser else names) or "None yet"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        is_permitted = obj is None or request.user.is_superuser or has_only_roles(obj)
        return super().has_change_permission(request, obj) and is_permitted

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        # Nobody may lock themselves out or change their own roles.
        fields = super().get_readonly_fields(request, obj)
        is_own = obj == request.user and not request.user.is_superuser
        return [*fields, "is_active", "groups"] if is_own else [*fields]

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None or request.user.is_superuser:
            return super().get_fieldsets(request, obj)
        return [
            (None, {"fields": ["username", "password"]}),
            ("Person", {"fields": ["first_name", "last_name", "email"]}),
            ("Rights", {"fields": ["is_active", "groups"]}),
        ]

    def formfield_for_dbfield(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and not field.help_text:
            field.help_text = HELP.get(db_field.name, "")
        if isinstance(field, forms.DateTimeField | forms.SplitDateTimeField):
            field.validators.append(plausible)
        return field

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelMultipleChoiceField[Any] | None":
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field and db_field.name == "groups":
            field.label, field.help_text = "Roles", "What this person may do; rights of several roles add up."
            if not request.user.is_superuser:
                field.queryset = Group.objects.filter(name__in=ROLES)
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # nobody else has a login here
        super().save_model(request, obj, form, change)


class RedirectForm(forms.ModelForm):
    class Meta:
        model = Redirect
        fields = ["old_path", "new_path"]
        labels = {"old_path": "Old address", "new_path": "New address"}
        help_texts = {
            "old_path": "Without the site's name, such as /old-page/.",
            "new_path": "Such as /services/, or an address elsewhere with its https://. Empty: the page is gone.",
        }

    def clean_old_path(self) -> str:
        path: str = self.cleaned_data["old_path"]
        if not path.startswith("/"):
            raise ValidationError("Begin the address with a slash, such as /old-page/.")
        same_path = Redirect.objects.filter(site_id=settings.SITE_ID, old_path=path)
        if same_path.exclude(pk=self.instance.pk).exists():
            raise ValidationError("This old address is already redirected. Change that redirect instead.")
        return path

    def clean_new_path(self) -> str:
        path: str = self.cleaned_data["new_path"]
        if path and not path.startswith(("/", "https://", "http://")):
            raise ValidationError("Begin the address with a slash or with https://.")
        if path and path == self.cleaned_data.get("old_path"):
            raise ValidationError("This is the old address.")
        return path


@admin.register(Redirect)
class RedirectAdmin(admin.ModelAdmin):
    form = RedirectForm
    list_display = ["old_path", "new_path"]
    search_fields = ["old_path", "new_path"]

    def save_model(self, request: HttpRequest, obj: Redirect, form: Any, change: bool) -> None:
        obj.site_id = settings.SITE_ID
        super().save_model(request, obj, form, change)
