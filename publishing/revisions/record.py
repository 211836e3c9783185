"""Versions of what is live, recorded also where a script, a shell or raw SQL changed it."""

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from publishing.models import Revision
from publishing.revisions import snapshot


def record_live(model, pk, author=None):
    """Lock the object and return its newest version, or None where there is no object.

    Inserts a version by `author` first unless the newest equals the object; the same for the whole that the object is
    a part of, whose page shows it too. Needs a transaction, at whose end the lock is released.
    """
    whole = snapshot.whole_of(model, pk)
    if whole:
        record_live(type(whole), whole.pk, author)
    obj = snapshot.locked(model, pk)
    if obj is None:
        return None
    last, data = Revision.objects.of(model, pk).published().first(), snapshot.take(obj)
    if last is None or last.data != data:
        kind = ContentType.objects.get_for_model(model)
        last = Revision.objects.create(
            content_type=kind, object_id=pk, data=data, base=last, author=author, applied_at=timezone.now()
        )
    return last


def record_whole(data, author):
    """Record the whole that a snapshot's object is a part of: its page has changed too, by the same author."""
    model = snapshot.model_of(data) if data else None
    if key := hasattr(model, "whole") and data["rows"][f"/{data['pk']}"][model.whole]:
        record_live(model._meta.get_field(model.whole).related_model, key, author)
