from csp.decorators import csp
from django.conf import settings
from django.contrib import admin

from clinic_site.home import home
from pages.models import Clinic


class ClinicAdminSite(admin.AdminSite):
    """The stock admin under its own Content-Security-Policy and the clinic's name, with a home for staff."""

    site_title = "Clinic website"
    index_title = "What would you like to do?"
    index_template = "admin/home.html"

    def admin_view(self, view, cacheable=False):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().admin_view(view, cacheable))

    def login(self, request, extra_context=None):
        return csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().login)(request, extra_context)

    def each_context(self, request):
        return super().each_context(request) | {"site_header": Clinic.current().name}

    def index(self, request, extra_context=None):
        return super().index(request, (extra_context or {}) | home(request.user))
