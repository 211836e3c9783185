"""System checks: faults that would only show as pages that are never made anew."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as CheckWarning
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, Model

from pagecache.content import moments_of
from pagecache.triggers import missing_triggers

DECLARATIONS = ("is_content", "moments")


def check_triggers(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of missing triggers; an error would stop the migration that creates them."""
    missing = {using: missing_triggers(using) for using in databases or ()}
    message = "Changes of content in “{}” go unnoticed: {} triggers are missing."
    hint = "Run `python manage.py migrate`."
    return [
        CheckWarning(message.format(using, len(names)), hint=hint, id="pagecache.W001")
        for using, names in missing.items()
        if names
    ]


def check_declarations(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    return [
        error for app in app_configs or apps.get_app_configs() for model in app.get_models() for error in faults(model)
    ]


def faults(model: type[Model]) -> Iterable[CheckMessage]:
    moments = getattr(model, "moments", ())
    is_content = getattr(model, "is_content", False)
    if not isinstance(moments, tuple):
        yield Error("`moments` must be a tuple of names.", obj=model, id="pagecache.E001")
        return
    for name in moments_of(model):
        if not is_date_time(model, name):
            yield Error(f"`moments` names “{name}”, which is no DateTimeField.", obj=model, id="pagecache.E002")
    if not isinstance(is_content, bool):
        yield Error("`is_content` must be True or False.", obj=model, id="pagecache.E003")
    elif moments and not is_content:
        yield Error("A model with `moments` must have `is_content = True`.", obj=model, id="pagecache.E004")
    for name, meant in misspelled(model):
        yield Error(f"`{name}` is taken for nothing. Is `{meant}` meant?", obj=model, id="pagecache.E005")


def is_date_time(model: type[Model], name: str) -> bool:
    try:
        return isinstance(model._meta.get_field(name), DateTimeField)
    except FieldDoesNotExist:
        return False


def misspelled(model: type[Model]) -> Iterable[tuple[str, str]]:
    for name in {name for ancestor in model.__mro__ for name, value in vars(ancestor).items() if is_plain(value)}:
        if name not in DECLARATIONS:
            for meant in get_close_matches(name, DECLARATIONS, cutoff=0.85):
                yield name, meant


def is_plain(value: object) -> bool:
    return isinstance(value, bool | str | tuple | list)
