"""Asking the database which version of the content it holds, as cheaply as can be: before each kept page is served."""

import os
import sqlite3
import threading
from pathlib import Path

from django.db import connections

from pagecache.models import ContentVersion

ASK = f"SELECT value FROM {ContentVersion._meta.db_table} WHERE id = 1"
PATIENCE = 2  # seconds to wait for a database that does not answer

kept = threading.local()  # a connection for each thread; none outlives a fork
# By the file that it reads: closing it would give up all locks that SQLite holds on that file in this process.
# https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
indexes: dict[tuple[int, int], int] = {}
opening = threading.Lock()


DOWN = "clinic.down"  # in the environ of a request when the database did not answer just before it


class Down(Exception):
    """The database does not answer, or is not there."""


def sqlite_version(path, changed=lambda version: None):
    """The version in the file that is at this path now.

    `changed` is called when anything was committed to it, with the version if that is a new one; with None also when it
    is another file or gone.
    """
    try:
        here = os.stat(path)  # noqa: PTH116 - for each answer, and Path takes three times as long
        if getattr(kept, "file", None) != (here.st_dev, here.st_ino):
            open_file(path)
            kept.file = (here.st_dev, here.st_ino)
        # Each commit to a file with a log changes the head of the log's index, by which SQLite's own readers go; its
        # own look at it takes ten times as long. https://www.sqlite.org/walformat.html#the_wal_index_header
        head = kept.index and os.pread(kept.index, 48, 0)
        if head and head == kept.head:
            return kept.value
        # It moves with every commit, also of sessions: it only says whether the row is worth a look. Every answer is
        # read to its end, as an open one would hold on to an old state.
        ((seen,),) = kept.connection.execute("PRAGMA data_version").fetchall()
        if seen != kept.seen:
            before, kept.value = kept.value, value_in(kept.connection.execute(ASK).fetchall())
            changed(kept.value if kept.seen is not None and kept.value != before else None)
            kept.seen = seen
        kept.head = head
        return kept.value
    except (OSError, sqlite3.Error, ValueError) as error:
        changed(None)
        close_file()
        raise Down from error


def open_file(path):
    close_file()
    address = f"{Path(path).absolute().as_uri()}?mode=ro"
    kept.connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE)
    kept.connection.execute(ASK).fetchall()  # from the first question on there is an index
    ((mode,),) = kept.connection.execute("PRAGMA journal_mode").fetchall()
    kept.index = index_of(f"{path}-shm") if mode == "wal" else None
    kept.head = kept.seen = kept.value = None


def index_of(path):
    """A file descriptor that is never closed: one for each file, however many threads read it."""
    here = Path(path).stat()
    with opening:
        if (here.st_dev, here.st_ino) not in indexes:
            indexes[here.st_dev, here.st_ino] = os.open(path, os.O_RDONLY)
    return indexes[here.st_dev, here.st_ino]


def forget():
    kept.__dict__.clear()


os.register_at_fork(after_in_child=forget)


def close_file():
    connection = kept.__dict__.get("connection")
    forget()
    if connection:
        connection.close()


def value_in(rows):
    """The version in the answer; one that equals no other where the row is missing."""
    return rows[0][0] if rows else object()


def sees(connection, version):
    """Whether an open connection finds this version in its file."""
    try:
        return bool(connection) and value_in(connection.execute(ASK).fetchall()) == version
    except sqlite3.Error:
        return False


def reader():
    """A function that tells the version in the default database, and raises Down.

    With SQLite it also closes Django's connection when that holds on to an old state, as an answer not read to its end
    would, or to a file that was moved away.
    """
    connection = connections["default"]
    if connection.vendor == "sqlite":
        path = connection.settings_dict["NAME"]

        def look_after(version):
            if not sees(connections["default"].connection, version):
                connections["default"].close()

        return lambda: sqlite_version(path, look_after)
    from pagecache.postgresql import Reader

    return Reader(connection.get_connection_params())
