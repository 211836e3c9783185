"""What one request to a staged form is about, and what becomes of what is in it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.formats import date_format

from publishing.models import Revision
from publishing.revisions import snapshot
from publishing.revisions.merge import merge, merge_with_live
from publishing.revisions.record import record_live, record_whole

BUTTONS = {"_preview": "preview", "_keep": "keep", "_discard": "discard"}


class Answer(Exception):
    """Carries a finished answer out of a transaction and takes back what was done in it."""

    def __init__(self, response):
        self.response = response


class Keep(Exception):
    """Carries what the form would have saved out of a transaction, to be kept as a draft."""

    def __init__(self, data, reason=""):
        self.data = data
        self.reason = reason


@dataclass
class Stage:
    """What one request to a form is about.

    mode: "show", "preview", "keep", "discard" or "save"; draft: the draft or old version that is open; base: what was
    live when editing began; live: what is live now; start: the state that the form begins with; result: what is to be
    live.
    """

    mode: str
    draft: Any
    base: Any
    live: Any
    start: Any = None
    conflicts: Any = ()
    result: Any = None

    @property
    def begins_live(self):
        """Whether the form begins with the live page, or with nothing at all."""
        return self.start is None or (bool(self.live) and self.start == self.live.data)

    @property
    def open_draft(self):
        """The draft that is open, unless it was live or was put away."""
        return self.draft if self.draft and self.draft.is_draft else None


def stage_of(request, model, pk):
    """The stage of a request to the form of the object with this key, which may be None or wrong.

    Raises Http404 for a revision that is none of this object's.
    """
    mode = "show"
    if request.method == "POST":
        mode = next((mode for button, mode in BUTTONS.items() if button in request.POST), "save")
    pk = pk if pk and is_key(pk) else None
    with transaction.atomic():
        live = record_live(model, pk) if pk else None
    own = Revision.objects.of(model, pk) if pk else Revision.objects.none()
    draft = named(own, request.GET.get("revision", ""))
    base = named(own.exclude(applied_at=None), (request.POST or request.GET).get("base_version", "")) or live
    stage = Stage(mode, draft, base, live, base and base.data)
    if draft:
        stage.start, stage.conflicts = merge_with_live(draft, base)
    return stage


def named(revisions, number):
    """The revision of this number, None where none is named; Http404 where it is not one of these."""
    if not number:
        return None
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    found = revisions.filter(pk=number).first() if is_number else None
    if found is None:
        raise Http404
    return found


def is_key(text):
    """Whether the text can be an object's key."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def merged(stage, mine):
    """`mine` with what others made live since editing began; to be kept as a draft where they conflict."""
    if stage.mode == "save" and stage.base and not stage.live:
        raise Keep(mine, "not saved: it was deleted meanwhile. Save again to bring it back.")
    if not (stage.base and stage.live) or stage.base.pk == stage.live.pk:
        return mine
    data, conflicts = merge(stage.base.data, stage.live.data, mine)
    if stage.mode == "save" and conflicts:
        raise Keep(mine, f"not saved: {who(stage.live)} changed the same place meanwhile. Compare, then save again.")
    try:
        snapshot.load(data, is_strict=stage.mode == "save")
    except ValidationError as error:
        raise Keep(mine, f"not saved: {' '.join(error.messages)}") from error
    return snapshot.take(snapshot.live_object(data))


def who(revision):
    """Whom and when a version is from, for people."""
    name = revision.author.get_username() if revision.author else "Someone"
    return f"{name} ({date_format(timezone.localtime(revision.applied_at), 'DATETIME_FORMAT')})"


def note_version(stage, user):
    """The result is live: a new revision; the draft that it came from is done."""
    obj = snapshot.live_object(stage.result)
    live = record_live(type(obj), obj.pk, author=user)
    record_whole(stage.live and stage.live.data, user)
    record_whole(live.data, user)
    if stage.draft:
        stage.draft.close(live)


def planned(typed):
    """When a draft is to go live, as typed; None for no date, ValidationError where it is not a time to come."""
    if not typed:
        return None
    try:
        moment = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]).clean(typed)
    except ValidationError as error:
        if getattr(error, "code", "") != "ambiguous_timezone":
            raise
        raise ValidationError("clocks change at that time: choose another. It has no date now.") from error
    plausible(moment)
    if moment <= timezone.now():
        raise ValidationError("the time at which it is to go live has passed. It has no date now.")
    return moment


def plausible(moment):
    """ValidationError for a time that not every database can hold, or none can in another time zone."""
    if not 1900 <= moment.year < 3000:
        raise ValidationError("Give a year from 1900 to 2999.")


def keep(stage, data, user, apply_at=None, replaced=None):
    """Keep the data as a draft, in place of the one that is replaced."""
    Revision.objects.delete_old_drafts()
    kept = Revision.objects.create(
        content_type=ContentType.objects.get_for_model(snapshot.model_of(data)),
        object_id=data["pk"],
        data=dated(data, apply_at, replaced and replaced.apply_at),
        base=stage.base,
        author=user,
        apply_at=apply_at,
        approved_by=user if apply_at else None,
    )
    if replaced:
        replaced.close(kept)
    return kept


def dated(data, apply_at, before):
    """The data so that it is public once it is live at `apply_at`; `before` is the time that it had until now."""
    key = f"/{data['pk']}"
    row = data["rows"][key]
    if "publish_at" not in row or row["publish_at"] not in (None, str(before)):
        return data
    return data | {"rows": data["rows"] | {key: row | {"publish_at": apply_at and str(apply_at)}}}
