from functools import wraps

from csp.decorators import csp
from django.conf import settings
from django.contrib import admin, messages
from django.db import IntegrityError
from django.db.models import F
from django.urls import reverse

from pages.models import Clinic
from publishing.models import Revision

# What staff come for, in their words: the words, the page of the admin and the right that it needs.
TASKS = (
    ("Edit a service", "services_service_changelist", "services.change_service"),
    ("Answer a question", "services_faq_changelist", "services.change_faq"),
    ("Add a testimonial", "testimonials_testimonial_add", "testimonials.add_testimonial"),
    ("Edit testimonials", "testimonials_testimonial_changelist", "testimonials.change_testimonial"),
    ("Opening hours, address and notice", "pages_clinic_changelist", "pages.change_clinic"),
    ("Write a page", "pages_page_changelist", "pages.change_page"),
    ("Pictures", "pictures_picture_changelist", "pictures.change_picture"),
)
SHOWN = 20


class ClinicAdminSite(admin.AdminSite):
    """The stock admin under its own Content-Security-Policy and the clinic's name, with a home for staff."""

    site_title = "Clinic website"
    index_title = "What would you like to do?"
    index_template = "admin/home.html"

    def admin_view(self, view, cacheable=False):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(asked_again(super().admin_view(view, cacheable)))

    def login(self, request, extra_context=None):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().login)(request, extra_context)

    def each_context(self, request):
        return super().each_context(request) | {"site_header": Clinic.current().name}

    def index(self, request, extra_context=None):
        tasks = [(words, reverse(f"admin:{name}")) for words, name, right in TASKS if request.user.has_perm(right)]
        return super().index(request, (extra_context or {}) | {"tasks": tasks, "drafts": open_drafts(request.user)})


def asked_again(view):
    """The view, asked once more where another one took an address, or deleted what is pointed to, in that moment.

    Nothing of the first time is left, and the second time the view's own checks see what the other one did.
    """

    @wraps(view)
    def asked(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except IntegrityError:
            list(messages.get_messages(request))  # read, so that none of the first time's is shown
            return view(request, *args, **kwargs)

    return asked


def open_drafts(user):
    """The drafts of what this person may edit, as (draft, address): those that failed and those with a date first."""
    found = Revision.objects.drafts().select_related("author", "content_type")
    late = [F(name).desc(nulls_last=True) for name in ("failed_at", "apply_at")]
    found = found.order_by(*late, "created_at")[: 5 * SHOWN]
    drafts = []
    for draft in sorted(found, key=lambda draft: (not draft.failed_at, draft.apply_at is None)):
        opts = draft.model._meta
        if user.has_perm(f"{opts.app_label}.change_{opts.model_name}"):
            address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[draft.object_id])
            drafts.append((draft, f"{address}?revision={draft.pk}"))
    return drafts[:SHOWN]
