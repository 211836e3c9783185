import sys

from django.db import InterfaceError, OperationalError
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error as stock_server_error

RETRY_AFTER = "30"  # seconds


@requires_csrf_token
def server_error(request):
    """The page for a fault of ours; a database that does not answer is no fault of the page, and soon over."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        response = render(None, "503.html", status=503)
        response.headers["Retry-After"] = RETRY_AFTER
        response.headers["Cache-Control"] = "no-store"
        return response
    return stock_server_error(request)
