from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString

from publishing.staff.drafts import DraftAdmin
from publishing.staff.forms import OrderedRows, StaffForm, StateFilter
from publishing.staff.ordering import OrderedAdmin
from publishing.staff.publishable import WHEN_AND_WHERE, PublishableAdmin
from services.body import REGIONS
from services.models import FAQ, Benefit, Claim, Comparison, Condition, Service, SessionStep


def link_to_inline(part: str) -> SafeString:
    return format_html('The <a href="#{0}-group">{0}</a> themselves are further down.', part)


class RegionCheckboxes(forms.CheckboxSelectMultiple):
    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        checkboxes = super().render(name, value, attrs, renderer)
        return format_html('<div class="region-boxes" role="group" aria-label="Regions">{}</div>', checkboxes)


class ConditionForm(forms.ModelForm):
    regions = forms.MultipleChoiceField(
        choices=[(key, region.label) for key, region in REGIONS.items()],
        widget=RegionCheckboxes,
        required=False,
        help_text=Condition._meta.get_field("regions").help_text,
    )

    def clean_regions(self) -> list[str]:
        chosen = self.cleaned_data["regions"]
        return [key for key in REGIONS if key in chosen]


class BenefitInline(OrderedRows):
    model = Benefit
    fields = ["text", "position"]
    rows = {"text": 2}


class ClaimInline(OrderedRows):
    model = Claim
    fields = ["text", "citation", "url", "confirmed_at", "position"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


class ComparisonInline(OrderedRows):
    model = Comparison
    fields = ["other", "other_text", "own_text", "drawing", "position"]


class ConditionInline(OrderedRows):
    model = Condition
    form = ConditionForm
    fields = ["name", "text", "regions", "position"]


class SessionStepInline(OrderedRows):
    model = SessionStep
    fields = ["title", "intro", "points", "closing", "position"]
    rows = {"points": 4}


class QuestionInline(OrderedRows):
    model = FAQ
    fields = ["question", "answer", "position"]


@admin.register(Service)
class ServiceAdmin(OrderedAdmin, PublishableAdmin):
    list_display = ["title", "state", "last_changed"]
    list_filter = [StateFilter]
    search_fields = ["title", "short_title", "alternative_names", "summary"]
    search_help_text = "Looks in the names and the summary."
    prepopulated_fields = {"slug": ["title"]}
    save_on_top = True
    rows = {"lead": 5, "what_it_is": 12, "how_points": 5}
    fieldsets = [
        (None, {"fields": ["title", "slug", "short_title", "alternative_names", "summary", "drawing"]}),
        WHEN_AND_WHERE,
        ("Top of the page", {"fields": ["lead", "picture"]}),
        ("What it is", {"fields": ["what_it_is"]}),
        ("Benefits", {"fields": ["benefits_intro"], "description": link_to_inline("benefits")}),
        ("Research", {"fields": ["research_intro"], "description": link_to_inline("claims")}),
        ("How it works", {"fields": ["how_intro", "how_points", "how_example"]}),
        ("How it compares", {"fields": ["comparison_intro"], "description": link_to_inline("comparisons")}),
        ("Conditions", {"fields": ["conditions_intro"], "description": link_to_inline("conditions")}),
        ("Precautions", {"fields": ["precautions"]}),
        (
            "What to expect",
            {
                "fields": ["session_intro", "session_length_text", ("minutes_from", "minutes_to"), "steps_intro"],
                "description": link_to_inline("steps"),
            },
        ),
        ("Schedule a session", {"fields": ["schedule_text", "booking_phone"]}),
    ]
    inlines = [BenefitInline, ClaimInline, ComparisonInline, ConditionInline, SessionStepInline, QuestionInline]


@admin.register(FAQ)
class FAQAdmin(OrderedAdmin, StaffForm, DraftAdmin):
    list_display = ["question", "about"]
    list_filter = ["service"]
    list_select_related = ["service"]
    search_fields = ["question", "answer"]
    search_help_text = "Looks in the questions and the answers."
    ordering = [models.F("service__position").asc(nulls_first=True), "service_id", "position", "id"]
    fields = ["question", "answer", "service"]
    rows = {"answer": 6}

    @admin.display(description="service", ordering="service", empty_value="General")
    def about(self, obj: FAQ) -> Service | None:
        return obj.service

    def view_on_site(self, obj: FAQ) -> str | None:
        return obj.get_absolute_url() if obj.service is None or obj.service.is_live else None
