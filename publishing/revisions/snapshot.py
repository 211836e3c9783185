"""A whole (a service, a page, the clinic) with its parts as one JSON value, and back into the database.

    {"model": "services.service", "pk": "...", "rows": {"/<pk>": {...}, "benefits/<pk>": {...}, ...}}

A row's key is its part's name, empty for the whole itself, and its primary key. Its fields are those of Django's
python serializer, without those that the database sets by itself (`auto_now`).
"""

import json
from contextlib import contextmanager

from django.apps import apps
from django.core import serializers
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.text import capfirst

KEPT_FROM_KEY = 6  # characters that make a taken address free again


def part_models(model):
    """{name of a part: (its model, the name of its foreign key to the whole)}."""
    relations = {name: model._meta.get_field(name) for name in model.parts}
    return {name: (relation.related_model, relation.field.name) for name, relation in relations.items()}


def stored_fields(model):
    """The fields that a snapshot holds."""
    return [
        field for field in (*model._meta.fields, *model._meta.many_to_many) if not getattr(field, "auto_now", False)
    ]


def row_of(obj, leave_out=""):
    names = [field.name for field in stored_fields(type(obj)) if field.name != leave_out]
    fields = serializers.serialize("python", [obj], fields=names)[0]["fields"]
    return {name: sorted(map(str, value)) if is_many(type(obj), name) else value for name, value in fields.items()}


def is_many(model, name):
    return model._meta.get_field(name).many_to_many


def take(obj):
    """The snapshot of the object and its parts, as the database has them."""
    model = type(obj)
    rows = {f"/{obj.pk}": row_of(model._base_manager.get(pk=obj.pk))}
    for part, (part_model, whole) in part_models(model).items():
        for row in part_model._base_manager.filter(**{whole: obj.pk}).order_by("pk"):
            rows[f"{part}/{row.pk}"] = row_of(row, leave_out=whole)
    # str, not DjangoJSONEncoder: that one cuts microseconds.
    return json.loads(json.dumps({"model": model._meta.label_lower, "pk": obj.pk, "rows": rows}, default=str))


def model_of(snapshot):
    return apps.get_model(snapshot["model"])


def live_object(snapshot):
    """The object that the snapshot is of, as it is now, or None."""
    return model_of(snapshot)._base_manager.filter(pk=snapshot["pk"]).first()


def is_public(snapshot):
    """Whether this is a state that patients see, now or from a set time on."""
    return snapshot["rows"][f"/{snapshot['pk']}"].get("publish_at", "always") is not None


def in_place_of(live, wanted):
    """The wanted snapshot, at the place in its list that the live one has."""
    key = f"/{wanted['pk']}"
    place = {name: value for name, value in live["rows"][key].items() if name == "position"}
    return wanted | {"rows": wanted["rows"] | {key: wanted["rows"][key] | place}}


def locked(model, pk):
    """The object, or None; until the transaction's end nobody else changes it, though others may point to it.

    A part's whole is locked before the part, as everywhere: two could otherwise wait for each other.
    """
    whole = whole_of(model, pk)
    if whole:
        locked(type(whole), whole.pk)
    return model._base_manager.select_for_update(no_key=True).filter(pk=pk).first()


def whole_of(model, pk):
    """What the object with this key is a part of, or None; it may be deleted at this moment."""
    if not hasattr(model, "whole"):
        return None
    key = model._base_manager.filter(pk=pk).values_list(model.whole, flat=True).first()
    return model._meta.get_field(model.whole).related_model._base_manager.filter(pk=key).first()


def load(snapshot, is_strict=True):
    """Make the database equal to the snapshot, inside a transaction; the notes of what had to be bent to fit.

    Strict: saves as a form would, and raises ValidationError where a row is not valid. Otherwise it is for showing
    alone: rows are saved raw, and what does not fit any more (a taken address, a deleted picture) is bent.
    """
    model = model_of(snapshot)
    live = locked(model, snapshot["pk"])
    now = take(live)["rows"] if live else {}
    # A field that is younger than the snapshot stays as it is.
    wanted = {key: now.get(key, {}) | fields for key, fields in snapshot["rows"].items()}
    moved = moved_away(model, now, wanted)
    notes = [f"{name} belongs elsewhere now and stays there." for name in moved.values()]
    if is_strict:
        wanted = {key: fields for key, fields in wanted.items() if key not in moved}
    changed = {key: fields for key, fields in wanted.items() if now.get(key) != fields}
    remaining = clear(model, now, wanted, changed) | set(moved)
    for key in sorted(changed):  # "/..." sorts first: the whole before its parts
        notes += put(snapshot, key, changed[key], key not in remaining, is_strict)
    return notes


def moved_away(model, now, wanted):
    """{key: name} of the wanted rows that are parts of another whole by now."""
    found = {}
    for part, (part_model, _) in part_models(model).items():
        new = [key.split("/")[1] for key in wanted if key.startswith(f"{part}/") and key not in now]
        for row in part_model._base_manager.filter(pk__in=new):
            found[f"{part}/{row.pk}"] = f"{capfirst(part_model._meta.verbose_name)} “{row}”"
    return found


def clear(model, now, wanted, changed):
    """Delete the parts that are not wanted, and those that change where values must be unique; the keys that stay."""
    remaining = set(now)
    for part, (part_model, _) in part_models(model).items():
        own = {key for key in now if key.startswith(f"{part}/")}
        # Two rows may swap values that no two may share: both go before they come again.
        gone = own - set(wanted) | (own & set(changed) if has_unique(part_model) else set())
        part_model._base_manager.filter(pk__in=[key.split("/")[1] for key in gone]).delete()
        remaining -= gone
    return remaining


def has_unique(model):
    constraints = any(isinstance(constraint, models.UniqueConstraint) for constraint in model._meta.constraints)
    return constraints or any(field.unique and not field.primary_key for field in model._meta.fields)


def put(snapshot, key, fields, is_new, is_strict):
    """Save one row; the notes of what was bent."""
    part, pk = key.split("/")
    model, whole = part_models(model_of(snapshot))[part] if part else (model_of(snapshot), "")
    entry = {"model": model._meta.label_lower, "pk": pk, "fields": fields | ({whole: snapshot["pk"]} if part else {})}
    (row,) = serializers.deserialize("python", [entry], ignorenonexistent=True)
    row.object._state.adding = is_new
    notes: list[str] = []
    try:
        row.object.full_clean()
    except ValidationError as error:
        notes = in_sentences(row.object, error)
        if is_strict:
            raise ValidationError(notes) from error
        bend(row.object, error)
    if is_strict:
        row.object.save()
        return notes
    for field in model._meta.fields:
        if getattr(field, "auto_now", False):
            field.pre_save(row.object, True)  # a raw save would leave it empty
    row.save()
    return notes


def in_sentences(obj, error):
    """What is wrong with an object, for people."""
    names = {field.name: capfirst(field.verbose_name) for field in obj._meta.fields}
    return [
        f"{names[name]}: {message}" if name in names else f"{capfirst(obj._meta.verbose_name)} “{obj}”: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    ]


def bend(obj, error):
    """Change what another object has taken or lost meanwhile, so that a draft can be opened nevertheless."""
    for field in obj._meta.concrete_fields:
        value = field.value_from_object(obj)
        if field.many_to_one and field.null and value is not None:
            if not field.related_model._base_manager.filter(pk=value).exists():
                setattr(obj, field.attname, None)
        elif field.unique and field.name in error.error_dict and isinstance(field, models.CharField):
            tail = f"-{str(obj.pk)[:KEPT_FROM_KEY]}"
            setattr(obj, field.attname, f"{value[: field.max_length - len(tail)]}{tail}")


class Undo(Exception):
    """Ends `as_if`: what was done inside is taken back."""


@contextmanager
def as_if(snapshot=None, is_strict=False):
    """Inside, the database is as the snapshot says; afterwards it is as before. Render lazy answers inside.

    Gives the notes of `load`.
    """
    try:
        with transaction.atomic():
            yield load(snapshot, is_strict) if snapshot else []
            raise Undo
    except Undo:
        pass
