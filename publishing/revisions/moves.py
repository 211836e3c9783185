"""Rows that change places in their list, recorded in a constant number of queries, however many they are."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, OuterRef, Subquery

from publishing.models import Ordered, Part, Revision, Stored, touch
from publishing.revisions.record import new_version, record_version
from publishing.revisions.snapshot import (
    Snapshot,
    locked,
    model_of,
    own_fields,
    part_models,
    snapshot_of,
    whole_key,
    with_own_fields,
)

TOP = 0  # the position of a new row that is to come before all others
ROOM = 1000  # between two positions, once all are numbered anew


def whole_key_of(row: Stored) -> UUID | None:
    key: UUID | None = getattr(row, f"{row.whole}_id") if isinstance(row, Part) else None
    return key


def locked_siblings(row: Ordered) -> list[Ordered]:
    if isinstance(row, Part) and (whole := whole_key_of(row)):
        locked(row.whole_model(), whole)  # first, as everywhere: a form locks its rows in another order
    found = row.siblings().select_for_update().order_by("pk")
    return sorted(found, key=lambda sibling: (sibling.position, sibling.pk))


def placed(snapshot: Snapshot, author: User | None) -> Snapshot:
    """Return the snapshot of a new row with a position before all siblings, if it is to be at the top."""
    model, fields = model_of(snapshot), own_fields(snapshot)
    if not issubclass(model, Ordered) or fields.get("position") != TOP:
        return snapshot
    row = model(id=UUID(snapshot["pk"]))
    if isinstance(row, Part):
        setattr(row, f"{row.whole}_id", whole_key(snapshot))
    return with_own_fields(snapshot, {"position": position_at_top(row, author)})


def position_at_top(row: Ordered, author: User | None) -> int | None:
    """Return a position before all siblings of a new row, None if it will be the only one."""
    rows = locked_siblings(row)
    if rows and rows[0].position == 0:
        save_places(rows, range(ROOM, ROOM * len(rows) + 1, ROOM), author)
    return rows[0].position - 1 if rows else None


def save_places(rows: Sequence[Ordered], positions: Sequence[int], author: User | None) -> None:
    """Give these siblings their positions, and record those that had another one."""
    moved = [row for row, position in zip(rows, positions, strict=True) if row.position != position]
    for row, position in zip(rows, positions, strict=True):
        row.position = position
    if not moved:
        return
    model = type(moved[0])
    model._base_manager.bulk_update(moved, ["position"])
    if issubclass(model, Part):
        touch(model, {whole_key_of(moved[0])})
    record_moved(moved, author)


def record_moved(rows: Sequence[Stored], author: User | None) -> None:
    """Insert a version of each of these siblings that its newest does not equal, and one of their whole.

    Does in bulk what `record_version` does for one. Needs a transaction, and all of them locked.
    """
    if not rows:
        return
    model = type(rows[0])
    parts = {
        name: part._base_manager.filter(**{f"{part.whole}__in": rows}) for name, part in part_models(model).items()
    }
    of_row: dict[object, dict[str, list[Part]]] = {row.pk: {name: [] for name in parts} for row in rows}
    for name, found in parts.items():
        for part in found:
            of_row[getattr(part, f"{part.whole}_id")][name].append(part)
    newest = newest_versions(rows)
    numbers = last_numbers(rows)
    made: list[Revision] = []
    for row in rows:
        data, before = snapshot_of(row, of_row[row.pk]), newest.get(row.pk)
        if before is None or before.data != data:
            made.append(new_version(model, row.pk, data, before, numbers.get(row.pk, 0) + 1))
            made[-1].author = author
    Revision.objects.bulk_create(made)
    if isinstance(rows[0], Part) and (whole := getattr(rows[0], f"{rows[0].whole}_id")):
        record_version(rows[0].whole_model(), whole, author)


def last_numbers(rows: Sequence[Stored]) -> dict[object, int]:
    kind = ContentType.objects.get_for_model(type(rows[0]))
    numbered = Revision.objects.filter(content_type=kind, object_id__in=[row.pk for row in rows], number__gt=0)
    return dict(numbered.order_by().values_list("object_id").annotate(last=Max("number")))


def newest_versions(rows: Sequence[Stored]) -> dict[object, Revision]:
    model = type(rows[0])
    versions = Revision.objects.filter(content_type=ContentType.objects.get_for_model(model), object_id=OuterRef("pk"))
    newest = Subquery(versions.versions().values("pk")[:1])
    keys = model._base_manager.filter(pk__in=[row.pk for row in rows]).values_list(newest, flat=True)
    found = Revision.objects.in_bulk([key for key in keys if key is not None])
    return {version.object_id: version for version in found.values()}
