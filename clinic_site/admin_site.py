from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from csp.decorators import csp
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import TO_FIELD_VAR
from django.contrib.auth.models import User
from django.contrib.messages.middleware import MessageMiddleware
from django.core.exceptions import BadRequest
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver

from accounts.codes import needs_codes
from accounts.forms import LoginForm
from accounts.guesses import remember
from accounts.sessions import keep
from accounts.tries import take
from clinic_site.home import home
from pages.models import Clinic
from publishing.staff.forms import user_of

SEARCH_VAR, ERROR_FLAG = "q", "e"  # as the lists of Django's admin call them
LONGEST_SEARCH, MOST_SEARCH_WORDS = 200, 20  # characters and words
MOST_CHANGES = 20  # tries to change one's password, an hour
WITHOUT_CODES = {"sign_in_code", "logout", "jsi18n"}  # what who is to set up codes may open before that
LOOKUPS = {"exact", "in", "isnull", "isempty", "gte", "lt"}  # that the filters of lists make

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class ClinicAdminSite(admin.AdminSite):
    site_title = "Clinic website"
    index_title = "What would you like to do?"
    index_template = "admin/home.html"
    login_form = LoginForm
    password_change_template = "admin/accounts/change_password.html"  # noqa: S105 - no password

    def get_urls(self) -> list[URLPattern | URLResolver]:
        # Not Django's "view on site", which redirects any staff to any object, at the host of the sites framework.
        return [found for found in super().get_urls() if getattr(found, "name", "") != "view_on_site"]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return with_admin_policy(bound_query(retry_on_integrity_error(super().admin_view(of_staff(view), cacheable))))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        response = with_admin_policy(super().login)(request, extra_context)
        if request.method == "POST" and isinstance(response, HttpResponseRedirect):
            remember(request, response, user_of(request))
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # Who found an open session shall not learn the password by trying.
        if request.method == "POST" and not take(MOST_CHANGES, "password change", user_of(request).pk):
            messages.error(request, "You tried that often. Wait an hour.")
            return redirect("admin:password_change")
        return super().password_change(request, extra_context)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        own = {"site_header": Clinic.current().name, "has_email": settings.HAS_EMAIL}
        return super().each_context(request) | own

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, (extra_context or {}) | home(cast(User, request.user)))


def of_staff(view: View) -> View:
    """Note that this person is here, and let who is to set up sign-in codes do nothing else before."""

    @wraps(view)
    def view_of_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        keep(request)
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name not in WITHOUT_CODES and needs_codes(user_of(request)):
            return redirect("sign_in_code")
        return view(request, *args, **kwargs)

    return cast(View, view_of_staff)


def bound_query(view: View) -> View:
    """Search for the first words only, which staff are told, and refuse what no link of the staff's pages holds.

    Of a number that is out of range Django's lists make an error where they are shown; of others they redirect so.
    Of a pattern or a year the database makes one, and of an empty name of a field Django's forms.
    """

    @wraps(view)
    def bounded_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if any("__" in name and name.rpartition("__")[2] not in LOOKUPS for name in request.GET):
            raise BadRequest("No filter makes this lookup.")
        if "" in request.GET.getlist(TO_FIELD_VAR) + request.POST.getlist(TO_FIELD_VAR):
            raise BadRequest("A pop-up names a field.")
        typed = request.GET.get(SEARCH_VAR, "")
        searched = " ".join(typed[:LONGEST_SEARCH].split()[:MOST_SEARCH_WORDS])
        if len(typed) > LONGEST_SEARCH or len(typed.split()) > MOST_SEARCH_WORDS:
            query = request.GET.copy()
            query[SEARCH_VAR] = searched
            request.GET = QueryDict(query.urlencode())
            messages.warning(request, f"Searched for the first words alone: at most {MOST_SEARCH_WORDS}.")
        try:
            return view(request, *args, **kwargs)
        except OverflowError:
            if request.method == "GET" and request.GET and ERROR_FLAG not in request.GET:
                return redirect(f"{request.path}?{ERROR_FLAG}=1")
            raise

    return cast(View, bounded_view)


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
