"""A model admin with drafts, preview, dates and history.

The stock form collects and validates what was typed. It is bound to an object in memory and saves nothing: its data
becomes a snapshot, which is previewed, saved as a draft, or merged with the live page and loaded.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from publishing.models import Part, Publishable, Revision, Stored, digest_of
from publishing.revisions import differences, history
from publishing.revisions.differences import ConflictInWords
from publishing.revisions.merge import Conflict
from publishing.revisions.moves import placed
from publishing.revisions.preview import preview
from publishing.revisions.record import record_version, record_whole
from publishing.revisions.rights import goes_beyond, may_publish, unchangeable, within_rights
from publishing.revisions.snapshot import Snapshot, is_public, own_fields, snapshot_of, whole_key, with_own_fields
from publishing.revisions.whole import Fault, Whole, load
from publishing.staff.editing import (
    Editing,
    begin_editing,
    date_shown,
    date_typed,
    editing_of,
    is_key,
    lost_whole,
    merged,
    save_draft,
    set_editing,
    signed_base,
)
from publishing.staff.forms import user_of
from publishing.staff.recovery import RecoverableAdmin, saved_tag
from publishing.staff.searching import FoldedSearch

RETRIED = "publishing.retried"  # in META: the admin site called the view again after an IntegrityError
COMPARE = "compare above, then save."
SAVE_BUTTONS = ("show_save", "show_save_and_continue", "show_save_and_add_another")


class DraftAdmin(FoldedSearch, RecoverableAdmin):
    change_form_template = "admin/draft_change_form.html"
    change_list_template = "admin/draft_change_list.html"
    object_history_template = "admin/version_history.html"

    # Rights

    def may_publish(self, request: HttpRequest) -> bool:
        return may_publish(request.user, self.model)

    def may_save(self, request: HttpRequest, editing: Editing) -> bool:
        if self.may_publish(request):
            return True
        if not issubclass(self.model, Publishable) or (editing.start and is_public(editing.start)):
            return False
        return not (editing.start and Revision.objects.was_public(self.model, editing.start["pk"]))

    def may_replace(self, request: HttpRequest, editing: Editing) -> bool:
        draft = editing.open_draft
        if draft is None or self.goes_beyond(request, editing):
            return False
        return draft.apply_at is None or self.may_publish(request)

    def goes_beyond(self, request: HttpRequest, editing: Editing) -> bool:
        """Return whether the open draft changes what this person may not."""
        draft = editing.open_draft
        before = (draft and draft.base) or editing.base
        return draft is not None and goes_beyond(user_of(request), draft.data, before.data if before else None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.may_publish(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = [*super().get_readonly_fields(request, obj)]
        fields += sorted(unchangeable(user_of(request), self.model))
        return fields if self.may_publish(request) else [*fields, "publish_at"]

    # The list

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        kind = ContentType.objects.get_for_model(self.model)
        drafts = Revision.objects.drafts().filter(content_type=kind, object_id=OuterRef("pk")).order_by("-pk")
        objects: models.QuerySet[Any] = (
            super().get_queryset(request).annotate(draft_number=Subquery(drafts.values("pk")[:1]))
        )
        return objects

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_display(request), "draft", "on_site"]

    @admin.display(description="draft", empty_value="")
    def draft(self, obj: Any) -> str | None:
        if obj.draft_number is None:
            return None
        return format_html('<a href="{}">Has a draft</a>', self.address(obj.pk, obj.draft_number))

    @admin.display(description="on the site", empty_value="")
    def on_site(self, obj: models.Model) -> str | None:
        address = self.get_view_on_site_url(obj)
        return address and format_html('<a href="{}" aria-label="View “{}” on the site">View</a>', address, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        existing = self.model._base_manager.values("pk")
        found = Revision.objects.drafts().filter(content_type=ContentType.objects.get_for_model(self.model))
        new_drafts = self.addressed(found.exclude(object_id__in=existing)[:50])
        return super().changelist_view(request, (extra_context or {}) | {"new_drafts": new_drafts})

    def address(self, pk: object, number: int | None = None) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if pk is None:
            return reverse(f"{name}_changelist")
        return reverse(f"{name}_change", args=[quote(str(pk))]) + (f"?revision={number}" if number else "")

    def addressed(self, revisions: Iterable[Revision]) -> list[tuple[Revision, str]]:
        return [(revision, self.address(revision.object_id, revision.pk)) for revision in revisions]

    # The form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        may_see = self.has_view_or_change_permission(request) if object_id else self.has_add_permission(request)
        if not may_see:  # before a version is recorded
            raise PermissionDenied
        editing = begin_editing(request, self.model, unquote(object_id) if object_id else None)
        set_editing(request, editing)
        if editing.action == "save" and self.is_newly_dated(request, editing):
            editing.action = "save_draft"  # a change with a date is not to go live now
        if editing.action == "save" and not self.may_save(request, editing):
            raise PermissionDenied
        if editing.action == "discard":
            return self.discard(request, editing)
        context = (extra_context or {}) | self.editing_context(request, editing)
        # Without the transaction of Django's own: `save_model` begins one, once the form is made and checked.
        with editing.transaction:
            response: HttpResponse = self._changeform_view(  # type: ignore[attr-defined] # private to Django
                request, object_id, form_url, context
            )
        return response

    def is_newly_dated(self, request: HttpRequest, editing: Editing) -> bool:
        typed, draft = request.POST.get("apply_at", "").strip(), editing.open_draft
        return self.may_publish(request) and typed not in ("", date_shown(draft.apply_at if draft else None))

    def editing_context(self, request: HttpRequest, editing: Editing) -> dict[str, Any]:
        opened, base, start = editing.opened, editing.base, editing.start
        apply_at = opened.apply_at if opened and not opened.applied_at else None
        return {
            "editing": editing,
            "base_version": editing.lost_mark or (digest_of(base.data) if base else ""),
            "base_data": signed_base(editing, user_of(request)),
            "differences": differences.diff(base.data, start) if opened and base and start else [],
            "conflicts": differences.conflicts_in_words(start, editing.conflicts) if start else [],
            "other_drafts": self.other_drafts(editing),
            "may_publish": self.may_publish(request),
            "may_save": self.may_save(request, editing),
            "may_discard": self.has_change_permission(request) and self.may_replace(request, editing),
            "zone": settings.TIME_ZONE,
            "apply_at": date_shown(apply_at),
            "seconds": bool(apply_at and apply_at.second),
        } | ({} if self.may_save(request, editing) else dict.fromkeys(SAVE_BUTTONS, False))

    def other_drafts(self, editing: Editing) -> list[tuple[Revision, str]]:
        if not editing.current:
            return []
        found = Revision.objects.drafts().of(self.model, editing.current.object_id).order_by("-pk")
        return self.addressed(
            found.exclude(pk__in=[editing.opened.pk] if editing.opened else []).select_related("author")
        )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.Model | None:
        editing = editing_of(request)
        if editing is None:
            return super().get_object(request, object_id, from_field)
        return editing.whole.obj if editing.whole else None

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        editing = editing_of(request)
        return kwargs | {"whole": editing.whole} if editing else kwargs

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        editing = editing_of(request)
        if editing and editing.whole and editing.action == "show" and editing.opened:
            row_forms = [context["adminform"].form]
            for inline in context["inline_admin_formsets"]:
                row_forms += inline.formset.initial_forms
            faults = [*editing.whole.faults(), *conflicting(editing.whole, editing.conflicts, context["conflicts"])]
            add_errors(row_forms, faults)
            context["errors"] = faults
        return super().render_change_form(request, context, *args, **kwargs)

    # A form without errors

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Begin the transaction, and save nothing: `save_related` saves the whole."""
        if editing := editing_of(request):
            editing.transaction.enter_context(transaction.atomic())

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool) -> None:
        editing = editing_of(request)
        if editing is None:
            raise RuntimeError("Only the form of one object can save it.")
        parts = dict(editing.whole.parts) if editing.whole else {}
        for formset in formsets:
            formset.save(commit=False)  # for the message in the log
            parts[formset.prefix] = formset.remaining_rows()
        if form.instance.pk is None:  # inline formsets take the default key away
            form.instance.pk = self.new_key()
        mine = self.with_rights(request, editing, snapshot_of(form.instance, parts))
        if editing.action == "preview":
            editing.response = preview(request, merged(editing, mine)[0])
        elif editing.action == "save_draft":
            editing.response = self.save_draft(request, editing, mine)
        else:
            editing.response = self.publish(request, editing, mine)
        if editing.action != "preview":
            keyed = {f"{name}/{row.pk}": row for name, rows in parts.items() for row in rows}
            self.warn(request, editing, mine, {f"/{form.instance.pk}": form.instance} | keyed)

    def warn(self, request: HttpRequest, editing: Editing, mine: Snapshot, rows: dict[str, Stored]) -> None:
        """Tell what of that which changed is right, and has no effect."""
        before = editing.base.data["rows"] if editing.base else {}
        for key, fields in mine["rows"].items():
            words = rows[key].without_effect() if key in rows and fields != before.get(key) else ""
            if words:
                self.message_user(request, words, messages.WARNING)

    def with_rights(self, request: HttpRequest, editing: Editing, mine: Snapshot) -> Snapshot:
        """Return the snapshot with what this person may not change taken from the version that editing began with."""
        mine = within_rights(user_of(request), mine, editing.base.data if editing.base else None)
        if editing.current is None or self.may_publish(request):
            return mine
        current = own_fields(editing.current.data)
        readonly = self.get_readonly_fields(request)
        return with_own_fields(mine, {name: current[name] for name in readonly if name in current})

    def new_key(self) -> UUID:
        key: UUID = self.opts.pk.get_default()
        return key

    def publish(self, request: HttpRequest, editing: Editing, mine: Snapshot) -> HttpResponse | None:
        """Merge what was typed with what others published meanwhile and load it; if impossible, save it as a draft."""
        editing.current = record_version(self.model, mine["pk"], new_whole=whole_key(mine))  # locked from here on
        data, reason = merged(editing, mine)
        data = within_rights(user_of(request), data, editing.current.data if editing.current else None)
        reason = reason or lost_whole(editing, mine)
        if not self.may_publish(request) and (is_public(data) or Revision.objects.was_public(self.model, data["pk"])):
            raise PermissionDenied
        try:
            with transaction.atomic():
                if not reason:
                    load(data if editing.current else placed(data, user_of(request)))
        except ValidationError as error:
            if editing.start is None and RETRIED not in request.META:
                # The form allowed it, so that another just took its address: the next time the form says so.
                request.META[RETRIED] = True
                raise IntegrityError from error
            reason = " ".join(error.messages)
        if reason:
            return self.save_draft(request, editing, mine, f"not saved: {reason}")
        version = record_version(self.model, data["pk"], user_of(request))
        if editing.current:
            record_whole(editing.current.data, user_of(request))
        self.close_opened(request, editing, version)
        for note in editing.notes:
            self.message_user(request, note, messages.WARNING)
        if not is_public(data):
            words = "Patients do not see it yet: that begins with a date in “Public from”."
            self.message_user(request, words, messages.WARNING)
        return None

    def close_opened(self, request: HttpRequest, editing: Editing, version: Revision | None) -> None:
        if self.goes_beyond(request, editing):
            editing.notes.append("The draft stays: it also changes what you may not.")
        elif editing.opened:
            editing.opened.close(version)

    def save_draft(self, request: HttpRequest, editing: Editing, data: Snapshot, not_saved: str = "") -> HttpResponse:
        reason, apply_at = not_saved, None
        try:
            if not reason and self.may_publish(request):
                apply_at = date_typed(request.POST.get("apply_at", "").strip())
        except ValidationError as error:
            reason = " ".join(error.messages)
        replaced = editing.open_draft if self.may_replace(request, editing) else None
        if not_saved and replaced and replaced.apply_at:
            reason += " It has no date now."
        draft = save_draft(editing, data, user_of(request), apply_at, replaced)
        if reason:
            self.message_user(request, f"Kept as a draft, but {reason}", messages.WARNING, saved_tag(request))
        elif apply_at:
            moment = date_format(timezone.localtime(apply_at), "DATETIME_FORMAT")
            self.message_user(request, f"Kept as a draft. It goes live by itself on {moment}.", messages.SUCCESS)
        else:
            self.message_user(request, "Kept as a draft. What patients see is unchanged.", messages.SUCCESS)
        return HttpResponseRedirect(self.address(draft.object_id, draft.pk))

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        editing = editing_of(request)
        if editing is None or editing.begins_with_current or editing.response:
            return super().construct_change_message(request, form, formsets, add)
        if editing.current is None:
            return [{"added": {}}]
        now = Revision.objects.of(self.model, form.instance.pk).versions().first()
        found = differences.diff(editing.current.data, now.data) if now else []
        return [{"changed": {"fields": sorted({change.field or change.where for change in found})}}]

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        editing = editing_of(request)
        return None if editing and editing.response else super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        editing = editing_of(request)
        if editing and editing.response:
            return None
        if editing and editing.current is None:  # it was restored, or a draft until now
            return super().log_addition(request, obj, message)
        return super().log_change(request, obj, message)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        editing = editing_of(request)
        return (editing and editing.response) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        editing = editing_of(request)
        return (editing and editing.response) or super().response_change(request, obj)

    def discard(self, request: HttpRequest, editing: Editing) -> HttpResponse:
        opened = editing.opened
        if not self.has_change_permission(request) or not opened or opened.applied_at:
            raise PermissionDenied
        if editing.open_draft and not self.may_replace(request, editing):
            raise PermissionDenied
        done = "is" if editing.open_draft else "was already"
        opened.close()
        self.message_user(request, f"The draft {done} discarded. What patients see is unchanged.", messages.SUCCESS)
        return HttpResponseRedirect(self.address(opened.object_id if editing.current else None))

    # History, and what was deleted

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_deleted"
        return [path("deleted/", self.admin_site.admin_view(self.deleted_view), name=name), *super().get_urls()]

    def deleted_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": f"Deleted {self.opts.verbose_name_plural}",
            "found": self.addressed(history.deleted(self.model)),
            "drafts": self.addressed(history.discarded(self.model)),
        }
        return TemplateResponse(request, "admin/deleted.html", context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        pk = unquote(object_id)
        context: dict[str, Any] = {}
        if is_key(pk):
            versions = history.versions(self.model, pk)
            context["versions"] = [(version, self.address(pk, version.revision.pk)) for version in versions]
            context["closed_drafts"] = self.addressed(history.closed_drafts(self.model, pk))
        return super().history_view(request, object_id, (extra_context or {}) | context)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with transaction.atomic():
            last = record_version(self.model, obj.pk)
            super().delete_model(request, obj)
            if last:
                record_whole(last.data, user_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        with transaction.atomic():
            # Locked in the same order as by a move and a save: by the whole first.
            order = [f"{self.model.whole}_id", "pk"] if issubclass(self.model, Part) else ["pk"]
            gone = [record_version(self.model, obj.pk) for obj in queryset.order_by(*order)]
            super().delete_queryset(request, queryset)
            for last in filter(None, gone):
                record_whole(last.data, user_of(request))


def add_errors(row_forms: Sequence[forms.ModelForm], faults: Iterable[Fault]) -> None:
    """Show each fault beside its field, or above all where the form has no such row or field."""
    by_row = {form.instance.pk: form for form in row_forms}
    for fault in faults:
        form = by_row.get(fault.row.pk, row_forms[0])
        is_shown = form.instance.pk == fault.row.pk and fault.name in form.fields
        form.cleaned_data = {}  # `add_error` removes the field from it
        form.add_error(fault.name if is_shown else None, fault.message if is_shown else str(fault))


def conflicting(whole: Whole, conflicts: Iterable[Conflict], told: Iterable[ConflictInWords]) -> Iterator[Fault]:
    rows = {f"{name}/{row.pk}": row for name, members in whole.parts.items() for row in members}
    for conflict, words in zip(conflicts, told, strict=True):
        row = rows.get(conflict.key, whole.obj)
        if conflict.field:
            yield Fault(row, conflict.field, f"This was changed in both places. The form shows yours: {COMPARE}")
        elif conflict.theirs is None:
            yield Fault(row, "", f"This was deleted meanwhile, and you changed it: {COMPARE}")
        else:
            yield Fault(row, "", f"{words.where} was changed meanwhile, and you deleted it: {COMPARE}")
