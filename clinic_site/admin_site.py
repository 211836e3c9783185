from functools import wraps

from csp.decorators import csp
from django.conf import settings
from django.contrib import admin, messages
from django.db import IntegrityError

from clinic_site.home import home
from pages.models import Clinic


class ClinicAdminSite(admin.AdminSite):
    """The stock admin under its own Content-Security-Policy and the clinic's name, with a home for staff."""

    site_title = "Clinic website"
    index_title = "What would you like to do?"
    index_template = "admin/home.html"

    def admin_view(self, view, cacheable=False):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(
            retry_on_integrity_error(super().admin_view(view, cacheable))
        )

    def login(self, request, extra_context=None):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().login)(request, extra_context)

    def each_context(self, request):
        return super().each_context(request) | {"site_header": Clinic.current().name}

    def index(self, request, extra_context=None):
        return super().index(request, (extra_context or {}) | home(request.user))


def retry_on_integrity_error(view):
    """Call the view a second time where a concurrent request broke a constraint for it, as by taking its slug.

    The first call is rolled back, and at the second the view's own checks see what the other request did.
    """

    @wraps(view)
    def retrying_view(request, *args, **kwargs):
        try:
            return view(request, *args, **kwargs)
        except IntegrityError:
            list(messages.get_messages(request))  # reading them drops those of the first call
            return view(request, *args, **kwargs)

    return retrying_view
