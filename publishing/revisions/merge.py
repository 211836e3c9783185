"""Three snapshots made one: what two people changed since the version that both began with."""

from typing import Any, NamedTuple

from publishing.revisions.snapshot import in_place_of

QUIET = ("position",)  # both may reorder: the later order counts, and nobody need decide


class Conflict(NamedTuple):
    """A field, or a whole row where the field is empty, that both sides changed since `base`."""

    key: str
    field: str
    base: Any
    theirs: Any
    mine: Any


def merge(base, theirs, mine):
    """(the snapshot with both sides' changes, the conflicts); where both changed the same, mine stays."""
    if theirs is None:
        return mine, []
    rows, conflicts = {}, []
    for key in {**mine["rows"], **theirs["rows"]}:
        row, found = merge_row(key, *(side["rows"].get(key) for side in (base, theirs, mine)))
        conflicts += found
        if row is not None:
            rows[key] = row
    return mine | {"rows": rows}, conflicts


def merge_row(key, base, theirs, mine):
    """(the row, or None where it goes; its conflicts)."""
    if mine is None:  # I deleted it, or they added it
        if base is None:
            return theirs, []
        return None, [] if theirs == base else [Conflict(key, "", base, theirs, None)]
    if theirs is None:  # they deleted it, or I added it
        if base is None or mine != base:
            return mine, [] if base is None else [Conflict(key, "", base, None, mine)]
        return None, []
    row, conflicts = {}, []
    for name in {**theirs, **mine}:
        old, new = (base or {}).get(name), theirs.get(name)
        own = mine.get(name, new)
        row[name] = new if own == old else own
        if own not in (old, new) and new != old and name not in QUIET:
            conflicts.append(Conflict(key, name, old, new, own))
    return row, conflicts


def merge_with_live(revision, live):
    """(the snapshot that publishing the revision would make of the live one, its conflicts with that)."""
    if revision.applied_at and live:  # an old version is wanted as it was, but at the place in its list of today
        return in_place_of(live.data, revision.data), []
    if live is None or live.pk == revision.base_id:
        return revision.data, []
    return merge(revision.base.data if revision.base else live.data, live.data, revision.data)
