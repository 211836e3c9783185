"""What stands between gunicorn and Django: the page cache, and whether the database is there."""

import atexit
import logging
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.handlers.wsgi import get_path_info
from django.db import DatabaseError, connections
from django.http.request import split_domain_port, validate_host
from django.urls import Resolver404, resolve

from pagecache.cache import PageCache
from pagecache.decorators import VERSION
from pagecache.triggers import missing
from pagecache.version import DOWN, Down, reader

log = logging.getLogger(__name__)


def behind_cache(django):
    """The application of the site; with DEBUG on each page is made anew."""
    version = reader()
    database = connections.databases["default"]
    is_file = database["ENGINE"].endswith("sqlite3")
    if is_file:
        # A server whose file is gone shall not go on with an empty one.
        database["NAME"] = f"{Path(database['NAME']).absolute().as_uri()}?mode=rw"
    if settings.DEBUG or not is_noticed():
        return django
    if is_file:  # opening it takes as long as eight queries
        database["CONN_MAX_AGE"] = None
        atexit.register(connections.close_all)
    site = urlsplit(settings.SITE_URL)
    cached = with_the_database_there(django, version)
    return PageCache(cached, version, (site.scheme, site.netloc), is_own, parameters)


def with_the_database_there(django, version):
    """The application, which is told where the database does not answer; the page cache has asked it already.

    Asking also closes a kept connection that holds on to an old state of a file, or to one that is gone.
    """

    def application(environ, start_response):
        try:
            if environ.keys().isdisjoint((VERSION, DOWN)):
                version()
        except Down:
            environ = environ | {DOWN: True}
        return django(environ, start_response)

    return application


def is_noticed():
    """Whether the database tells of changes of content; without that no page may be kept."""
    try:
        gone = missing()
    except DatabaseError:  # an outage: the cache knows what to do
        return True
    finally:
        connections.close_all()  # no connection may be shared by processes
    if gone:
        log.error(
            "No page is kept: %s triggers are missing. Run `python manage.py migrate` and start again.", len(gone)
        )
    return not gone


@lru_cache(256)
def is_own(host):
    """Whether a Host header names this site."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def parameters(path):
    """Those of the public view at a path, as the server tells it; None where there is no such view."""
    try:
        match = resolve(get_path_info({"PATH_INFO": path}))
    except Resolver404:
        return None
    return getattr(match.func, "parameters", None)
