"""What a visitor gets when a view fails, or refuses.

Django's own views of the same names read what was posted, which may be the very fault.
"""

import sqlite3
import sys

from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from clinic_site.logs import request_id

RETRY_AFTER = 30  # seconds


def server_error(request: HttpRequest) -> HttpResponse:
    if is_outage(sys.exc_info()[1]):
        headers = {"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
        return HttpResponse(render_to_string("503.html"), status=503, headers=headers)
    return HttpResponse(render_to_string("500.html", {"request_id": request_id.get()}), status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, SessionInterrupted):  # ended from elsewhere while the view ran
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    return HttpResponse(render_to_string("400.html"), status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def is_outage(fault: BaseException | None) -> bool:
    cause = fault and fault.__cause__
    if isinstance(cause, sqlite3.OperationalError):
        # SQLITE_ERROR is wrong SQL, such as a column that is not there; an outage has a code of its own.
        return getattr(cause, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR
    # A DatabaseError as such is what SQLite says of a file that is damaged or none of its own.
    return isinstance(fault, OperationalError | InterfaceError) or type(fault) is DatabaseError
