"""Forms of the admin that can preview, keep a draft, or publish: always through snapshots of the whole object.

The stock change view only collects and checks input. Whatever it saves for a preview or a draft is taken back with
its transaction; only publishing ends in the live page.
"""

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE
from django.contrib.admin.utils import quote, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from publishing.models import Publishable, Revision
from publishing.revisions import differences, snapshot
from publishing.revisions.history import closed_drafts, deleted, discarded, versions
from publishing.revisions.preview import preview_frame
from publishing.revisions.record import record_live, record_whole
from publishing.revisions.release import log_entry, may_publish
from publishing.staff.editing import Answer, Keep, is_key, keep, merged, note_version, planned, stage_of
from publishing.staff.recovery import RecoverableAdmin, saved_tag

SAVE_BUTTONS = ("show_save", "show_save_and_continue", "show_save_and_add_another")


class StagedAdmin(RecoverableAdmin):
    change_form_template = "admin/staged_change_form.html"
    change_list_template = "admin/staged_change_list.html"
    object_history_template = "admin/staged_history.html"

    def may_publish(self, request):
        return may_publish(request.user, self.model)

    def may_save(self, request, stage):
        """Whether this person may do more than keep drafts: publish, or write what patients never saw."""
        if self.may_publish(request):
            return True
        if not issubclass(self.model, Publishable) or (stage.start and snapshot.is_public(stage.start)):
            return False
        return not (stage.live and Revision.objects.was_public(self.model, stage.live.object_id))

    def get_queryset(self, request):
        kind = ContentType.objects.get_for_model(self.model)
        drafts = Revision.objects.drafts().filter(content_type=kind, object_id=OuterRef("pk")).order_by("-pk")
        return super().get_queryset(request).annotate(draft_number=Subquery(drafts.values("pk")[:1]))

    def get_list_display(self, request):
        return [*super().get_list_display(request), "draft", "on_site"]

    @admin.display(description="draft", empty_value="")
    def draft(self, obj):
        """A link to the latest draft that waits for this object."""
        if obj.draft_number is None:
            return None
        address = self.address(obj.pk, obj.draft_number)
        return format_html('<a href="{}">Has a draft</a>', address)

    @admin.display(description="on the site", empty_value="")
    def on_site(self, obj):
        """A link to the page on which patients see this object."""
        address = self.get_view_on_site_url(obj)
        return address and format_html('<a href="{}" aria-label="View “{}” on the site">View</a>', address, obj)

    def changelist_view(self, request, extra_context=None):
        """The list, with the drafts of what there is not yet."""
        there = self.model._base_manager.values("pk")
        found = Revision.objects.drafts().filter(content_type=ContentType.objects.get_for_model(self.model))
        new = [(draft, self.address(draft.object_id, draft.pk)) for draft in found.exclude(object_id__in=there)[:50]]
        return super().changelist_view(request, (extra_context or {}) | {"new_drafts": new})

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.may_publish(request)

    def get_readonly_fields(self, request, obj=None):
        fields = super().get_readonly_fields(request, obj)
        return fields if self.may_publish(request) else [*fields, "publish_at"]

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method == "POST":
            return self.staged_view(request, object_id, form_url, extra_context)
        with transaction.atomic():  # the form shows the very version that it names as its beginning
            return rendered(self.staged_view(request, object_id, form_url, extra_context))

    def staged_view(self, request, object_id, form_url, extra_context):
        """The stock view of the form, at the stage that the request is about."""
        stage = request.stage = stage_of(request, self.model, object_id and unquote(object_id))
        if stage.mode == "save" and self.is_newly_dated(request, stage):
            stage.mode = "keep"  # whoever typed a time does not want it live now
        if stage.mode == "save" and not self.may_save(request, stage):
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

    def is_newly_dated(self, request, stage):
        """Whether a time to go live was typed that the open draft has not."""
        typed, before = request.POST.get("apply_at", "").strip(), stage.open_draft and stage.open_draft.apply_at
        shown = f"{timezone.localtime(before):%Y-%m-%dT%H:%M}" if before else ""
        return self.may_publish(request) and typed not in ("", shown)

    def tried(self, stage, stock, context):
        """Show, preview or keep: the form begins with the stage's state, and nothing of it stays."""
        if stage.mode == "show" and stage.begins_live:
            return stock()
        with transaction.atomic():
            context["notes"] = [] if stage.begins_live else snapshot.load(stage.start, is_strict=False)
            raise Answer(rendered(stock()))

    def published(self, request, stage, stock):
        """Save: what is in the form, merged with what others made live meanwhile, becomes the live page."""
        with transaction.atomic():
            if stage.live:
                stage.live = record_live(self.model, stage.live.object_id)
            response = stock() if stage.begins_live else self.published_from(request, stage, stock)
            if stage.result:
                note_version(stage, request.user)
                pk = stage.result["pk"]
                if not self.may_publish(request) and Revision.objects.was_public(self.model, pk):
                    raise PermissionDenied
                if not snapshot.is_public(stage.result):
                    words = "Patients do not see it yet: that begins with a date in “Public from”."
                    self.message_user(request, words, messages.WARNING)
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
        try:
            snapshot.load(stage.result)  # from the live page itself: real saves, real signals
        except ValidationError as error:
            raise Keep(stage.result, f"not saved: {' '.join(error.messages)}") from error
        stage.result = snapshot.take(snapshot.live_object(stage.result))
        obj = snapshot.live_object(stage.result)
        found = differences.diff(stage.live and stage.live.data, stage.result)
        fields = sorted({change.field or change.where for change in found})
        message = [{"changed": {"fields": fields}}] if stage.live else [{"added": {}}]
        log_entry(request.user, obj, CHANGE if stage.live else ADDITION, message)
        return response

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
        data = merged(stage, mine)
        if stage.mode == "preview":
            raise Answer(preview_frame(request, data))
        stage.result = data

    def keep(self, request, stage, kept):
        """Keep the form as a draft, in place of the draft that was open, and open it."""
        reason, apply_at = kept.reason, None
        try:
            if not reason and self.may_publish(request):
                apply_at = planned(request.POST.get("apply_at", "").strip())
        except ValidationError as error:
            reason = " ".join(error.messages)
        replaced = stage.open_draft if self.may_replace(request, stage) else None
        if kept.reason and replaced and replaced.apply_at:
            reason += " It has no date now."
        new = keep(stage, kept.data, request.user, apply_at, replaced)
        if reason:
            self.message_user(request, f"Kept as a draft, but {reason}", messages.WARNING, saved_tag(request))
        elif apply_at:
            moment = date_format(timezone.localtime(apply_at), "DATETIME_FORMAT")
            self.message_user(request, f"Kept as a draft. It goes live by itself on {moment}.", messages.SUCCESS)
        else:
            self.message_user(request, "Kept as a draft. What patients see is unchanged.", messages.SUCCESS)
        return HttpResponseRedirect(self.address(new.object_id, new.pk))

    def may_replace(self, request, stage):
        """Whether this person may put the open draft away: one with a date is for those who may set dates."""
        return bool(stage.open_draft) and (stage.draft.apply_at is None or self.may_publish(request))

    def stage_context(self, request, stage):
        draft, base = stage.draft, stage.base
        return {
            "stage": stage,
            "base_version": base.pk if base else "",
            "differences": differences.diff(base.data, stage.start) if draft and base else [],
            "conflicts": differences.told(stage.start, stage.conflicts),
            "other_drafts": self.other_drafts(stage),
            "may_publish": self.may_publish(request),
            "may_save": self.may_save(request, stage),
            "may_discard": self.has_change_permission(request) and self.may_replace(request, stage),
            "zone": settings.TIME_ZONE,
        } | ({} if self.may_save(request, stage) else dict.fromkeys(SAVE_BUTTONS, False))

    def other_drafts(self, stage):
        """The drafts of this object that wait besides what is open, as (draft, address)."""
        found = Revision.objects.drafts().exclude(pk=stage.draft and stage.draft.pk).order_by("-pk")
        found = found.of(self.model, stage.live.object_id).select_related("author") if stage.live else ()
        return [(draft, self.address(draft.object_id, draft.pk)) for draft in found]

    def discard(self, request, stage):
        """Put the open draft away; it stays in the history for a while."""
        if not self.has_change_permission(request) or not stage.draft or stage.draft.applied_at:
            raise PermissionDenied
        if stage.open_draft and not self.may_replace(request, stage):
            raise PermissionDenied
        done = "is" if stage.open_draft else "was already"
        stage.draft.close()
        self.message_user(request, f"The draft {done} discarded. What patients see is unchanged.", messages.SUCCESS)
        return HttpResponseRedirect(self.address(stage.draft.object_id if stage.live else None))

    def address(self, pk, number=None):
        """The form of this object, with the revision of this number open, or the list where there is none."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if pk is None:
            return reverse(f"{name}_changelist")
        return reverse(f"{name}_change", args=[quote(pk)]) + (f"?revision={number}" if number else "")

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_deleted"
        return [path("deleted/", self.admin_site.admin_view(self.deleted_view), name=name), *super().get_urls()]

    def deleted_view(self, request):
        """What was deleted, each with a way back under its old key."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        found = [(version, self.address(version.object_id, version.pk)) for version in deleted(self.model)]
        drafts = [(draft, self.address(draft.object_id, draft.pk)) for draft in discarded(self.model)]
        title = f"Deleted {self.opts.verbose_name_plural}"
        context = self.admin_site.each_context(request) | {"opts": self.opts, "title": title, "found": found}
        context["drafts"] = drafts
        return TemplateResponse(request, "admin/deleted.html", context)

    def history_view(self, request, object_id, extra_context=None):
        pk = unquote(object_id)
        if is_key(pk):
            with transaction.atomic():
                record_live(self.model, pk)
        found = versions(self.model, pk) if is_key(pk) else []
        drafts = closed_drafts(self.model, pk) if is_key(pk) else []
        context = {
            "versions": [(version, self.address(pk, version.revision.pk)) for version in found],
            "closed_drafts": [(draft, self.address(pk, draft.pk)) for draft in drafts],
        }
        return super().history_view(request, object_id, (extra_context or {}) | context)

    def delete_model(self, request, obj):
        """As the stock one, but first the object is written down as it is, so that it can come back."""
        with transaction.atomic():
            live = record_live(self.model, obj.pk)
            super().delete_model(request, obj)
            record_whole(live.data, request.user)

    def delete_queryset(self, request, queryset):
        with transaction.atomic():
            # In this order, as moves lock them.
            gone = [record_live(self.model, obj.pk).data for obj in queryset.order_by("pk")]
            super().delete_queryset(request, queryset)
            for data in gone:
                record_whole(data, request.user)


def rendered(response):
    """The answer, rendered while the database is in the state that it shows."""
    return response.render() if hasattr(response, "render") else response
