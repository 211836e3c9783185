from urllib.parse import unquote

from django.conf import settings
from django.http import Http404

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def browser_rules(get_response):
    """Send what neither Django nor django-csp sends: no sensors, and no use of our answers by other sites.

    The directives of the policy are sorted: django-csp's order differs from process to process. Static files are no
    documents that could use a sensor, and a first visit asks for six of them.
    """

    def middleware(request):
        response = get_response(request)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if policy := response.headers.get("Content-Security-Policy"):
            response.headers["Content-Security-Policy"] = "; ".join(sorted(policy.split("; ")))
        return response

    return middleware


def no_body_for_head(get_response):
    """Leave the body out of the answer to HEAD. Django does not, and gunicorn logs each one that it has to drop."""

    def middleware(request):
        response = get_response(request)
        if request.method == "HEAD":
            if response.streaming:
                response.streaming_content = []
            else:
                response.content = b""
        return response

    return middleware


def no_null_characters(get_response):
    """Keep null characters from the database, for PostgreSQL can't look for one; forms refuse them by themselves.

    Nothing is found at such an address or with such a cookie. In a query they count as not typed.
    """

    def middleware(request):
        if any("\x00" in text for text in (request.path, *request.COOKIES.values())):
            raise Http404
        if "\x00" in unquote(request.META.get("QUERY_STRING", "")):
            request.GET = request.GET.copy()
            for name, values in request.GET.lists():
                request.GET.setlist(name, [value.replace("\x00", "") for value in values])
        return get_response(request)

    return middleware
