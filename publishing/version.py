"""Asking the database which version of the content it holds, as cheaply as can be: before each kept page is served."""

import os
import sqlite3
import threading
from contextlib import suppress
from pathlib import Path

from django.db import connections

from publishing.models import ContentVersion

ASK = f"SELECT value FROM {ContentVersion._meta.db_table} WHERE id = 1"
PATIENCE = 2  # seconds to wait for a database that does not answer

kept = threading.local()  # a connection for each thread; none outlives a fork
os.register_at_fork(after_in_child=kept.__dict__.clear)


class Down(Exception):
    """The database does not answer, or is not there."""


def sqlite_version(path):
    """The version in the file that is at this path now."""
    try:
        here = os.stat(path)  # noqa: PTH116 - for each answer, and Path takes three times as long
        if getattr(kept, "file", None) != (here.st_dev, here.st_ino):
            kept.connection = sqlite3.connect(
                f"{Path(path).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE
            )
            kept.file, kept.seen = (here.st_dev, here.st_ino), None
        # It moves with every commit, also of sessions: it only says whether the row is worth a look. Every answer is
        # read to its end, as an open one would hold on to an old state.
        ((seen,),) = kept.connection.execute("PRAGMA data_version").fetchall()
        if seen != kept.seen:
            ((kept.value,),) = kept.connection.execute(ASK).fetchall()
            kept.seen = seen
        return kept.value
    except (OSError, sqlite3.Error, ValueError) as error:
        kept.__dict__.clear()
        raise Down from error


def postgresql_version(parameters):
    """The version at the server: one round trip of a prepared statement."""
    import psycopg

    try:
        if hasattr(kept, "connection"):
            with suppress(psycopg.Error):  # the server may have been started anew since
                return told(kept.connection)
            kept.__dict__.pop("connection").close()
        kept.connection = psycopg.connect(**parameters, autocommit=True, connect_timeout=PATIENCE)
        kept.connection.pgconn.prepare(b"version", ASK.encode())
        return told(kept.connection)
    except psycopg.Error as error:
        if connection := kept.__dict__.pop("connection", None):
            connection.close()
        raise Down from error


def told(connection):
    """What the prepared statement answers; OperationalError if it does not."""
    from psycopg import OperationalError
    from psycopg.pq import ExecStatus

    answer = connection.pgconn.exec_prepared(b"version", ())
    if answer.status != ExecStatus.TUPLES_OK or not answer.ntuples:
        raise OperationalError(answer.error_message)
    return answer.get_value(0, 0)


def reader():
    """A function that tells the version in the default database, and raises Down."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        path = connection.settings_dict["NAME"]
        return lambda: sqlite_version(path)
    wanted = connection.get_connection_params()
    parameters = {name: value for name, value in wanted.items() if name not in ("autocommit", "connect_timeout")}
    return lambda: postgresql_version(parameters)
