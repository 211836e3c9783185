from typing import Any
from uuid import UUID

from csp.context_processors import nonce
from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from js_asset import InlineStyle, Media

from pages.models import CLINIC_KEY, Clinic, HoursException, OpeningHours, Page
from publishing.staff.drafts import DraftAdmin
from publishing.staff.fields import TimeInput
from publishing.staff.forms import ORDER_SCRIPTS, Rows, StaffForm, StateFilter
from publishing.staff.ordering import OrderedAdmin
from publishing.staff.publishable import WHEN_AND_WHERE, PublishableAdmin

# Without this element the editor creates one of its own, which the Content-Security-Policy forbids.
EDITOR_STYLE = Media(css={"all": [InlineStyle("", **{"data-tiptap-style": True})]})


class HoursRows(Rows, admin.TabularInline):
    # They take less room than Django's. A browser's own field takes no "5pm", and makes 0026 of a year typed as 26.
    formfield_overrides = {
        models.DateField: {"widget": forms.DateInput(format="%m/%d/%Y", attrs={"size": 12})},
        models.TimeField: {"widget": TimeInput(attrs={"size": 10})},
    }


class OpeningHoursInline(HoursRows):
    model = OpeningHours
    fields = ["weekday", "opens", "closes"]


class HoursExceptionInline(HoursRows):
    model = HoursException
    fields = ["date", "opens", "closes", "note"]


@admin.register(Clinic)
class ClinicAdmin(StaffForm, DraftAdmin):
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["name", "headline"]}),
        ("Notice on every page", {"fields": ["notice", "notice_until"]}),
        ("Contact", {"fields": ["phone", "fax", "email"]}),
        ("Address", {"fields": ["street", "city", "state", "postal_code"]}),
        ("Elsewhere", {"fields": ["social_links"]}),
    ]
    inlines = [OpeningHoursInline, HoursExceptionInline]

    class Media:
        js = ORDER_SCRIPTS

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if Clinic.objects.exists():
            return redirect("admin:pages_clinic_change", CLINIC_KEY)
        return redirect("admin:pages_clinic_add")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Clinic.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Clinic | None = None) -> bool:
        return False

    def new_key(self) -> UUID:
        return CLINIC_KEY

    def view_on_site(self, obj: Clinic) -> str:
        return obj.get_absolute_url()


@admin.register(Page)
class PageAdmin(OrderedAdmin, PublishableAdmin):
    change_form_template = "admin/pages/page/change_form.html"
    list_display = ["title", "slug", "state", "is_in_footer", "last_changed"]
    list_filter = [StateFilter, "is_in_footer"]
    search_fields = ["title", "slug", "body"]
    search_help_text = "Looks in the titles, addresses and texts."
    prepopulated_fields = {"slug": ["title"]}
    fieldsets = [
        (None, {"fields": ["title", "slug", "picture", "body", "is_in_footer"]}),
        WHEN_AND_WHERE,
    ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        media = EDITOR_STYLE + context["media"]
        context["media"] = Media.from_media(media, nonce=str(nonce(request)["CSP_NONCE"]))
        return super().render_change_form(request, context, *args, **kwargs)
