"""Three-way merge of snapshots.

Values are compared as they would be stored now, so that a rule of cleaning which is younger than a row, a version or a
draft is nobody's change; what comes out is as it was.
"""

from typing import NamedTuple

from publishing.models import Revision, Stored
from publishing.revisions.snapshot import (
    Fields,
    Json,
    Rows,
    Snapshot,
    is_same,
    model_of,
    own_fields,
    part_models,
    with_own_fields,
)

# Without a conflict mine counts: both may reorder, and nobody types an anchor.
MERGED_SILENTLY = ("position", "anchor")


class Conflict(NamedTuple):
    """A field that both sides changed since `base`; where `field` is empty, a row that one changed and one deleted."""

    key: str
    field: str
    base: Json
    theirs: Json
    mine: Json


def is_same_row(model: type[Stored] | None, one: Fields, other: Fields) -> bool:
    return set(one) == set(other) and all(is_same(model, name, one[name], other[name]) for name in one)


def merge(base: Snapshot, theirs: Snapshot, mine: Snapshot) -> tuple[Snapshot, list[Conflict]]:
    """Return the snapshot with both sides' changes, and the conflicts, in which mine wins."""
    rows: Rows = {}
    conflicts = []
    model = model_of(mine)
    models: dict[str, type[Stored]] = {"": model, **part_models(model)}
    for key in {**mine["rows"], **theirs["rows"]}:
        old, new, own = (side["rows"].get(key) for side in (base, theirs, mine))
        row, found = merge_row(key, old, new, own, models.get(key.partition("/")[0]))
        conflicts += found
        if row is not None:
            rows[key] = row
    return {"model": mine["model"], "pk": mine["pk"], "rows": rows}, conflicts


def merge_row(
    key: str, base: Fields | None, theirs: Fields | None, mine: Fields | None, model: type[Stored] | None = None
) -> tuple[Fields | None, list[Conflict]]:
    if mine is None or theirs is None:
        return merge_deletion(key, base, theirs, mine, model)
    row, conflicts = {}, []
    for name in {**theirs, **mine}:
        old, new = (base or {}).get(name), theirs.get(name)
        own = mine.get(name, new)
        row[name] = new if is_same(model, name, own, old) or is_same(model, name, own, new) else own
        is_own = not is_same(model, name, row[name], new)
        if is_own and not is_same(model, name, new, old) and name not in MERGED_SILENTLY:
            conflicts.append(Conflict(key, name, old, new, own))
    return row, conflicts


def merge_deletion(
    key: str, base: Fields | None, theirs: Fields | None, mine: Fields | None, model: type[Stored] | None = None
) -> tuple[Fields | None, list[Conflict]]:
    left = theirs if mine is None else mine
    if base is None:
        return left, []
    if left is not None and is_same_row(model, left, base):
        return None, []
    return mine, [Conflict(key, "", base, theirs, mine)]


def merge_with_current(revision: Revision, current: Snapshot | None) -> tuple[Snapshot, list[Conflict]]:
    """Return the snapshot that publishing the revision would give, and its conflicts with `current`.

    A version is restored as it was, except for the object's position in its list, which stays that of `current`.
    """
    data: Snapshot = revision.data
    if current is None:
        return data, []
    if revision.applied_at:
        return with_own_fields(data, {key: at for key, at in own_fields(current).items() if key in MERGED_SILENTLY}), []
    return merge(revision.base.data if revision.base else current, current, data)
