"""Recording of rows that changed places in their list, however many they are, in a constant number of queries."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, OuterRef, Subquery

from publishing.models import Part, Revision, Stored
from publishing.revisions.record import new_version, record_version
from publishing.revisions.snapshot import part_models, snapshot_of


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
