"""What is wrong in a form of the admin: a summary at its top that leads to each field, and the fields that name it.

It is made from the errors of the form and of its rows, on whatever page: `templates/admin/base_site.html` shows it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django import template
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm, BoundField
from django.forms.renderers import DjangoTemplates
from django.utils.text import capfirst

from publishing.staff.forms import is_deleted

register = template.Library()


class Problem(NamedTuple):
    where: str  # the row and the field in words, empty for all of a form
    message: str
    target: str  # the id of what it is about, empty where there is none


@register.inclusion_tag("admin/error_summary.html", takes_context=True)
def error_summary(context: Mapping[str, Any]) -> dict[str, Any]:
    adminform = context.get("adminform")
    form = adminform.form if adminform else context.get("form")
    found = list(problems_of(form)) if isinstance(form, BaseForm) else []
    for inline in context.get("inline_admin_formsets") or ():
        found += problems_of_rows(inline.formset, inline.opts)
    return {"problems": found}


def problems_of(form: BaseForm, row: str = "", row_id: str = "") -> Iterator[Problem]:
    """Yield the problems of a form in the order of its fields; of a row's form with the row's name and id."""
    names = [NON_FIELD_ERRORS, *form.fields]
    for name in sorted(form.errors, key=names.index):
        where, target = row, row_id
        if name in form.fields:
            field = form[name]
            if not field.is_hidden:
                target = target_of(field)
                where = f"{row}, {field.label}" if row else str(field.label)
        yield from (Problem(capfirst(where), str(message), target) for message in form.errors[name])


def target_of(field: BoundField) -> str:
    # Of a group of fields, the first one can have the focus.
    return f"{field.auto_id}_0" if field.use_fieldset else str(field.auto_id)


def problems_of_rows(formset: Any, opts: Any) -> Iterator[Problem]:
    for message in formset.non_form_errors():
        yield Problem(capfirst(opts.verbose_name_plural), str(message), f"{formset.prefix}-group")
    kept = [form for form in formset.forms if not is_deleted(form)]
    for number, form in enumerate(sorted(kept, key=place_in_form), 1):
        yield from problems_of(form, f"{capfirst(opts.verbose_name)} {number}", str(form.prefix))


def place_in_form(form: BaseForm) -> tuple[bool, int]:
    """Return what sorts rows as the form shows them: by position, those without one at the end."""
    typed = str(form["position"].value()) if "position" in form.fields else ""
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 19
    return (False, int(typed)) if is_number else (True, 0)


@register.filter
def has_problems(formset: Any) -> bool:
    forms: Iterable[BaseForm] = formset.forms
    return any(form.errors for form in forms) or bool(formset.non_form_errors())


class DescribedField(BoundField):
    """A field of several ones, such as a date with its time, whose error is named by each.

    Django has its fieldset name it, and the admin shows none.
    """

    def build_widget_attrs(self, attrs: Any, widget: Any = None) -> Any:
        built = super().build_widget_attrs(attrs, widget)
        if self.use_fieldset and self.errors and self.auto_id:
            built.setdefault("aria-describedby", f"{self.auto_id}_error")
        return built


class Renderer(DjangoTemplates):
    bound_field_class = DescribedField
