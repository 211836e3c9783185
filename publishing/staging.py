"""Forms of the admin that can preview, keep a draft, or publish: always through snapshots of the whole object.

The stock change view only collects and checks input. Whatever it saves for a preview or a draft is taken back with
its transaction; only publishing ends in the live page.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.contrib.admin.utils import quote, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format

from publishing import changes, snapshot
from publishing.history import deleted, versions
from publishing.models import Revision
from publishing.preview import preview_frame
from publishing.release import log_entry, may_publish

BUTTONS = {"_preview": "preview", "_keep": "keep", "_discard": "discard"}
SAVE_BUTTONS = ("show_save", "show_save_and_continue", "show_save_and_add_another")


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

    mode: "show", "preview", "keep" or "save"; draft: the draft or old version that is open; base: what was live when
    editing began; live: what is live now; start: the state that the form begins with; result: what is to be live.
    """

    mode: str
    draft: Any
    base: Any
    live: Any
    start: Any = None
    clashes: Any = ()
    result: Any = None


class StagedAdmin(admin.ModelAdmin):
    change_form_template = "admin/staged_change_form.html"
    change_list_template = "admin/staged_change_list.html"
    object_history_template = "admin/staged_history.html"

    def may_publish(self, request):
        return may_publish(request.user, self.model)

    def stage(self, request, object_id):
        """The stage of this request; 404 for an object or a revision that there is not."""
        mode = "show"
        if request.method == "POST":
            mode = next((mode for button, mode in BUTTONS.items() if button in request.POST), "save")
        pk = unquote(object_id) if object_id and is_key(unquote(object_id)) else None
        with transaction.atomic():
            live = Revision.objects.live(self.model, pk) if pk else None
        own = Revision.objects.of(self.model, pk) if pk else Revision.objects.none()
        draft = self.named(own, request.GET.get("revision", ""))
        base = self.named(own.exclude(applied_at=None), request.POST.get("base_version", "")) or live
        stage = Stage(mode, draft, base, live, base and base.data)
        if draft:
            stage.start, stage.clashes = draft.on_top_of(base)
        return stage

    @staticmethod
    def named(revisions, number):
        """The revision of this number, None where none is named; 404 where it is not one of these."""
        if not number:
            return None
        is_number = number.isascii() and number.isdecimal() and len(number) < 19
        found = revisions.filter(pk=number).first() if is_number else None
        if found is None:
            raise Http404
        return found

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        stage = request.stage = self.stage(request, object_id)
        if stage.mode == "save" and not self.may_publish(request):
            raise PermissionDenied
        if stage.mode == "discard":
            return self.discard(request, stage)
        context = (extra_context or {}) | self.stage_context(request, stage)

        def stock():
            return super(StagedAdmin, self).changeform_view(request, object_id, form_url, context)

        try:
            return self.published(request, stage, stock) if stage.mode == "save" else self.tried(stage, stock, context)
        except Answer as answer:
            return answer.response
        except Keep as kept:
            return self.keep(request, stage, kept)

    def tried(self, stage, stock, context):
        """Show, preview or keep: the form begins with the stage's state, and nothing of it stays."""
        is_live = stage.start is None or (bool(stage.live) and stage.start == stage.live.data)
        if stage.mode == "show" and is_live:
            return stock()
        with transaction.atomic():
            context["notes"] = [] if is_live else snapshot.load(stage.start, is_strict=False)
            raise Answer(rendered(stock()))

    def published(self, request, stage, stock):
        """Save: what is in the form, merged with what others made live meanwhile, becomes the live page."""
        with transaction.atomic():
            if stage.live:
                stage.live = Revision.objects.live(self.model, stage.live.object_id)
            if stage.start is None or (bool(stage.live) and stage.start == stage.live.data):
                response = stock()
            else:
                response = self.published_from(request, stage, stock)
            if stage.result:
                self.note_version(request, stage)
        return response

    def published_from(self, request, stage, stock):
        """As `published`, where the form began with another state than the live one: a draft, or an older version."""
        try:
            with transaction.atomic():
                snapshot.load(stage.start, is_strict=False)
                raise Answer(rendered(stock()))
        except Answer as answer:
            if stage.result is None:
                raise
            response = answer.response
        snapshot.load(stage.result)  # from the live page itself: real saves, real signals
        obj = snapshot.live_object(stage.result)
        differences = changes.diff(stage.live and stage.live.data, stage.result)
        fields = sorted({change.field or change.where for change in differences})
        message = [{"changed": {"fields": fields}}] if stage.live else [{"added": {}}]
        log_entry(request.user, obj, CHANGE if stage.live else ADDITION, message)
        return response

    def note_version(self, request, stage):
        """The live page is a new revision; the draft that it came from is done."""
        data = snapshot.take(snapshot.live_object(stage.result))
        kind = ContentType.objects.get_for_model(self.model)
        now = timezone.now()
        Revision.objects.create(
            content_type=kind, object_id=data["pk"], data=data, base=stage.live, author=request.user, applied_at=now
        )
        if stage.draft:
            Revision.objects.drafts().filter(pk=stage.draft.pk).update(closed_at=now)

    def response_add(self, request, obj, post_url_continue=None):
        self.settle(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        self.settle(request, obj)
        return super().response_change(request, obj)

    def settle(self, request, obj):
        """The form was right and is saved, in a transaction that is still open: keep it, show it or let it pass."""
        stage, mine = request.stage, snapshot.take(obj)
        if stage.mode == "keep":
            raise Keep(mine)
        data = self.merged(stage, mine)
        if stage.mode == "preview":
            raise Answer(preview_frame(request, data))
        stage.result = data

    def merged(self, stage, mine):
        """`mine` with what others made live since editing began; kept as a draft where they clash."""
        if not (stage.base and stage.live) or stage.base.pk == stage.live.pk:
            return mine
        data, clashes = changes.merge(stage.base.data, stage.live.data, mine)
        if stage.mode == "save" and clashes:
            raise Keep(
                mine, f"not saved: {who(stage.live)} changed the same place meanwhile. Compare, then save again."
            )
        try:
            snapshot.load(data, is_strict=stage.mode == "save")
        except ValidationError as error:
            raise Keep(mine, f"not saved: {' '.join(error.messages)}") from error
        return snapshot.take(snapshot.live_object(data))

    def keep(self, request, stage, kept):
        """Keep the form as a draft, in place of the draft that was open, and open it."""
        opened = stage.draft if stage.draft and not stage.draft.applied_at else None
        reason, apply_at = kept.reason, None
        try:
            apply_at = None if reason else self.planned(request)
        except ValidationError as error:
            reason = " ".join(error.messages)
        new = Revision.objects.create(
            content_type=ContentType.objects.get_for_model(self.model),
            object_id=kept.data["pk"],
            data=kept.data,
            base=stage.base,
            author=request.user,
            apply_at=apply_at,
            approved_by=request.user if apply_at else None,
        )
        if opened:
            Revision.objects.drafts().filter(pk=opened.pk).update(closed_at=timezone.now())
        if reason:
            messages.warning(request, f"Kept as a draft, but {reason}")
        elif apply_at:
            moment = date_format(timezone.localtime(apply_at), "DATETIME_FORMAT")
            messages.success(request, f"Kept as a draft. It goes live by itself on {moment}.")
        else:
            messages.success(request, "Kept as a draft. What patients see is unchanged.")
        return HttpResponseRedirect(self.address(new.object_id, new))

    def stage_context(self, request, stage):
        draft, base = stage.draft, stage.base
        differences = changes.diff(base.data, stage.start) if draft and base else []
        return {
            "stage": stage,
            "base_version": base.pk if base else "",
            "differences": differences,
            "may_publish": self.may_publish(request),
            "zone": settings.TIME_ZONE,
        } | ({} if self.may_publish(request) else dict.fromkeys(SAVE_BUTTONS, False))

    def discard(self, request, stage):
        """Put the open draft away; it stays in the history."""
        if not self.has_change_permission(request) or not stage.draft or stage.draft.applied_at:
            raise PermissionDenied
        Revision.objects.drafts().filter(pk=stage.draft.pk).update(closed_at=timezone.now())
        messages.success(request, "The draft is discarded. What patients see is unchanged.")
        return HttpResponseRedirect(self.address(stage.draft.object_id if stage.live else None))

    def address(self, pk, revision=None):
        """The form of this object, with a draft or version open, or the list where there is none."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if pk is None:
            return reverse(f"{name}_changelist")
        return reverse(f"{name}_change", args=[quote(pk)]) + (f"?revision={revision.pk}" if revision else "")

    def planned(self, request):
        """When the draft is to go live, as typed by someone who may publish; None for no date.

        ValidationError where it is not a time to come.
        """
        typed = request.POST.get("apply_at", "").strip()
        if not typed or not self.may_publish(request):
            return None
        moment = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]).clean(typed)
        plausible(moment)
        if moment <= timezone.now():
            raise ValidationError("the time at which it is to go live has passed. It has no date now.")
        return moment

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_deleted"
        return [path("deleted/", self.admin_site.admin_view(self.deleted_view), name=name), *super().get_urls()]

    def deleted_view(self, request):
        """What was deleted, each with a way back under its old key."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        found = [(version, self.address(version.object_id, version)) for version in deleted(self.model)]
        title = f"Deleted {self.opts.verbose_name_plural}"
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": title, "found": found}
        return TemplateResponse(request, "admin/deleted.html", context)

    def history_view(self, request, object_id, extra_context=None):
        found = [
            (version, self.address(version.revision.object_id, version.revision))
            for version in (versions(self.model, unquote(object_id)) if is_key(unquote(object_id)) else ())
        ]
        return super().history_view(request, object_id, (extra_context or {}) | {"versions": found})

    def delete_model(self, request, obj):
        """As the stock one, but first the object is written down as it is, so that it can come back."""
        with transaction.atomic():
            Revision.objects.live(self.model, obj.pk)
            super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        with transaction.atomic():
            for obj in queryset.order_by("pk"):  # as moves lock them
                Revision.objects.live(self.model, obj.pk)
            super().delete_queryset(request, queryset)


def rendered(response):
    """The answer, rendered while the database is in the state that it shows."""
    return response.render() if hasattr(response, "render") else response


def who(revision):
    """Whom and when a version is from, for people."""
    name = revision.author.get_username() if revision.author else "Someone"
    return f"{name} ({date_format(timezone.localtime(revision.applied_at), 'DATETIME_FORMAT')})"


def plausible(moment):
    """ValidationError for a time that not every database can hold, or none can in another time zone."""
    if not 1900 <= moment.year < 3000:
        raise ValidationError("Give a year from 1900 to 2999.")


def is_key(text):
    """Whether the text can be an object's key."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
