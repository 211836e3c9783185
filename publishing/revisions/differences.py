"""What differs between snapshots, in words for people."""

import re
from difflib import SequenceMatcher
from functools import partial
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.formats import date_format
from django.utils.text import capfirst

from publishing.models import title_of
from publishing.revisions.snapshot import model_of, part_models

MARKED = 2000  # words; in longer texts no difference is sought
ALIKE = 0.4  # texts that have less in common are shown whole
EMPTY = "(empty)"
MOMENTS: Any = {models.DateTimeField: parse_datetime, models.DateField: parse_date, models.TimeField: parse_time}


class Change(NamedTuple):
    """One difference: where, which field (empty: the whole row), and its text before and after.

    `then` or `now` is None where the row was not there.
    """

    where: str
    field: str
    then: Any
    now: Any

    @property
    def marked(self):
        """The two sides, each as (piece, whether the other side lacks it); None where too little is alike."""
        if self.then is None or self.now is None:
            return None
        sides = [re.findall(r"\S+\s*|\s+", text) for text in (self.then, self.now)]
        if max(map(len, sides)) > MARKED:
            return None
        matcher = SequenceMatcher(None, *sides, autojunk=False)
        if matcher.ratio() < ALIKE:
            return None
        codes = matcher.get_opcodes()
        return [
            [("".join(side[code[at] : code[at + 1]]), code[0] != "equal") for code in codes]
            for side, at in zip(sides, (1, 3), strict=True)
        ]


def diff(then, now):
    """The differences between two snapshots; `then` may be None."""
    before, after = then["rows"] if then else {}, now["rows"]
    changes = []
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            changes.append(Change(row_name(now, key, new or old), "", old and title_of(old), new and title_of(new)))
            continue
        model = row_model(now, key)
        changes += [
            Change(row_name(now, key, new), field_name(model, name), *in_words(model, name, old, new))
            for name in {**old, **new}
            if old.get(name) != new.get(name) and name != "position"
        ]
        if key.startswith("/") and old.get("position") != new.get("position"):
            changes.append(Change("", "Place in its list", "elsewhere", "moved"))
    return changes + moves(before, after, model_of(now))


def moves(before, after, model):
    """One change for each part whose rows stand in another order."""
    changes = []
    for part, (part_model, _) in part_models(model).items():
        kept = [key for key in before if key in after and key.startswith(f"{part}/")]
        sides = [sorted(kept, key=partial(place, rows)) for rows in (before, after)]
        if sides[0] != sides[1]:
            then, now = ("\n".join(str(title_of(after[key])) for key in side) for side in sides)
            changes.append(Change("", f"Order of {part_model._meta.verbose_name_plural}", then, now))
    return changes


def place(rows, key):
    """What a row of a snapshot is ordered by."""
    return rows[key].get("position") or 0, key


def told(snapshot, conflicts):
    """The conflicts for people, as (where, base, theirs, mine): texts, or None where the row is not there."""
    rows = []
    for conflict in conflicts:
        fields = snapshot["rows"].get(conflict.key) or conflict.mine or conflict.theirs
        where, sides = row_name(snapshot, conflict.key, fields), (conflict.base, conflict.theirs, conflict.mine)
        if conflict.field:
            model = row_model(snapshot, conflict.key)
            where = f"{where} {field_name(model, conflict.field)}".strip()
            rows.append((where, *in_words(model, conflict.field, *({conflict.field: side} for side in sides))))
        else:
            rows.append((where, *(side and title_of(side) for side in sides)))
    return rows


def row_model(snapshot, key):
    part = key.split("/")[0]
    return part_models(model_of(snapshot))[part][0] if part else model_of(snapshot)


def row_name(snapshot, key, fields):
    """The row in words, as "Question “Is it safe?”"; empty for the whole itself."""
    if key.startswith("/"):
        return ""
    return f"{capfirst(row_model(snapshot, key)._meta.verbose_name)} “{title_of(fields)}”"


def field_of(model, name):
    """The field of this name, or None for one that there was once."""
    return next((field for field in model._meta.get_fields() if field.concrete and field.name == name), None)


def field_name(model, name):
    return capfirst(str(getattr(field_of(model, name), "verbose_name", name.replace("_", " "))))


def in_words(model, name, *rows):
    """The field's value in each of the rows, as people know it."""
    field = field_of(model, name)
    return [value_in_words(field, row.get(name)) for row in rows]


def value_in_words(field, value):
    if value in (None, "", []):
        return EMPTY
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if getattr(field, "many_to_one", False):
        return str(field.related_model._base_manager.filter(pk=value).first() or "(deleted)")
    if getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(value, value))
    parse = MOMENTS.get(type(field))
    return moment_in_words(parse(value)) if parse and isinstance(value, str) else str(value)


def moment_in_words(moment):
    """A date, a time or both as the staff's forms and lists write them."""
    if hasattr(moment, "tzinfo") and hasattr(moment, "date"):
        return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return date_format(moment, "DATE_FORMAT") if hasattr(moment, "year") else f"{moment:%H:%M}"
