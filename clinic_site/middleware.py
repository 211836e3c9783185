from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import unquote

from django.conf import settings
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
    QueryDict,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

GetResponse = Callable[[HttpRequest], HttpResponseBase]

REFUSED = "clinic_site.refused"  # in the environ of a request that reaches no view: the status of the answer
PROXY_FAULT = "clinic_site.proxy_fault"  # the same: what is wrong with the proxy
MOVED = "clinic_site.moved"  # the same: (where to, whether the method may become GET)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def security_headers(get_response: GetResponse) -> GetResponse:
    """Add Permissions-Policy (not to static files) and Cross-Origin-Resource-Policy; sort the directives of the CSP."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        # Static files are no documents that could use a sensor, and a first visit loads six of them.
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # django-csp's order differs from process to process.
        if policy := response.headers.get("Content-Security-Policy"):
            response.headers["Content-Security-Policy"] = "; ".join(sorted(policy.split("; ")))
        return response

    return middleware


def no_body_for_head(get_response: GetResponse) -> GetResponse:
    # gunicorn logs each body that it has to drop.
    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method == "HEAD":
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = []
            elif isinstance(response, HttpResponse):
                response.content = b""
        return response

    return middleware


def answer_refused(get_response: GetResponse) -> GetResponse:
    """Answer what was refused before Django, or for its method, by a page of our own; needs no database."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if status := request.META.get(REFUSED):
            return error_page(status)
        if fault := request.META.get(PROXY_FAULT):
            return proxy_page(fault)
        if moved := request.META.get(MOVED):
            return moved_for_good(*moved)
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            return error_page(response.status_code, {"Allow": response.headers["Allow"]})
        return response

    return middleware


def error_page(status: int, headers: Mapping[str, str] = MappingProxyType({})) -> HttpResponse:
    template = f"{status}.html" if status in (413, 503) else "400.html"
    return HttpResponse(render_to_string(template), status=status, headers={"Cache-Control": "no-store", **headers})


def proxy_page(fault: str) -> HttpResponse:
    html = render_to_string("proxy.html", {"fault": fault, "site_url": settings.SITE_URL})
    return HttpResponse(html, status=400, headers={"Cache-Control": "no-store"})


def moved_for_good(location: str, is_safe: bool) -> HttpResponse:
    # Not remembered by browsers: what is canonical may change.
    return HttpResponsePermanentRedirect(location, preserve_request=not is_safe, headers={"Cache-Control": "no-cache"})


def few_fields_of_strangers(get_response: GetResponse) -> GetResponse:
    """Refuse a form of more fields than any public one has before it is read, unless its sender is logged in."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            body = request.body
            if body.count(b"&") + body.count(b"\n--") >= settings.MAX_FIELDS_OF_STRANGERS:
                return error_page(400)
        return get_response(request)

    return middleware


def no_null_characters(get_response: GetResponse) -> GetResponse:
    """Raise Http404 for null characters in the path or a cookie, and remove them from the query.

    PostgreSQL fails on a null character in a parameter. In POST data Django's form fields refuse them.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if any("\x00" in text for text in (request.path, *request.COOKIES.values())):
            raise Http404
        if "\x00" in unquote(request.META.get("QUERY_STRING", "")):
            query = request.GET.copy()
            for name, values in query.lists():
                query.setlist(name, [value.replace("\x00", "") for value in values])
            request.GET = QueryDict(query.urlencode())
        return get_response(request)

    return middleware
