"""Choose how the version is read, and keep Django's connections from showing what is old."""

import sqlite3
from collections.abc import Iterable
from threading import local
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import connections

from pagecache import sqlite
from pagecache.middleware import DATABASE_DOWN
from pagecache.version import SELECT_VERSION, DatabaseDown, VersionReader, version_in


def default_reader() -> VersionReader:
    connection = connections["default"]
    if connection.vendor == "sqlite":
        return sqlite.Reader(connection.settings_dict["NAME"])
    from pagecache.postgresql import Reader

    return Reader(connection.get_connection_params())


def with_current_connection(application: WSGIApplication, reader: sqlite.Reader) -> WSGIApplication:
    """Return the application that first closes Django's connection of its thread unless it shows what is there now.

    It may be to a file that was moved, or hold on to an old state, as with an answer not read to its end. Whether it
    sees a change that left the version as it was is not known.
    """
    seen = local()

    def current(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection = connections["default"]
        try:
            now = version, changes = reader.now()
            before = getattr(seen, "before", ("", 0))
            if changes != before[1] and (version == before[0] or not sees_version(connection.connection, version)):
                connection.close()
            seen.before = now
        except DatabaseDown:
            connection.close()
            environ = environ | {DATABASE_DOWN: True}
        return application(environ, start_response)

    return current


def sees_version(connection: sqlite3.Connection | None, version: str) -> bool:
    try:
        return connection is not None and version_in(connection.execute(SELECT_VERSION).fetchall()) == version
    except sqlite3.Error:
        return False
