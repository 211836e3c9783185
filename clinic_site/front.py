"""Set up what stands between gunicorn and Django."""

import atexit
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import connections
from django.http.request import split_domain_port, validate_host
from django.urls import Resolver404, resolve

from pagecache.cache import PageCache
from pagecache.middleware import mark_outage
from pagecache.query_string import QueryParameters
from pagecache.readers import default_reader
from pagecache.triggers import triggers_are_installed


def behind_cache(django: WSGIApplication) -> WSGIApplication:
    read_version = default_reader()
    database = connections.databases["default"]
    is_file = database["ENGINE"].endswith("sqlite3")
    if is_file:
        # A server whose file is gone shall not go on with an empty one.
        database["NAME"] = f"{Path(database['NAME']).absolute().as_uri()}?mode=rw"
    if settings.DEBUG or not triggers_are_installed():
        return django
    if is_file:  # opening it takes as long as eight queries
        database["CONN_MAX_AGE"] = None
        atexit.register(connections.close_all)
    site = urlsplit(settings.SITE_URL)
    application = mark_outage(django, read_version)
    return PageCache(application, read_version, (site.scheme, site.netloc), is_own_host, query_parameters)


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
