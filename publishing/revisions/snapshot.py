"""Snapshots: an object (a service, a page, the clinic) with its parts as one JSON value.

    {"model": "services.service", "pk": "...", "rows": {"/<pk>": {...}, "benefits/<pk>": {...}, ...}}

A row's key is its part's name, empty for the object itself, and its primary key. Its fields are those of Django's
python serializer, without those that the database sets by itself (`auto_now`) and without the key to the whole.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypedDict
from uuid import UUID

from django.apps import apps
from django.core import serializers
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from publishing.models import Part, Stored, cleaned_value

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Fields = dict[str, Json]
Rows = dict[str, Fields]


class Snapshot(TypedDict):
    model: str
    pk: str
    rows: Rows


def part_models(model: type[Stored]) -> dict[str, type[Part]]:
    return {name: part_model(model, name) for name in model.parts}


def part_model(model: type[Stored], name: str) -> type[Part]:
    part = model._meta.get_field(name).related_model
    if not (isinstance(part, type) and issubclass(part, Part)):
        raise TypeError(f"{model.__name__}.{name} is no relation from a Part.")
    return part


def field_of(model: type[Stored], name: str) -> "models.Field[Any, Any] | None":
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None


def is_same(model: type[Stored] | None, name: str, one: Json, other: Json) -> bool:
    """Return whether two values of a field are one; of a model that is unknown they are compared as they are."""
    field = field_of(model, name) if one != other and model else None
    return cleaned_value(field, one) == cleaned_value(field, other) if field else one == other


def fields_of(rows: Sequence[Stored], leave_out: str = "") -> list[Fields]:
    """Return the fields of each of these rows of one model."""
    if not rows:
        return []
    stored = (field for field in rows[0]._meta.fields if not getattr(field, "auto_now", False))
    names = {field.name for field in stored if field.name != leave_out}
    serialized = [one["fields"] for one in serializers.serialize("python", rows, fields=names)]
    fields: list[Fields] = json.loads(json.dumps(serialized, default=text_of))
    return fields


def text_of(value: object) -> str:
    # Not DjangoJSONEncoder: that one cuts microseconds.
    return str(value.astimezone(UTC) if isinstance(value, datetime) else value)


def snapshot_of(obj: Stored, parts: Mapping[str, Iterable[Part]]) -> Snapshot:
    rows = {f"/{obj.pk}": fields_of([obj])[0]}
    for name, members in parts.items():
        ordered = sorted(members, key=lambda row: str(row.pk))
        keys = [f"{name}/{row.pk}" for row in ordered]
        rows |= zip(keys, fields_of(ordered, part_model(type(obj), name).whole), strict=True)
    return {"model": obj._meta.label_lower, "pk": str(obj.pk), "rows": rows}


def take(obj: Stored) -> Snapshot:
    model = type(obj)
    parts = part_models(model).items()
    return snapshot_of(
        model._base_manager.get(pk=obj.pk),
        {name: part._base_manager.filter(**{part.whole: obj.pk}) for name, part in parts},
    )


def model_of(snapshot: Snapshot) -> type[Stored]:
    model = apps.get_model(snapshot["model"])
    if not issubclass(model, Stored):
        raise TypeError(f"{snapshot['model']} is no stored content.")
    return model


def stored_object(snapshot: Snapshot) -> Stored:
    return model_of(snapshot)._base_manager.get(pk=snapshot["pk"])


def own_fields(snapshot: Snapshot) -> Fields:
    return snapshot["rows"][f"/{snapshot['pk']}"]


def with_own_fields(snapshot: Snapshot, fields: Fields) -> Snapshot:
    rows = snapshot["rows"] | {f"/{snapshot['pk']}": own_fields(snapshot) | fields}
    return {"model": snapshot["model"], "pk": snapshot["pk"], "rows": rows}


def is_public(snapshot: Snapshot) -> bool:
    """Return whether patients see this state, now or from a set time on."""
    return own_fields(snapshot).get("publish_at", "always") is not None


def whole_key(snapshot: Snapshot) -> str | None:
    model = model_of(snapshot)
    key = own_fields(snapshot)[model.whole] if issubclass(model, Part) else None
    return str(key) if key else None


def locked(model: type[Stored], pk: UUID | str, new_whole: str | None = None) -> Stored | None:
    """Lock the object until the transaction's end and return it; other rows may go on to refer to it.

    A part's whole, and the one that it is about to move to, are locked before the part and in the order of their keys,
    as everywhere, so that no two transactions wait for each other.
    """
    if issubclass(model, Part):
        wholes = {str(key) for key in model._base_manager.filter(pk=pk).values_list(model.whole, flat=True) if key}
        for key in sorted(wholes | ({new_whole} if new_whole else set())):
            locked(model.whole_model(), key)
    return model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()
