"""What models declare: `is_content`, that pages are made of them; `moments`, the date-times at which those change."""

from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db.models import Min, Model, QuerySet, Value
from django.utils.dateparse import parse_datetime

from pagecache.queries import NOW, PreparedRows


def content_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if getattr(model, "is_content", False)]


def moments_of(model: type[Model]) -> list[str]:
    declared = [vars(ancestor).get("moments", ()) for ancestor in reversed(model.__mro__)]
    return list(dict.fromkeys(name for names in declared for name in names))


def next_change(now: datetime) -> datetime | None:
    """Return the nearest moment after `now` of all content, or None where there is none; one query."""
    return min((aware(moment) for (moment,) in nearest_moments(now=now) if moment), default=None)


@PreparedRows
def nearest_moments() -> "QuerySet[Any, Any]":
    first, *others = [
        model._base_manager.order_by()
        .filter(**{f"{name}__gt": NOW})
        .values(nothing=Value(1))
        .annotate(moment=Min(name))
        .values_list("moment")
        for model in apps.get_models()
        for name in moments_of(model)
    ]
    union: QuerySet[Any, Any] = first.union(*others, all=True)
    return union


def aware(moment: datetime | str) -> datetime:
    """Return what the database's driver has read as a datetime: with SQLite it is the text of one in UTC."""
    if isinstance(moment, datetime):
        return moment
    parsed = parse_datetime(moment)
    if parsed is None:
        raise ValueError(f"Not a date and time: {moment}")
    return parsed.replace(tzinfo=UTC)
