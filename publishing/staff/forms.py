"""Fields, filters, formsets and inlines of the admin."""

from collections.abc import Collection
from copy import copy
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin, InlineModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q
from django.forms import Script
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst

from publishing.models import Part
from publishing.revisions.whole import Whole, conflicts_among, number_new_rows
from publishing.staff.fields import count_and_never_cut, kind_of, plausible

MOST_ROWS = 1000  # of a part that a form takes
LONG_LINE = 200  # characters; a line that holds as many is as wide as a text
HIGHEST = 2_147_483_647  # what every database can hold
ORDER_SCRIPTS = [Script(f"js/{name}.js", type="module") for name in ("order", "place", "lines")]


def user_of(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


class StaffForm(BaseModelAdmin):
    """For model admins and inlines: times name their zone, texts have room, and nothing that is typed is cut.

    `rows` gives the height of a text in lines where it is not three.
    """

    rows: dict[str, int] = {}

    def formfield_for_dbfield(self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kind_of(db_field) | kwargs)
        if field:
            count_and_never_cut(field, db_field)
        if isinstance(db_field, models.DateTimeField):
            zone = f"Times are in {settings.TIME_ZONE} ({timezone.localtime():%Z})."
            field.help_text = f"{field.help_text} {zone}".strip()
            field.validators.append(plausible)
            for widget, part in zip(field.widget.widgets, ("date", "time"), strict=True):
                widget.attrs["aria-label"] = f"{capfirst(db_field.verbose_name)}: {part}"
        elif isinstance(db_field, models.TextField):
            field.widget.attrs["rows"] = self.rows.get(db_field.name, 3)
        elif isinstance(db_field, models.CharField) and (db_field.max_length or 0) >= LONG_LINE:
            field.widget.attrs["class"] = "vLargeTextField"
        return field


class StateFilter(admin.SimpleListFilter):
    title = parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("draft", "Draft"), ("waiting", "Waiting"), ("public", "Public")]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        live = Q(pk__in=queryset.model.objects.live())
        dated = Q(publish_at__isnull=False)
        states = {"draft": ~dated, "waiting": dated & ~live, "public": live}
        return queryset.filter(states.get(self.value() or "", Q()))


class KeyField(forms.UUIDField):
    widget = forms.HiddenInput

    def __init__(self, keys: Collection[UUID], **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.keys = keys

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and value not in self.keys:
            raise ValidationError("This row does not belong to this form.")


class RowsFormSet(BaseInlineFormSet):
    def __init__(self, *args: Any, whole: Whole | None = None, **kwargs: Any) -> None:
        self.whole = whole
        super().__init__(*args, **kwargs)

    def get_queryset(self) -> Any:
        return self.copies if self.whole else super().get_queryset()

    @cached_property
    def copies(self) -> list[Part]:
        return [copy(row) for row in self.rows_at_start]

    @property
    def rows_at_start(self) -> list[Part]:
        return self.whole.parts[str(self.prefix)] if self.whole else []

    @cached_property
    def keys(self) -> set[UUID]:  # once for all rows: each of them has a field that asks
        return {row.pk for row in self.rows_at_start}

    def is_unchanged(self, form: Any) -> bool:
        key = f"{self.prefix}/{form.instance.pk}"
        return self.whole is not None and key in self.whole.stored and key not in self.whole.changed

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        key = form.instance._meta.pk.name
        form.fields[key] = KeyField(self.keys, initial=form.fields[key].initial)
        # A stored row that was not changed is not validated: it may be older than a rule.
        form.empty_permitted = form.empty_permitted or self.is_unchanged(form)
        for field in form.fields.values():
            if field.label and not field.widget.use_fieldset:
                field.widget.attrs.setdefault("aria-label", field.label)

    def clean(self) -> None:
        forms = {form.instance.pk: form for form in self.forms}
        rows = [row for row in self.remaining_rows() if row.pk not in forms or forms[row.pk].is_valid()]
        changed = {pk for pk, form in forms.items() if form.has_changed() or not self.is_unchanged(form)}
        for fault in conflicts_among(rows, changed):
            forms[fault.row.pk].add_error(fault.name, fault.message)
        super().clean()

    def validate_unique(self) -> None:
        """Do nothing: `clean` reports the same beside the field, where Django does above all rows."""

    def remaining_rows(self) -> list[Part]:
        """Return the rows that will exist once this is saved; those without a position go to the end.

        A row that no form names stays: only what may be deleted, and is marked so, is deleted.
        """
        deleted = {form.instance.pk for form in self.forms if self.can_delete and is_deleted(form)}
        changed = {form.instance.pk: form.instance for form in self.initial_forms if form.has_changed()}
        new = [form.instance for form in self.extra_forms if form.has_changed()]
        rows = [changed.get(row.pk, row) for row in self.rows_at_start] + new
        rows = [row for row in rows if row.pk not in deleted]
        number_new_rows(rows)
        if rows:
            rows[0].settle(rows)
        return rows


def is_deleted(form: Any) -> bool:
    return bool(getattr(form, "cleaned_data", {}).get(DELETION_FIELD_NAME))


class Rows(StaffForm, InlineModelAdmin):
    extra = 0
    max_num = MOST_ROWS
    view_on_site = False
    formset = RowsFormSet


class PlaceField(forms.IntegerField):
    """The position that the form's script gives a row, in a hidden field.

    An invalid number counts as empty: the row goes to the end. A number alone does not make an empty row a new one.
    """

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValidationError:
            return None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return initial is not None and super().has_changed(initial, data)


class OrderedRows(Rows):
    template = "admin/ordered_rows.html"

    class Media:
        css = {"all": ["css/order.css"]}
        js = ORDER_SCRIPTS

    def formfield_for_dbfield(self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "position":
            kwargs |= {"form_class": PlaceField, "max_value": HIGHEST}
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == next(iter(self.fields or ()), None):
            field.widget.attrs["data-lines"] = ""  # several lines in it may become rows
        return field
