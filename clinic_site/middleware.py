from urllib.parse import unquote

from django.http import Http404

PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def browser_rules(get_response):
    """Send what neither Django nor django-csp sends: no sensors, and no use of our answers by other sites."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
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
