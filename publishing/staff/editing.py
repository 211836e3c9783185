"""The state of one request to the form of an object, and the drafts that it saves."""

import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from publishing.models import Part, Revision, RevisionQuerySet, Stored, digest_of
from publishing.revisions.merge import Conflict, merge, merge_with_current
from publishing.revisions.record import current_version, record_version
from publishing.revisions.snapshot import Snapshot, model_of, own_fields, whole_key, with_own_fields
from publishing.revisions.whole import Whole, moved_away
from publishing.staff.fields import MomentTyped, plausible
from publishing.staff.forms import user_of
from publishing.typed import day_and_time

Action = Literal["show", "preview", "save_draft", "discard", "save"]
ATTRIBUTE = "editing"
MOST_SEARCHED = 50  # versions
BUTTONS: dict[str, Action] = {"_preview": "preview", "_keep": "save_draft", "_discard": "discard"}


@dataclass
class Editing:
    """One request to the form of an object.

    `opened` is the draft or older version that the address names, `base` the current version when editing began,
    `current` that of now; neither needs to be saved where a form is only shown. `lost_mark` names a base that is known
    no more, as nothing was saved before it was changed once more. `start` is the snapshot that the form
    began with, None for a new object, and `whole` the same in memory. `response` is the response to a form without
    errors, None for the stock one; `transaction` what such a form is saved in.
    """

    action: Action
    opened: Revision | None
    base: Revision | None
    current: Revision | None
    lost_mark: str = ""
    start: Snapshot | None = None
    whole: Whole | None = None
    conflicts: Sequence[Conflict] = ()
    notes: list[str] = field(default_factory=list)
    response: HttpResponse | None = None
    transaction: ExitStack = field(default_factory=ExitStack)

    @property
    def open_draft(self) -> Revision | None:
        return self.opened if self.opened and self.opened.is_draft else None

    @property
    def begins_with_current(self) -> bool:
        return self.start is None or (self.current is not None and self.start == self.current.data)


def editing_of(request: HttpRequest) -> Editing | None:
    found = getattr(request, ATTRIBUTE, None)
    return found if isinstance(found, Editing) else None


def set_editing(request: HttpRequest, editing: Editing) -> None:
    setattr(request, ATTRIBUTE, editing)


def begin_editing(request: HttpRequest, model: type[Stored], pk: str | None) -> Editing:
    """Read the request; `pk` may be None or invalid. Raises Http404 for a revision of another object."""
    action: Action = "show"
    if request.method == "POST":
        action = next((action for button, action in BUTTONS.items() if button in request.POST), "save")
    if pk is None or not is_key(pk):
        return Editing(action, revision_of(Revision.objects.none(), request.GET.get("revision", "")), None, None)
    own = Revision.objects.of(model, pk)
    opened = revision_of(own, request.GET.get("revision", ""))
    mark = (request.POST or request.GET).get("base_version", "")
    base = None if is_digest(mark) else revision_of(own.exclude(applied_at=None), mark)
    only_looks = action in ("show", "preview")  # and waits for nobody
    current = current_version(model, pk) if only_looks else record_now(model, pk)
    if is_digest(mark):
        base = version_with_digest(own, mark, current) or base_sent_back(request, model, pk, mark)
    lost_mark = mark if base is None and is_digest(mark) else ""
    if base is None and current and opened and request.method == "POST":  # there was no object when editing began
        base = opened.latest if opened.latest.applied_at else None
    base = base or current
    editing = Editing(action, opened, base, current, lost_mark, base.data if base else None)
    if opened:
        editing.start, editing.conflicts = merge_with_current(opened, base.data if base else None)
    if editing.start:
        rows = current.data["rows"] if current else {}
        editing.whole = Whole.of(editing.start, rows)
        obj: Any = editing.whole.obj  # the stubs allow no None, which a form shows as "not saved yet"
        obj.updated_at = time_of_last_change(model, pk)
        if opened:
            moved = moved_away(editing.start, rows).values()
            editing.notes = [f"{name} belongs elsewhere now and stays there." for name in moved]
    return editing


def record_now(model: type[Stored], pk: str) -> Revision | None:
    with transaction.atomic():
        return record_version(model, pk)


def signer_for(user: User) -> Signer:
    return Signer(salt=f"publishing.base.{user.pk}")


def signed_base(editing: Editing, user: User) -> str:
    """Return the base for the form to send back, empty where it is recorded."""
    base = editing.base
    return signer_for(user).sign_object(base.data, compress=True) if base and base.pk is None else ""


def base_sent_back(request: HttpRequest, model: type[Stored], pk: str, digest: str) -> Revision | None:
    """Return the version, not saved, that the form began with where that was nobody's work in the admin."""
    try:
        data: Snapshot = signer_for(user_of(request)).unsign_object(request.POST.get("base_data", ""))
    except BadSignature:
        return None
    if (data["model"], data["pk"]) != (model._meta.label_lower, str(UUID(pk))) or digest_of(data) != digest:
        return None
    return Revision(content_type=ContentType.objects.get_for_model(model), object_id=UUID(pk), data=data)


def is_digest(mark: str) -> bool:
    return bool(re.fullmatch("[0-9a-f]{32}", mark))


def version_with_digest(own: RevisionQuerySet, digest: str, current: Revision | None) -> Revision | None:
    known = [*([current] if current else []), *own.versions()[:MOST_SEARCHED]]
    return next((version for version in known if digest_of(version.data) == digest), None)


def time_of_last_change(model: type[Stored], pk: str) -> datetime | None:
    return model._base_manager.filter(pk=pk).values_list("updated_at", flat=True).first()


def revision_of(revisions: RevisionQuerySet, number: str) -> Revision | None:
    """Return the revision of this number, None for an empty one; raise Http404 if it is not one of these."""
    if not number:
        return None
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    found: Revision | None = revisions.filter(pk=number).first() if is_number else None
    if found is None:
        raise Http404
    return found


def is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def merged(editing: Editing, mine: Snapshot) -> tuple[Snapshot, str]:
    """Merge `mine` with what others published since editing began; return it and why it may not be saved, or ""."""
    base, current = editing.base, editing.current
    if editing.lost_mark:
        return mine, "it was changed meanwhile, not by staff. Compare, then save again."
    if base and not current:
        return mine, "it was deleted meanwhile. Save again to bring it back."
    if not (base and current) or base.data == current.data:
        return mine, ""
    data, conflicts = merge(base.data, current.data, mine)
    return data, f"{who(current)} changed the same place meanwhile. Compare, then save again." if conflicts else ""


def lost_whole(editing: Editing, mine: Snapshot) -> str:
    """Return why a part whose whole was deleted is not saved as one of none, public at once; empty if it may be."""
    lost = editing.whole.lost if editing.whole else []
    if whole_key(mine) or not any(isinstance(fault.row, Part) and fault.name == fault.row.whole for fault in lost):
        return ""
    return "what it belonged to no longer exists. Choose another, or save again."


def who(revision: Revision) -> str:
    name = revision.author.get_username() if revision.author else "Someone"
    return f"{name} ({date_format(timezone.localtime(revision.applied_at), 'DATETIME_FORMAT')})"


def date_typed(typed: str) -> datetime | None:
    """Parse the time at which a draft is to go live, None for an empty text; ValidationError unless it is to come."""
    if not typed:
        return None
    try:
        moment: datetime = MomentTyped(required=False).clean(day_and_time(typed))
    except ValidationError as error:
        if getattr(error, "code", "") != "ambiguous_timezone":
            raise
        raise ValidationError("clocks change at that time: choose another. It has no date now.") from error
    plausible(moment)
    if moment <= timezone.now():
        raise ValidationError("the time at which it is to go live has passed. It has no date now.")
    return moment


def date_shown(moment: datetime | None) -> str:
    """Return the time as a browser's field takes it, with its seconds where it has some."""
    if moment is None:
        return ""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M:%S").removesuffix(":00")


def save_draft(
    editing: Editing, data: Snapshot, author: User, apply_at: datetime | None, replaced: Revision | None
) -> Revision:
    """Save the data as a draft and close the one that it replaces; also delete old closed drafts."""
    Revision.objects.delete_old_drafts()
    base = editing.base
    if base and base.pk is None:  # not recorded: the draft begins with what is now
        data, base = merged(editing, data)[0], editing.current
    draft = Revision.objects.create(
        content_type=ContentType.objects.get_for_model(model_of(data)),
        object_id=data["pk"],
        data=with_date(data, apply_at, replaced.apply_at if replaced else None),
        base=base,
        author=author,
        apply_at=apply_at,
        approved_by=author if apply_at else None,
    )
    if replaced:
        replaced.close(draft)
    return draft


def with_date(data: Snapshot, apply_at: datetime | None, before: datetime | None) -> Snapshot:
    """Set `publish_at` to `apply_at` if it is empty or was set so before, by the date `before`."""
    fields = own_fields(data)
    if "publish_at" not in fields or fields["publish_at"] not in (None, str(before)):
        return data
    return with_own_fields(data, {"publish_at": str(apply_at) if apply_at else None})
