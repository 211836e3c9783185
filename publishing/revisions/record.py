"""Recording of versions, also of what a script, a shell or raw SQL changed."""

from contextlib import suppress
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Max
from django.utils import timezone

from pagecache.models import ContentVersion
from publishing.models import Part, Revision, Stored
from publishing.revisions.snapshot import Snapshot, locked, model_of, take, whole_key

TRIES = 3


def current_version(model: type[Stored], pk: UUID | str) -> Revision | None:
    """Return the version that equals the object, or None where there is no object; locks and saves nothing.

    It is the newest one, or one without a key where something other than the admin has changed the object since.
    """
    for _ in range(TRIES):  # until nobody saved while it was read, statement by statement
        before = ContentVersion.objects.first()
        found = None
        with suppress(ObjectDoesNotExist):  # it may also be deleted while it is read
            obj = model._base_manager.get(pk=pk)
            found = version_of(model, obj.pk, take(obj))
        if str(ContentVersion.objects.first()) == str(before):
            break
    return found


def version_of(model: type[Stored], pk: UUID, data: Snapshot) -> Revision:
    newest = Revision.objects.of(model, pk).versions().first()
    return newest if newest and newest.data == data else new_version(model, pk, data, newest, next_number(model, pk))


def new_version(model: type[Stored], pk: UUID, data: Snapshot, base: Revision | None, number: int) -> Revision:
    return Revision(
        content_type=ContentType.objects.get_for_model(model),
        object_id=pk,
        data=data,
        base=base,
        number=number,
        applied_at=timezone.now(),
    )


def record(model: type[Stored], pk: UUID, data: Snapshot, author: User | None = None) -> Revision:
    """Insert a version by `author` unless the newest equals the data; the object must be locked."""
    version = version_of(model, pk, data)
    if version.pk is None:
        version.author = author
        version.save()
    return version


def next_number(model: type[Stored], pk: UUID) -> int:
    last: int | None = Revision.objects.of(model, pk).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def record_version(
    model: type[Stored], pk: UUID | str, author: User | None = None, new_whole: str | None = None
) -> Revision | None:
    """Lock the object as `locked` does and return its newest version, or None where there is no object.

    Inserts a version by `author` first unless the newest equals the object, and does the same for the whole that the
    object is a part of. Needs a transaction, at whose end the lock is released.
    """
    obj = locked(model, pk, new_whole)
    if obj is None:
        return None
    data = take(obj)
    record_whole(data, author)
    return record(model, obj.pk, data, author)


def record_whole(data: Snapshot, author: User | None) -> None:
    model, key = model_of(data), whole_key(data)
    if issubclass(model, Part) and key:
        record_version(model.whole_model(), key, author)
