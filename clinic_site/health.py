"""Answers to programs that watch the site: /health/live and /health/ready.

A program on this machine, or at the address of a trusted proxy, is answered whatever host it names and without https.
Everybody else, such as a visitor whom the proxy passes on, finds no page there.
"""

import ipaddress
import shutil
from collections.abc import Callable
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from backups.state import last_good
from clinic_site.overlap import to_migrate
from pagecache.middleware import DATABASE_DOWN
from pagecache.triggers import missing_triggers

LIVE, READY = "/health/live", "/health/ready"
LEAST_ROOM = 50_000_000  # bytes on the disk of the data
DOWN = "does not answer"


def answer_health(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer before anything else of Django looks at the host or the scheme."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not is_of_health(request.META):
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        found = {} if request.path_info == LIVE else faults(DATABASE_DOWN in request.META)
        is_well = not any(found.values())
        told = {"status": "ok" if is_well else "failing"} | {name: fault or "ok" for name, fault in found.items()}
        told |= {} if request.path_info == LIVE else {"backup": backup()}
        headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return JsonResponse(told, status=200 if is_well else 503, headers=headers)

    return middleware


def is_of_health(environ: dict[str, Any]) -> bool:
    return environ["PATH_INFO"] in (LIVE, READY) and is_watcher(environ)


def is_watcher(environ: dict[str, Any]) -> bool:
    """Return whether the request comes from this machine or from a trusted proxy itself, and is passed on by none."""
    if "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ:
        return False
    address = environ.get("REMOTE_ADDR", "")
    if not address or "*" in settings.PROXIES:  # a Unix socket has no address
        return True
    found = ipaddress.ip_address(address)
    return any(found in ipaddress.ip_network(proxy) for proxy in settings.PROXIES)


def faults(is_down: bool) -> dict[str, str]:
    """Return what is wrong with each part that the site needs, or an empty text."""
    found = {"database": DOWN} if is_down else {name: fault_of(check) for name, check in OF_DATABASE.items()}
    return found | {"storage": fault_of(storage)}


def fault_of(check: Callable[[], str]) -> str:
    try:
        return check()
    except (DatabaseError, InterfaceError):
        return DOWN
    except OSError as error:
        return error.strerror or str(error) or type(error).__name__


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def migrations() -> str:
    _, plan = to_migrate()
    return f"{len(plan)} not applied" if plan else ""


def triggers() -> str:
    missing = missing_triggers()
    return f"{len(missing)} missing" if missing else ""


def storage() -> str:
    """Write in the folder of the pictures, or ask the store that is elsewhere."""
    if isinstance(default_storage, FileSystemStorage):
        with TemporaryFile(dir=settings.MEDIA_ROOT) as file:
            file.write(b"x")
    else:
        default_storage.exists("any")
    return "" if shutil.disk_usage(settings.DATA_DIR).free >= LEAST_ROOM else "the disk is nearly full"


def backup() -> str:
    """Tell the age of the last good backup; a site is as well without one, so nothing fails by it."""
    last = last_good()
    return f"{(timezone.now() - last) // timedelta(hours=1)} hours old" if last else "none"


OF_DATABASE = {"database": database, "migrations": migrations, "triggers": triggers}
