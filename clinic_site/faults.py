import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error as stock_server_error

RETRY_AFTER = 30  # seconds


def server_error(request):
    """The page for a fault of ours; a database that does not answer is no fault of the page, and soon over."""
    fault = sys.exc_info()[1]
    # A DatabaseError as such is what SQLite says of a file that is damaged or none of its own.
    if isinstance(fault, (OperationalError, InterfaceError)) or type(fault) is DatabaseError:
        headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    return stock_server_error(request)
