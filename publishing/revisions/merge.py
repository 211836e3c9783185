"""Three snapshots made one: what two people changed since the version that both began with."""

from typing import NamedTuple

from publishing.models import Revision
from publishing.revisions.snapshot import Fields, Json, Rows, Snapshot, own_fields, with_own_fields

MERGED_SILENTLY = ("position",)  # both may reorder: the later order counts, and nobody need decide


class Conflict(NamedTuple):
    """A field, or a whole row where the field is empty, that both sides changed since `base`; JSON values or rows."""

    key: str
    field: str
    base: Json
    theirs: Json
    mine: Json


def merge(base: Snapshot, theirs: Snapshot, mine: Snapshot) -> tuple[Snapshot, list[Conflict]]:
    """The snapshot with both sides' changes, and their conflicts; where both changed the same, mine stays."""
    rows: Rows = {}
    conflicts = []
    for key in {**mine["rows"], **theirs["rows"]}:
        row, found = merge_row(key, base["rows"].get(key), theirs["rows"].get(key), mine["rows"].get(key))
        conflicts += found
        if row is not None:
            rows[key] = row
    return {"model": mine["model"], "pk": mine["pk"], "rows": rows}, conflicts


def merge_row(
    key: str, base: Fields | None, theirs: Fields | None, mine: Fields | None
) -> tuple[Fields | None, list[Conflict]]:
    """The row, or None where it goes, and its conflicts."""
    if mine is None or theirs is None:
        return merge_deletion(key, base, theirs, mine)
    row, conflicts = {}, []
    for name in {**theirs, **mine}:
        old, new = (base or {}).get(name), theirs.get(name)
        own = mine.get(name, new)
        row[name] = new if own == old else own
        if own not in (old, new) and new != old and name not in MERGED_SILENTLY:
            conflicts.append(Conflict(key, name, old, new, own))
    return row, conflicts


def merge_deletion(
    key: str, base: Fields | None, theirs: Fields | None, mine: Fields | None
) -> tuple[Fields | None, list[Conflict]]:
    """As `merge_row`, for a row that only one side has: new there, or deleted on the other side."""
    left = theirs if mine is None else mine
    if base is None:
        return left, []
    if left == base:
        return None, []
    return mine, [Conflict(key, "", base, theirs, mine)]


def merge_with_live(revision: Revision, live: Snapshot | None) -> tuple[Snapshot, list[Conflict]]:
    """The snapshot that publishing the revision would make of the live one, and its conflicts with that.

    An older version is wanted as it was, but at the place in its list that the live one has.
    """
    data: Snapshot = revision.data
    if live is None:
        return data, []
    if revision.applied_at:
        return with_own_fields(data, {key: at for key, at in own_fields(live).items() if key == "position"}), []
    return merge(revision.base.data if revision.base else live, live, data)
