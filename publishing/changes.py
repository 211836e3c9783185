"""Three snapshots made one: what two people changed since the version that both began with."""

from typing import Any, NamedTuple

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


def title_of(fields):
    """What people know a row by: the first of its naming fields that holds text."""
    return next((fields[name] for name in NAMING if fields.get(name)), "")
