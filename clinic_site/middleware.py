PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def browser_rules(get_response):
    """Send what neither Django nor django-csp sends: no sensors, and no use of our answers by other sites.

    The directives of the policy are sorted: django-csp's order differs from process to process.
    """

    def middleware(request):
        response = get_response(request)
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
