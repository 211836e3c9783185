"""What the staff's home shows: what they come for, what waits for them, what changed."""

from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.auth.models import User
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from pages.models import Clinic
from publishing.models import Publishable, Revision

# The words of a task, the page of the admin that it leads to and the right that it needs.
TASKS = (
    ("Edit a service", "services_service_changelist", "services.change_service"),
    ("Answer a question", "services_faq_changelist", "services.change_faq"),
    ("Add a testimonial", "testimonials_testimonial_add", "testimonials.add_testimonial"),
    ("Edit testimonials", "testimonials_testimonial_changelist", "testimonials.change_testimonial"),
    ("Opening hours, address and notice", "pages_clinic_changelist", "pages.change_clinic"),
    ("Write a page", "pages_page_changelist", "pages.change_page"),
    ("Pictures", "pictures_picture_changelist", "pictures.view_picture"),
    ("People and their roles", "auth_user_changelist", "auth.change_user"),
)
DEEDS = {ADDITION: "added", DELETION: "deleted"}
SHOWN = 20


class Dated(NamedTuple):
    """Something that happens by itself: a moment, what it is about, the page of the admin, what happens."""

    moment: Any
    name: str
    address: str
    event: str


class Deed(NamedTuple):
    """What somebody did: a moment, who, what in words, the object's kind and name, its address or "", details."""

    moment: Any
    who: Any
    deed: str
    kind: str
    name: str
    address: str
    details: str


def home(user: User) -> dict[str, Any]:
    """The context of the staff's home for this person."""
    drafts = open_drafts(user)
    return {
        "tasks": [(words, reverse(f"admin:{name}")) for words, name, right in TASKS if user.has_perm(right)],
        "drafts": [(draft, address) for draft, address in drafts if draft.failed_at or not draft.apply_at][:SHOWN],
        "dated": dated(user, drafts)[:SHOWN],
        "deeds": deeds(user),
    }


def may_edit(user, model):
    return user.has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}")


def form_address(model, pk):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])


def open_drafts(user):
    """The drafts of what this person may edit, as (draft, address): those that failed first, then the latest."""
    found = Revision.objects.drafts().select_related("author", "content_type")
    found = found.order_by(F("failed_at").desc(nulls_last=True), F("apply_at").asc(nulls_last=True), "-created_at")
    return [
        (draft, f"{form_address(draft.model, draft.object_id)}?revision={draft.pk}")
        for draft in found[: 10 * SHOWN]
        if draft.model and may_edit(user, draft.model)
    ]


def dated(user, drafts):
    """What is to happen by itself, the next first."""
    found = [
        Dated(draft.apply_at, str(draft), address, "A kept change goes live by itself")
        for draft, address in drafts
        if draft.apply_at and not draft.failed_at
    ]
    for model in apps.get_models():
        if issubclass(model, Publishable) and may_edit(user, model):
            waiting = model._base_manager.filter(publish_at__gt=timezone.now()).order_by("publish_at")[:SHOWN]
            found += [
                Dated(row.publish_at, str(row), form_address(model, row.pk), "Becomes public by itself")
                for row in waiting
            ]
    clinic = Clinic.current()
    if clinic.notice_until and clinic.notice_until > timezone.now() and may_edit(user, Clinic):
        found.append(Dated(clinic.notice_until, clinic.notice, form_address(Clinic, clinic.pk), "The notice ends"))
    return sorted(found)


def deeds(user):
    """The latest changes that anybody made to what this person may see."""
    found = LogEntry.objects.select_related("user", "content_type").exclude(content_type=None)[: 5 * SHOWN]
    told = []
    for entry in found:
        model = entry.content_type.model_class()
        if model and user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"):
            address = "" if entry.is_deletion() else entry.get_admin_url() or ""
            deed, kind = DEEDS.get(entry.action_flag, "changed"), model._meta.verbose_name
            details = "" if entry.is_addition() or entry.is_deletion() else entry.get_change_message()
            told.append(Deed(entry.action_time, entry.user, deed, kind, entry.object_repr, address, details))
    return told[:SHOWN]
