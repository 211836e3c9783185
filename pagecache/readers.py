"""Choose how the version is read."""

import sqlite3

from django.db import connections

from pagecache import sqlite
from pagecache.version import SELECT_VERSION, VersionReader, version_in


def default_reader() -> VersionReader:
    """Return the reader of the version in the default database.

    With SQLite it also closes Django's connection when that holds on to an old state, as an answer not read to its end
    would, or to a file that was moved away.
    """
    connection = connections["default"]
    if connection.vendor == "sqlite":
        path = connection.settings_dict["NAME"]
        return lambda: sqlite.read_version(path, close_if_outdated)
    from pagecache.postgresql import Reader

    return Reader(connection.get_connection_params())


def close_if_outdated(version: str | None) -> None:
    if not sees_version(connections["default"].connection, version):
        connections["default"].close()


def sees_version(connection: sqlite3.Connection | None, version: str | None) -> bool:
    try:
        return connection is not None and version_in(connection.execute(SELECT_VERSION).fetchall()) == version
    except sqlite3.Error:
        return False
