"""Lists of versions, closed drafts, and deleted objects that can be restored."""

from typing import NamedTuple
from uuid import UUID

from django.contrib.contenttypes.models import ContentType

from publishing.models import Revision, Stored
from publishing.revisions.differences import Change, diff
from publishing.revisions.record import current_version

SHOWN = 50


class Version(NamedTuple):
    revision: Revision
    differences: list[Change]


def versions(model: type[Stored], pk: str) -> list[Version]:
    """Return the versions of an object; the first has no key where the object was changed outside of the admin."""
    found = list(Revision.objects.of(model, pk).versions().select_related("author")[: SHOWN + 1])
    current = current_version(model, pk)
    found = [current, *found] if current and current.pk is None else found
    earlier: list[Revision | None] = [*found[1:], *([None] if len(found) <= SHOWN else [])]
    return [
        Version(revision, diff(before.data, revision.data) if before else [])
        for revision, before in zip(found, earlier, strict=False)
    ]


def closed_drafts(model: type[Stored], pk: str) -> list[Revision]:
    return list(Revision.objects.of(model, pk).closed().select_related("author")[:SHOWN])


def discarded(model: type[Stored]) -> list[Revision]:
    kind = ContentType.objects.get_for_model(model)
    found = Revision.objects.filter(content_type=kind, successor=None).closed().select_related("author")
    recorded = Revision.objects.filter(content_type=kind).versions().values("object_id")
    return list(found.exclude(object_id__in=recorded.order_by())[:SHOWN])


def deleted(model: type[Stored]) -> list[Revision]:
    kind = ContentType.objects.get_for_model(model)
    existing = model._base_manager.values("pk")
    found = Revision.objects.filter(content_type=kind).exclude(object_id__in=existing).exclude(applied_at=None)
    last: dict[UUID, Revision] = {}
    for revision in found.select_related("author").order_by("-applied_at", "-pk")[: 10 * SHOWN]:
        last.setdefault(revision.object_id, revision)
        if (revision.number or 0) > (last[revision.object_id].number or 0):
            last[revision.object_id] = revision
    return list(last.values())[:SHOWN]
