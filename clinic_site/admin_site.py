from csp.decorators import csp
from django.conf import settings
from django.contrib import admin

from pages.models import Clinic


class ClinicAdminSite(admin.AdminSite):
    """The stock admin under its own Content-Security-Policy and the clinic's name."""

    site_title = "Clinic website"
    index_title = "What would you like to edit?"

    def admin_view(self, view, cacheable=False):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().admin_view(view, cacheable))

    def login(self, request, extra_context=None):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().login)(request, extra_context)

    def each_context(self, request):
        return super().each_context(request) | {"site_header": Clinic.current().name}
