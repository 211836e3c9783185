"""Form fields of the admin: texts that are cleaned and never cut, dates and times as Americans type them."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime, BaseAdminDateWidget, BaseAdminTimeWidget
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.dateformat import time_format

from publishing.models import LONGEST_TEXT, cleaner_of, too_long
from publishing.phones import PhoneField, PhoneTyped
from publishing.text import in_one_line
from publishing.typed import date_of, plausible_year, time_of


class Cleaned(forms.CharField):
    """A text that is cleaned before anything else, so that what is not seen is neither counted nor a value."""

    clean_text: Callable[[str], str] = staticmethod(in_one_line)

    def to_python(self, value: Any) -> str:
        return super().to_python(self.clean_text(str(value)) if value else value) or ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.clean_text(str(initial or "")), data)


class CleanedSlug(Cleaned, forms.SlugField):
    pass


class CleanedMail(Cleaned, forms.EmailField):
    pass


class CleanedAddress(Cleaned, forms.URLField):
    pass


class DateTyped(forms.DateField):
    def to_python(self, value: Any) -> date | None:
        text = in_one_line(value) if isinstance(value, str) else value
        return date_of(text) if isinstance(text, str) and text else super().to_python(text)


class TimeTyped(forms.TimeField):
    def to_python(self, value: Any) -> time | None:
        text = in_one_line(value) if isinstance(value, str) else value
        return time_of(text) if isinstance(text, str) and text else super().to_python(text)


class MomentTyped(forms.SplitDateTimeField):
    """A day and a time in two inputs. Its own fields take the place of those that Django makes."""

    default_error_messages = {
        "invalid_date": "Give the day as well, like 12/25/2026.",
        "invalid_time": "Give the time as well, like 5 p.m.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields = (DateTyped(required=False), TimeTyped(required=False))
        for field in self.fields:
            field.disabled = self.disabled


class WithSeconds(forms.TimeInput):
    """Shows the seconds of a time that has some: they would be lost as the form is saved."""

    supports_microseconds = True

    def format_value(self, value: Any) -> Any:
        if isinstance(value, time) and (value.second or value.microsecond):
            return value.isoformat()
        return super().format_value(value)


class TimeInput(WithSeconds):
    """Shows a time as the site does."""

    def format_value(self, value: Any) -> Any:
        text = super().format_value(value)
        return time_format(value, "P") if isinstance(value, time) and len(text) == len("17:30") else text


class ClockInput(WithSeconds, BaseAdminTimeWidget):
    pass


class MomentInput(AdminSplitDateTime):
    supports_microseconds = True

    def __init__(self, attrs: Any = None) -> None:
        forms.MultiWidget.__init__(self, [BaseAdminDateWidget, ClockInput], attrs)


KINDS: dict[type, type[forms.Field]] = {
    models.CharField: Cleaned,
    models.TextField: Cleaned,
    models.SlugField: CleanedSlug,
    models.EmailField: CleanedMail,
    models.URLField: CleanedAddress,
    PhoneField: PhoneTyped,
    models.DateField: DateTyped,
    models.TimeField: TimeTyped,
    models.DateTimeField: MomentTyped,
}


def kind_of(db_field: "models.Field[Any, Any]") -> dict[str, Any]:
    """Return the keywords that have the field of a model's form made of our kind, where there is one."""
    kind = KINDS.get(type(db_field))
    if not kind or db_field.choices:
        return {}
    return {"form_class": kind} | ({"widget": MomentInput} if kind is MomentTyped else {})


class Fits(MaxLengthValidator):
    def __call__(self, value: Any) -> None:
        if fault := too_long(str(value), int(self.limit_value)):
            raise ValidationError(fault, code=self.code)


def count_and_never_cut(field: forms.Field, db_field: "models.Field[Any, Any]") -> None:
    """Take away the attribute by which browsers cut what is typed and pasted; have it counted instead."""
    if not isinstance(field, forms.CharField):
        return
    longest = field.max_length or (LONGEST_TEXT if type(db_field) is models.TextField else None)
    field.widget.attrs.pop("maxlength", None)
    field.validators = [Fits(one.limit_value) if type(one) is MaxLengthValidator else one for one in field.validators]
    if longest:
        field.widget.attrs["data-longest"] = str(longest)
    if isinstance(field, Cleaned):
        field.clean_text = cleaner_of(db_field)


def plausible(moment: datetime) -> None:
    """Raise ValidationError for a year that some database cannot hold in every time zone."""
    plausible_year(moment.year)
