"""The index of the admin: tasks, the last backup, what waits for someone, scheduled events and recent changes."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, Max, Model, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from backups.state import state_of
from pages.models import Clinic
from publishing.models import Publishable, Revision
from publishing.staff.editing import is_key
from publishing.staff.ordering import MOVED

# (label, URL name in the admin, permission that it needs)
TASKS = (
    ("Edit a service", "services_service_changelist", "services.change_service"),
    ("Answer a question", "services_faq_changelist", "services.change_faq"),
    ("Add a testimonial", "testimonials_testimonial_add", "testimonials.add_testimonial"),
    ("Edit testimonials", "testimonials_testimonial_changelist", "testimonials.change_testimonial"),
    ("Opening hours, telephone and notice", "pages_clinic_changelist", "pages.change_clinic"),
    ("Write a page", "pages_page_changelist", "pages.change_page"),
    ("Pictures", "pictures_picture_changelist", "pictures.view_picture"),
    ("Addresses not found", "redirects_redirect_not_found", "redirects.add_redirect"),
    ("People and their roles", "auth_user_changelist", "auth.change_user"),
    ("Who changed what", "accounts_change_changelist", "accounts.view_change"),
)
VERBS = {ADDITION: "added", DELETION: "deleted"}
MAX_ROWS = 20  # of each table but that of what waits
MAX_WAITING = 100
RIGHTS = "django.contrib.auth.backends.ModelBackend"  # what tells who has a right
AnyUser = User | AnonymousUser
Draft = tuple[Revision, str]  # with the URL at which it is edited


class Waiting(NamedTuple):
    """What waits for someone who may publish it: a draft, or something new that is saved and not public."""

    name: str
    kind: str
    url: str
    time: datetime
    author: User | None
    errors: list[str]  # why it did not go live
    is_saved: bool


class ScheduledEvent(NamedTuple):
    time: datetime
    name: str
    url: str
    event: str


class RecentChange(NamedTuple):
    time: datetime
    user: User
    verb: str
    kind: str
    name: str
    url: str  # empty where the object has no form
    details: str


def home(user: AnyUser) -> dict[str, Any]:
    drafts = open_drafts(user)
    is_told = user.has_perm("auth.change_user")  # who can see to it that there are backups
    second = settings.BACKUP_COPY_DIR
    return {
        "backup": state_of(settings.BACKUP_DIR) if is_told else None,
        "second_copy": state_of(second) if is_told and second else None,
        "tasks": [(label, reverse(f"admin:{name}")) for label, name, permission in TASKS if user.has_perm(permission)],
        "waiting": waiting(user, drafts)[:MAX_WAITING],
        "scheduled_events": scheduled_events(user, drafts)[:MAX_ROWS],
        "recent_changes": recent_changes(user),
    }


def may_edit(user: AnyUser, model: type[Model]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}")


def change_url(model: type[Model], pk: UUID) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])


def open_drafts(user: AnyUser) -> list[Draft]:
    drafts = Revision.objects.drafts().select_related("author", "content_type")
    drafts = drafts.order_by(F("failed_at").desc(nulls_last=True), F("apply_at").asc(nulls_last=True), "-created_at")
    return [
        (draft, f"{change_url(draft.model, draft.object_id)}?revision={draft.pk}")
        for draft in drafts[: 10 * MAX_ROWS]
        if draft.model and may_edit(user, draft.model)
    ]


def waiting(user: AnyUser, drafts: list[Draft]) -> list[Waiting]:
    found = [
        Waiting(str(draft), draft.content_type.name, url, draft.created_at, draft.author, draft.errors, False)
        for draft, url in drafts
        if draft.failed_at or not draft.apply_at
    ]
    for model in apps.get_models():
        if issubclass(model, Publishable) and may_edit(user, model):
            found += saved_by_contributors(model)
    return sorted(found, key=lambda one: (bool(one.errors), one.time), reverse=True)


def saved_by_contributors(model: type[Publishable]) -> Iterator[Waiting]:
    """Yield what is not public, has no draft, and was last saved in the admin by who may not publish it."""
    kind = ContentType.objects.get_for_model(model)
    last = {
        UUID(entry.object_id): entry for entry in last_by_contributors(model, kind) if is_key(entry.object_id or "")
    }
    drafts = Revision.objects.drafts().filter(content_type=kind, object_id=OuterRef("pk"))
    rows = model._base_manager.filter(publish_at=None, pk__in=last).exclude(Exists(drafts))
    for row in rows.order_by("-updated_at")[:MAX_WAITING]:
        entry = last[row.pk]
        yield Waiting(str(row), kind.name, change_url(model, row.pk), entry.action_time, entry.user, [], True)


def last_by_contributors(model: type[Publishable], kind: ContentType) -> QuerySet[LogEntry]:
    """Return the newest entry of each object where whoever made it may not publish; moves are no such entries."""
    entries = LogEntry.objects.filter(content_type=kind).exclude(change_message__startswith=MOVED).order_by()
    newest = entries.values("object_id").annotate(newest=Max("pk")).values("newest")
    right = f"{model._meta.app_label}.publish_{model._meta.model_name}"
    publishers = User.objects.with_perm(right, is_active=None, backend=RIGHTS)  # type: ignore[arg-type] # any
    found = LogEntry.objects.filter(pk__in=newest).exclude(user__in=publishers.values("pk"))
    return found.select_related("user").order_by("-pk")[: 10 * MAX_WAITING]


def scheduled_events(user: AnyUser, drafts: list[Draft]) -> list[ScheduledEvent]:
    events = [
        ScheduledEvent(draft.apply_at, str(draft), url, "A kept change goes live by itself")
        for draft, url in drafts
        if draft.apply_at and not draft.failed_at
    ]
    for model in apps.get_models():
        if issubclass(model, Publishable) and may_edit(user, model):
            waiting = model._base_manager.filter(publish_at__gt=timezone.now()).order_by("publish_at")[:MAX_ROWS]
            events += [
                ScheduledEvent(row.publish_at, str(row), change_url(model, row.pk), "Becomes public by itself")
                for row in waiting
                if row.publish_at
            ]
    clinic = Clinic.current()
    if clinic.notice_until and clinic.notice_until > timezone.now() and may_edit(user, Clinic):
        url = change_url(Clinic, clinic.pk)
        events.append(ScheduledEvent(clinic.notice_until, clinic.notice, url, "The notice ends"))
    return sorted(events)


def recent_changes(user: AnyUser) -> list[RecentChange]:
    entries = LogEntry.objects.select_related("user", "content_type").exclude(content_type=None)[: 5 * MAX_ROWS]
    changes = []
    for entry in entries:
        model = entry.content_type and entry.content_type.model_class()
        if model and user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            url = "" if entry.is_deletion() else entry.get_admin_url() or ""
            verb, kind = VERBS.get(entry.action_flag, "changed"), str(model._meta.verbose_name)
            details = "" if entry.is_addition() or entry.is_deletion() else entry.get_change_message()
            changes.append(RecentChange(entry.action_time, entry.user, verb, kind, entry.object_repr, url, details))
    return changes[:MAX_ROWS]
