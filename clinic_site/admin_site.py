from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from csp.decorators import csp
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.messages.middleware import MessageMiddleware
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse

from clinic_site.home import home
from pages.models import Clinic

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ClinicAdminSite(admin.AdminSite):
    site_title = "Clinic website"
    index_title = "What would you like to do?"
    index_template = "admin/home.html"

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return with_admin_policy(retry_on_integrity_error(super().admin_view(view, cacheable)))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return with_admin_policy(super().login)(request, extra_context)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        return super().each_context(request) | {"site_header": Clinic.current().name}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, (extra_context or {}) | home(cast(User, request.user)))


def with_admin_policy(view: View) -> View:
    return cast(View, csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(view))


def retry_on_integrity_error(view: View) -> View:
    """Call the view a second time where a concurrent request broke a constraint for it, as by taking its slug.

    The first call is rolled back, and at the second the view's own checks see what the other request did.
    """

    @wraps(view)
    def retrying_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except IntegrityError:
            MessageMiddleware(view).process_request(request)  # begins anew, without the messages of the first call
            return view(request, *args, **kwargs)

    return cast(View, retrying_view)
