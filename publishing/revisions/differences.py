"""Describe for staff how two snapshots differ, and where a merge conflicts."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from django.db import models
from django.utils import timezone
from django.utils.dateformat import time_format
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.formats import date_format
from django.utils.text import capfirst

from publishing.models import Stored, title_of
from publishing.revisions.merge import Conflict
from publishing.revisions.snapshot import Fields, Json, Rows, Snapshot, field_of, model_of, part_models

MOST_PAIRS = 10_000  # of equal words in two texts: with more, which are long or repeat themselves, none is marked
LEAST_ALIKE = 0.4  # ratio; in texts that have less in common no difference is marked
EMPTY = "(empty)"
PARSERS: dict[type, Callable[[str], datetime | date | time | None]] = {
    models.DateTimeField: parse_datetime,
    models.DateField: parse_date,
    models.TimeField: parse_time,
}
Marked = list[tuple[str, bool]]


class Change(NamedTuple):
    """One difference: in which row, in which field (empty: the whole row), and the text before and after.

    `before` or `after` is None where the row did not exist.
    """

    where: str
    field: str
    before: str | None
    after: str | None

    @property
    def marked(self) -> list[Marked] | None:
        """Return both sides as lists of (piece, whether it differs); None if they have little in common."""
        if self.before is None or self.after is None:
            return None
        before, after = (re.findall(r"\S+\s*|\s+", text) for text in (self.before, self.after))
        start = common_start(before, after)
        end = common_start(before[start:][::-1], after[start:][::-1])
        middles = [words[start : len(words) - end] for words in (before, after)]
        counts, others = map(Counter, middles)
        if sum(count * others[word] for word, count in counts.items()) > MOST_PAIRS:
            return None
        codes = SequenceMatcher(None, middles[0], middles[1], autojunk=False).get_opcodes()
        alike = start + end + sum(i2 - i1 for tag, i1, i2, _, _ in codes if tag == "equal")
        if 2 * alike < LEAST_ALIKE * (len(before) + len(after)):
            return None
        head, tail = "".join(before[:start]), "".join(before[len(before) - end :])
        spans = [(tag != "equal", (i1, j1), (i2, j2)) for tag, i1, i2, j1, j2 in codes]
        return [
            [(head, False)]
            + [("".join(words[first[side] : last[side]]), is_marked) for is_marked, first, last in spans]
            + [(tail, False)]
            for side, words in enumerate(middles)
        ]


def common_start(words: list[str], others: list[str]) -> int:
    pairs = enumerate(zip(words, others, strict=False))
    return next((at for at, (word, other) in pairs if word != other), min(len(words), len(others)))


class ConflictInWords(NamedTuple):
    where: str
    base: str | None
    theirs: str | None
    mine: str | None


def diff(before: Snapshot | None, after: Snapshot) -> list[Change]:
    """Return the differences between two snapshots of one object; `before` is None for a new one."""
    old_rows, new_rows = before["rows"] if before else {}, after["rows"]
    changes = []
    for key in {**old_rows, **new_rows}:
        old, new = old_rows.get(key), new_rows.get(key)
        if old == new:
            continue
        if old is not None and new is not None:
            changes += row_changes(after, key, old, new)
            continue
        where = row_name(after, key, new or old or {})
        changes.append(Change(where, "", *(None if row is None else title_of(row) for row in (old, new))))
    return changes + moves(old_rows, new_rows, model_of(after))


def row_changes(snapshot: Snapshot, key: str, old: Fields, new: Fields) -> list[Change]:
    model = row_model(snapshot, key)
    changes = [
        Change(row_name(snapshot, key, new), field_name(model, name), *values_in_words(model, name, old, new))
        for name in {**old, **new}
        if old.get(name) != new.get(name) and name != "position" and is_typed(model, name)
    ]
    if key.startswith("/") and old.get("position") != new.get("position"):
        changes.append(Change("", "Place in its list", "elsewhere", "moved"))
    return changes


def moves(before: Rows, after: Rows, model: type[Stored]) -> list[Change]:
    changes = []
    for name, part in part_models(model).items():
        common = [key for key in before if key in after and key.startswith(f"{name}/")]
        orders = [in_order(common, rows) for rows in (before, after)]
        if orders[0] != orders[1]:
            old, new = ("\n".join(title_of(after[key]) for key in order) for order in orders)
            changes.append(Change("", f"Order of {part._meta.verbose_name_plural}", old, new))
    return changes


def in_order(keys: Iterable[str], rows: Rows) -> list[str]:
    return sorted(keys, key=lambda key: (rows[key].get("position") or 0, key))


def conflicts_in_words(snapshot: Snapshot, conflicts: Iterable[Conflict]) -> list[ConflictInWords]:
    return [conflict_in_words(snapshot, conflict) for conflict in conflicts]


def conflict_in_words(snapshot: Snapshot, conflict: Conflict) -> ConflictInWords:
    fields = snapshot["rows"].get(conflict.key) or row_of(conflict.mine) or row_of(conflict.theirs)
    where, sides = row_name(snapshot, conflict.key, fields), (conflict.base, conflict.theirs, conflict.mine)
    if not conflict.field:
        return ConflictInWords(where, *(None if side is None else title_of(row_of(side)) for side in sides))
    model = row_model(snapshot, conflict.key)
    words = values_in_words(model, conflict.field, *({conflict.field: side} for side in sides))
    return ConflictInWords(f"{where} {field_name(model, conflict.field)}".strip(), *words)


def is_typed(model: type[Stored], name: str) -> bool:
    field = field_of(model, name)
    return field is None or field.editable


def row_of(side: Json) -> Fields:
    return side if isinstance(side, dict) else {}


def row_model(snapshot: Snapshot, key: str) -> type[Stored]:
    part = key.split("/", maxsplit=1)[0]
    return part_models(model_of(snapshot)).get(part, model_of(snapshot))


def row_name(snapshot: Snapshot, key: str, fields: Fields) -> str:
    if key.startswith("/"):
        return ""
    return f"{capfirst(row_model(snapshot, key)._meta.verbose_name)} “{title_of(fields)}”"


def field_name(model: type[Stored], name: str) -> str:
    field = field_of(model, name)
    return capfirst(str(field.verbose_name if field else name.replace("_", " ")))


def values_in_words(model: type[Stored], name: str, *rows: Fields) -> list[str]:
    field = field_of(model, name)
    return [value_in_words(field, row.get(name)) for row in rows]


def value_in_words(field: "models.Field[Any, Any] | None", value: object) -> str:
    if value in (None, "", []):
        return EMPTY
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(field, models.ForeignKey):
        return str(field.related_model._base_manager.filter(pk=value).first() or "(deleted)")
    if field and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    parse = PARSERS.get(type(field))
    return moment_in_words(parse(str(value)), str(value)) if parse else str(value)


def moment_in_words(moment: datetime | date | time | None, otherwise: str) -> str:
    if isinstance(moment, datetime):
        return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    if isinstance(moment, date):
        return date_format(moment, "DATE_FORMAT")
    if moment is None or moment.second or moment.microsecond:
        return otherwise
    return time_format(moment, "P")
