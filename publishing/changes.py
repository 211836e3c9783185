"""What differs between snapshots, and three of them made one."""

from typing import Any, NamedTuple

from django.utils.text import capfirst

from publishing.snapshot import model_of, part_models

NAMING = ("title", "name", "question", "other", "text", "quote", "date", "opens")
QUIET = ("position",)  # both may reorder: the later order counts, and nobody need decide


class Clash(NamedTuple):
    """A field, or a whole row where the field is empty, that both sides changed since `base`."""

    key: str
    field: str
    base: Any
    theirs: Any
    mine: Any


def merge(base, theirs, mine):
    """(the snapshot with both sides' changes, the clashes); where both changed the same, mine stays."""
    if theirs is None:
        return mine, []
    rows, clashes = {}, []
    for key in {**mine["rows"], **theirs["rows"]}:
        row, found = merge_row(key, *(side["rows"].get(key) for side in (base, theirs, mine)))
        clashes += found
        if row is not None:
            rows[key] = row
    return mine | {"rows": rows}, clashes


def merge_row(key, base, theirs, mine):
    """(the row, or None where it goes; its clashes)."""
    if mine is None:  # I deleted it, or they added it
        if base is None:
            return theirs, []
        return None, [] if theirs == base else [Clash(key, "", base, theirs, None)]
    if theirs is None:  # they deleted it, or I added it
        if base is None or mine != base:
            return mine, [] if base is None else [Clash(key, "", base, None, mine)]
        return None, []
    row, clashes = {}, []
    for name in {**theirs, **mine}:
        old, new = (base or {}).get(name), theirs.get(name)
        own = mine.get(name, new)
        row[name] = new if own == old else own
        if own not in (old, new) and new != old and name not in QUIET:
            clashes.append(Clash(key, name, old, new, own))
    return row, clashes


class Change(NamedTuple):
    """One difference for people: where, which field (empty: the whole row), and its text before and after.

    `then` or `now` is None where the row was not there.
    """

    where: str
    field: str
    then: Any
    now: Any


def diff(then, now):
    """The differences between two snapshots; `then` may be None."""
    before, after = then["rows"] if then else {}, now["rows"]
    changes = []
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            changes.append(Change(row_name(now, key, new or old), "", old and title_of(old), new and title_of(new)))
            continue
        changes += [
            Change(row_name(now, key, new), field_name(now, key, name), old.get(name), new.get(name))
            for name in {**old, **new}
            if old.get(name) != new.get(name)
        ]
    return changes


def row_model(snapshot, key):
    part = key.split("/")[0]
    return part_models(model_of(snapshot))[part][0] if part else model_of(snapshot)


def row_name(snapshot, key, fields):
    """The row in words, as "Question “Is it safe?”"; empty for the whole itself."""
    if key.startswith("/"):
        return ""
    return f"{capfirst(row_model(snapshot, key)._meta.verbose_name)} “{title_of(fields)}”"


def field_name(snapshot, key, name):
    names = {field.name: field.verbose_name for field in row_model(snapshot, key)._meta.get_fields() if field.concrete}
    return capfirst(str(names.get(name, name.replace("_", " "))))


def title_of(fields):
    """What people know a row by: the first of its naming fields that holds text."""
    return next((fields[name] for name in NAMING if fields.get(name)), "")
