"""Release of dated drafts when their time has come."""

import logging

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import OperationalError, models, transaction
from django.utils import timezone

from pagecache.queries import NOW, PreparedRows
from publishing.models import Revision, Stored
from publishing.revisions.merge import merge_with_current
from publishing.revisions.moves import placed
from publishing.revisions.record import next_number, record_version, record_whole
from publishing.revisions.rights import may_publish, within_rights
from publishing.revisions.snapshot import stored_object, take, whole_key
from publishing.revisions.whole import load

log = logging.getLogger(__name__)


@PreparedRows
def keys_due() -> models.QuerySet[Revision, tuple[int]]:
    return Revision.objects.due(NOW).order_by("apply_at", "pk").values_list("pk")


def release_due() -> int:
    return sum(release_one(pk) for (pk,) in keys_due())


def release_one(pk: int) -> bool:
    """Release a due draft once, however many processes try; return whether it went live.

    A draft that cannot be released is marked as failed with the reason, and the live page stays.
    """
    draft = Revision.objects.get(pk=pk)
    if draft.model is None:
        Revision.objects.due().filter(pk=pk).update(failed_at=timezone.now(), errors=["Its kind of page is gone."])
        return False
    with transaction.atomic():
        # The object's lock before the draft's, as everywhere: two could otherwise wait for each other.
        current = record_version(draft.model, draft.object_id, new_whole=whole_key(draft.data))
        # Claims the draft: if the process dies, the claim is rolled back, and the next one tries again.
        if not Revision.objects.due().filter(pk=pk).update(failed_at=timezone.now()):
            return False
        try:
            with transaction.atomic():
                release(draft, draft.model, current)
        except ValidationError as error:
            reasons = error.messages
        except OperationalError:  # a fault of the database, not of the draft: the next visit tries again
            raise
        except Exception as error:  # staff must see it, and other drafts must go live
            log.exception("A dated change failed")
            reasons = [repr(error)]
        else:
            return True
        Revision.objects.filter(pk=pk).update(errors=reasons)
        return False


def release(draft: Revision, model: type[Stored], current: Revision | None) -> None:
    """Publish the draft; raise ValidationError if that is impossible. Needs a transaction and the object locked."""
    user = draft.approved_by
    if user is None or not may_publish(user, model):
        raise ValidationError("The person who set the date may not publish any more.")
    if current is None and draft.base_id:
        raise ValidationError("The page was deleted meanwhile.")
    data, conflicts = merge_with_current(draft, current.data if current else None)
    if conflicts:
        raise ValidationError("The live page was changed in the same place: open the draft, compare and save it.")
    data = within_rights(user, data, current.data if current else None)
    load(data if current else placed(data, user))
    obj = stored_object(data)
    record_whole(data, user)
    draft.data, draft.base, draft.number = take(obj), current, next_number(model, draft.object_id)
    draft.applied_at, draft.failed_at, draft.errors = timezone.now(), None, []
    draft.save()
    planned = f"{timezone.localtime(draft.apply_at):%Y-%m-%d %H:%M %Z}"
    log_change(user, obj, CHANGE if current else ADDITION, f"Went live as planned for {planned}.")


def log_change(user: User, obj: models.Model, flag: int, message: str) -> None:
    LogEntry.objects.log_actions(user.pk, [obj], flag, message, single_object=True)
