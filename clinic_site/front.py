"""Set up what stands between gunicorn and Django."""

import atexit
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import connections
from django.http.request import split_domain_port, validate_host
from django.urls import Resolver404, resolve

from clinic_site.places import PATIENCE, UPLOADS_PATIENCE, Places, check_charset, received
from pagecache import sqlite
from pagecache.cache import PageCache
from pagecache.middleware import DATABASE_DOWN, mark_outage
from pagecache.query_string import QueryParameters
from pagecache.readers import default_reader, with_current_connection
from pagecache.triggers import triggers_are_installed
from pagecache.version import VersionReader

ADMIN = "/admin/"
WITHOUT_DATABASE = (settings.STATIC_URL, settings.MEDIA_URL)


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
    return PageCache(application, reader, (site.scheme, site.netloc), is_own_host, query_parameters)


def in_places(django: WSGIApplication, reader: VersionReader) -> WSGIApplication:
    """Return the application that runs Django in the places of its kind of request.

    What needs no database has no place to wait for.
    """
    current = with_current_connection(django, reader) if isinstance(reader, sqlite.Reader) else django
    patience = {"uploads": UPLOADS_PATIENCE}
    places = {
        name: Places(current, number, name, patience.get(name, PATIENCE)) for name, number in settings.PLACES.items()
    }

    def placed(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        check_charset(environ)
        if DATABASE_DOWN not in environ and not environ["PATH_INFO"].startswith(WITHOUT_DATABASE):
            with received(environ, body_limit(environ)) as whole:
                return places[place_for(environ)](whole, start_response)
        try:
            return django(environ, start_response)
        finally:
            connections.close_all()  # of an address that is not there, say

    return placed


def place_for(environ: WSGIEnvironment) -> str:
    path = environ["PATH_INFO"]
    if not path.startswith(ADMIN):
        return "visitors"
    if environ["REQUEST_METHOD"] != "POST":
        return "staff"
    if path == f"{ADMIN}login/":
        return "logins"
    return "uploads" if is_multipart(environ) else "staff"


def is_multipart(environ: WSGIEnvironment) -> bool:
    return bool(environ.get("CONTENT_TYPE", "").lower().startswith("multipart/"))


def body_limit(environ: WSGIEnvironment) -> int:
    has_session = f"{settings.SESSION_COOKIE_NAME}=" in environ.get("HTTP_COOKIE", "")
    if not has_session or not environ["PATH_INFO"].startswith(ADMIN):
        return settings.MAX_BODY_OF_STRANGERS
    return settings.MAX_BODY if is_multipart(environ) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


@lru_cache(256)
def is_own_host(host: str) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def query_parameters(path: str) -> QueryParameters | None:
    """Return those of the public view at a path, as it comes in the environ; None where there is no such view."""
    try:
        match = resolve(get_path_info({"PATH_INFO": path}))
    except Resolver404:
        return None
    return getattr(match.func, "query_parameters", None)
