"""Set up what stands between gunicorn and Django."""

import atexit
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.handlers.wsgi import get_path_info
from django.db import connections
from django.http import parse_cookie
from django.urls import Resolver404, resolve

from accounts.sessions import SessionStore
from clinic_site.address import kind_of
from clinic_site.health import LIVE
from clinic_site.logs import with_request_id
from clinic_site.places import PATIENCE, UPLOADS_PATIENCE, Places, check_charset, received
from pagecache import sqlite
from pagecache.cache import PageCache
from pagecache.middleware import DATABASE_DOWN, mark_outage
from pagecache.query_string import QueryParameters
from pagecache.readers import default_reader, with_current_connection
from pagecache.triggers import triggers_are_installed
from pagecache.version import VersionReader
from pictures.files import FOLDER, NAME, remote_store

ADMIN = "/admin/"
STORED = re.compile(re.escape(settings.MEDIA_URL) + NAME)  # a rendition in a store that may be slow
# Below these passwords are checked or set, which takes a processor long on purpose.
PASSWORDS = tuple(
    f"{ADMIN}{name}/" for name in ("login", "password_change", "sign-in-code", "new-password", "invitation")
)


def behind_cache(django: WSGIApplication) -> WSGIApplication:
    reader = default_reader()
    database = connections.databases["default"]
    if isinstance(reader, sqlite.Reader):
        # A server whose file is gone shall not go on with an empty one.
        database["NAME"] = f"{Path(database['NAME']).absolute().as_uri()}?mode=rw"
    if settings.DEBUG:
        return django
    if isinstance(reader, sqlite.Reader):
        database["CONN_MAX_AGE"] = None  # opening it takes as long as eight queries
        atexit.register(reader.close)
    application = mark_outage(in_places(django, reader), reader)
    if not triggers_are_installed():
        return application
    site = urlsplit(settings.SITE_URL)
    return PageCache(application, reader, (site.scheme, site.netloc), lru_cache(256)(is_own_host), query_parameters)


def in_places(django: WSGIApplication, reader: VersionReader) -> WSGIApplication:
    """Return the application that runs Django in the places of its kind of request.

    What needs no database has no place to wait for.
    """
    current = with_current_connection(django, reader) if isinstance(reader, sqlite.Reader) else django
    places = {
        name: Places(current, *numbers, name, UPLOADS_PATIENCE if name == "uploads" else PATIENCE)
        for name, numbers in settings.PLACES.items()
    }
    files, has_store = static_files(), remote_store() is not None

    def placed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        check_charset(environ)
        path = environ["PATH_INFO"]
        if has_store and environ["REQUEST_METHOD"] in ("GET", "HEAD") and STORED.fullmatch(path):
            return places["pictures"](environ, start_response)
        if DATABASE_DOWN in environ or path == LIVE or path in files or is_rendition(path):
            try:
                return django(environ, start_response)
            finally:
                connections.close_all()
        with received(environ, body_limit(environ, places["staff"])) as whole:
            return places[place_for(environ)](whole, start_response)

    return with_request_id(placed)


def static_files() -> frozenset[str]:
    root = Path(settings.STATIC_ROOT)
    return frozenset(f"{settings.STATIC_URL}{path.relative_to(root)}" for path in root.rglob("*") if path.is_file())


def is_rendition(path: str) -> bool:
    name = path.removeprefix(settings.MEDIA_URL)
    return name != path and "/" not in name and (Path(settings.MEDIA_ROOT) / FOLDER / name).is_file()


def place_for(environ: WSGIEnvironment) -> str:
    path = environ["PATH_INFO"]
    if not path.startswith(ADMIN):
        return "visitors"
    if environ["REQUEST_METHOD"] != "POST":
        return "staff"
    if path.startswith(PASSWORDS):
        return "logins"
    return "uploads" if is_multipart(environ) else "staff"


def is_multipart(environ: WSGIEnvironment) -> bool:
    return bool(environ.get("CONTENT_TYPE", "").lower().startswith("multipart/"))


def body_limit(environ: WSGIEnvironment, staff: Places) -> int:
    size = environ.get("CONTENT_LENGTH", "")
    if not size.isdecimal() or int(size) <= settings.MAX_BODY_OF_STRANGERS:
        return settings.MAX_BODY_OF_STRANGERS
    if not environ["PATH_INFO"].startswith(ADMIN) or not staff.run(is_logged_in, environ.get("HTTP_COOKIE", "")):
        return settings.MAX_BODY_OF_STRANGERS
    return settings.MAX_BODY if is_multipart(environ) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def is_logged_in(cookies: str) -> bool:
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    return key is not None and "\0" not in key and SESSION_KEY in SessionStore(key)


def is_own_host(host: str) -> bool:
    return kind_of(host) == "own"


def query_parameters(path: str) -> QueryParameters | None:
    """Return those of the public view at a path, as it comes in the environ; None where there is no such view."""
    try:
        match = resolve(get_path_info({"PATH_INFO": path}))
    except Resolver404:
        return None
    return getattr(match.func, "query_parameters", None)
