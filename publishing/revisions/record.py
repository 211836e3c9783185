"""Recording of versions, also of what a script, a shell or raw SQL changed."""

from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from publishing.models import Part, Revision, Stored
from publishing.revisions.snapshot import Snapshot, locked, model_of, take, whole_key


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
    newest = Revision.objects.of(model, pk).versions().first()
    if newest is None or newest.data != data:
        newest = Revision.objects.create(
            content_type=ContentType.objects.get_for_model(model),
            object_id=obj.pk,
            data=data,
            base=newest,
            author=author,
            applied_at=timezone.now(),
        )
    return newest


def record_whole(data: Snapshot, author: User | None) -> None:
    model, key = model_of(data), whole_key(data)
    if issubclass(model, Part) and key:
        record_version(model.whole_model(), key, author)
