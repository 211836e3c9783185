"""What a visitor gets when a view fails."""

import sqlite3
import sys

from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error as stock_server_error

RETRY_AFTER = 30  # seconds


def server_error(request: HttpRequest) -> HttpResponse:
    if is_outage(sys.exc_info()[1]):
        headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    return stock_server_error(request)


def is_outage(fault: BaseException | None) -> bool:
    cause = fault and fault.__cause__
    if isinstance(cause, sqlite3.OperationalError):
        # SQLITE_ERROR is wrong SQL, such as a column that is not there; an outage has a code of its own.
        return getattr(cause, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
    # A DatabaseError as such is what SQLite says of a file that is damaged or none of its own.
    return isinstance(fault, OperationalError | InterfaceError) or type(fault) is DatabaseError
