"""What the staff's lists and forms have in common."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db import models
from django.db.models import Q
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.dateformat import format as formatted
from django.utils.text import capfirst

from publishing.staff.drafts import StagedAdmin
from publishing.staff.editing import plausible

MOMENT = "M j, Y, P T"
WHEN_AND_WHERE: Any = (  # a fieldset; only the stubs know its type
    "When and where patients see it",
    {"fields": ["state", "publish_at", "last_changed"]},
)
LONG = 200  # characters; a line that holds as many is as wide as a text


def in_words(moment):
    """A moment in local time with its zone, as "Jan 1, 2026, 7 a.m. EST"."""
    return formatted(timezone.localtime(moment), MOMENT)


class LinesField(forms.CharField):
    """A text of several lines, which browsers end with a carriage return that the database does not hold."""

    def to_python(self, value):
        return super().to_python(value).replace("\r\n", "\n")


class StaffForm:
    """For model admins and inlines: times name their zone, and texts have room.

    `rows` tells how many lines a text has where three are not right.
    """

    rows: dict[str, int] = {}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if type(db_field) is models.TextField:
            kwargs["form_class"] = LinesField
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.DateTimeField):
            zone = f"Times are in {settings.TIME_ZONE} ({timezone.localtime():%Z})."
            field.help_text = f"{field.help_text} {zone}".strip()
            field.validators.append(plausible)
            for widget, part in zip(field.widget.widgets, ("date", "time"), strict=True):
                widget.attrs["aria-label"] = f"{capfirst(db_field.verbose_name)}: {part}"
        elif isinstance(db_field, models.TextField):
            field.widget.attrs["rows"] = self.rows.get(db_field.name, 3)
        elif isinstance(db_field, models.CharField) and (db_field.max_length or 0) >= LONG:
            field.widget.attrs["class"] = "vLargeTextField"
        return field


class PublishableAdmin(StaffForm, StagedAdmin):
    readonly_fields = ["state", "last_changed"]

    @admin.display(ordering="publish_at")
    def state(self, obj):
        if obj.publish_at is None:
            return "Draft"
        return f"{'Public since' if obj.is_live else 'Waits until'} {in_words(obj.publish_at)}"

    @admin.display(ordering="updated_at")
    def last_changed(self, obj):
        return in_words(obj.updated_at) if obj.updated_at else "Not saved yet"

    def view_on_site(self, obj):
        """The public page's address; Django's own way there takes the host from the sites framework."""
        return obj.get_absolute_url() if obj.is_live else None


class StateFilter(admin.SimpleListFilter):
    title = parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("draft", "Draft"), ("waiting", "Waiting"), ("public", "Public")]

    def queryset(self, request, queryset):
        live = Q(pk__in=queryset.model.objects.live())
        dated = Q(publish_at__isnull=False)
        states = {"draft": ~dated, "waiting": dated & ~live, "public": live}
        return queryset.filter(states.get(self.value(), Q()))


class RowsFormSet(BaseInlineFormSet):
    """Inline rows of which no two may have the same value in the field `distinct`.

    Django reports that above all rows; here `clash` is told beside the later one.
    """

    distinct = ""
    clash = ""

    def add_fields(self, form, index):
        """Name each field also where the layout is a table: there only the column has a heading."""
        super().add_fields(form, index)
        for field in form.fields.values():
            if field.label and not field.widget.use_fieldset:
                field.widget.attrs.setdefault("aria-label", field.label)

    def clean(self):
        seen = set()
        for form in self.kept if self.distinct else ():
            value = form.cleaned_data[self.distinct]
            if value in seen:
                form.add_error(self.distinct, self.clash)
            seen.add(value)
        super().clean()

    @property
    def kept(self):
        """The forms without fault of the rows that will be there once this is saved."""
        filled = [form for form in self.forms if form.is_valid() and form.cleaned_data]
        return [form for form in filled if not self._should_delete_form(form)]


class Rows(StaffForm, InlineModelAdmin):
    """For inlines: the rows that there are, and an empty one only when asked for."""

    extra = 0
    view_on_site = False
    formset = RowsFormSet
