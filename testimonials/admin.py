from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from publishing.staff.forms import StateFilter
from publishing.staff.ordering import OrderedAdmin
from publishing.staff.publishable import WHEN_AND_WHERE, PublishableAdmin
from services.models import Service
from testimonials.models import Testimonial


class ConsentFilter(admin.SimpleListFilter):
    title = "consent noted"
    parameter_name = "consent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Testimonial]) -> QuerySet[Testimonial]:
        noted = Q(consent_noted_at__isnull=False)
        return queryset.filter({"yes": noted, "no": ~noted}.get(self.value() or "", Q()))


@admin.register(Testimonial)
class TestimonialAdmin(OrderedAdmin, PublishableAdmin):
    list_display = ["quote_start", "name", "praised", "state", "is_consent_noted"]
    list_filter = [StateFilter, ConsentFilter, "service"]
    list_select_related = ["service"]
    search_fields = ["quote", "name"]
    search_help_text = "Looks in the quotes and the names."
    rows = {"quote": 8}
    fieldsets = [
        (None, {"fields": ["quote", "name", "service", "consent_noted_at"]}),
        WHEN_AND_WHERE,
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Testimonial | None = None) -> list[str]:
        # Publishing relies on this note: only who may publish may make it.
        fields = super().get_readonly_fields(request, obj)
        return [*fields] if self.may_publish(request) else [*fields, "consent_noted_at"]

    @admin.display(description="quote")
    def quote_start(self, obj: Testimonial) -> str:
        return Truncator(obj.quote).words(12)

    @admin.display(description="service", ordering="service", empty_value="The clinic")
    def praised(self, obj: Testimonial) -> Service | None:
        return obj.service

    @admin.display(description="consent noted", boolean=True, ordering="consent_noted_at")
    def is_consent_noted(self, obj: Testimonial) -> bool:
        return obj.consent_noted_at is not None
