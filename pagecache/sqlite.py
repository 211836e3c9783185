"""Read the version from an SQLite file: between two commits without a query."""

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from pagecache.version import SELECT_VERSION, TIMEOUT, DatabaseDown, version_in

HEADER_SIZE = 48  # bytes of the WAL index header: https://www.sqlite.org/walformat.html#the_wal_index_header


class ThreadState(threading.local):
    file: tuple[int, int] | None = None  # device and inode
    connection: sqlite3.Connection | None = None
    wal_index: int | None = None  # a file descriptor
    header: bytes | None = None
    data_version: int | None = None
    version = ""


state = ThreadState()
# Descriptors of WAL indexes by the file that they read. Closing one would give up all locks that SQLite holds on that
# file in this process.
# https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
wal_indexes: dict[tuple[int, int], int] = {}
opening = threading.Lock()


def read_version(path: str | Path, on_commit: Callable[[str | None], None] = lambda version: None) -> str:
    """Return the version in the file that is at this path now; DatabaseDown where there is none.

    `on_commit` is called when anything was committed, with the version if that is a new one, else with None; with None
    also when the file is another one or gone.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - for each answer, and Path takes three times as long
        connection = state.connection
        if connection is None or state.file != (found.st_dev, found.st_ino):
            connection = connect(path)
            state.file = (found.st_dev, found.st_ino)
        # Each commit changes the header of the WAL index, by which SQLite's own readers go; its own look at it takes
        # ten times as long. Read before the row: a commit in between is then noticed by the next call.
        header = None if state.wal_index is None else os.pread(state.wal_index, HEADER_SIZE, 0)
        if header and header == state.header:
            return state.version
        # It moves with every commit, also of sessions: it only says whether the row is worth a look. Every answer is
        # read to its end, as an open one would hold on to an old state.
        ((data_version,),) = connection.execute("PRAGMA data_version").fetchall()
        if data_version != state.data_version:
            before, state.version = state.version, version_in(connection.execute(SELECT_VERSION).fetchall())
            on_commit(state.version if state.data_version is not None and state.version != before else None)
            state.data_version = data_version
        state.header = header
        return state.version
    except (OSError, sqlite3.Error, ValueError) as error:
        on_commit(None)
        close()
        raise DatabaseDown from error


def connect(path: str | Path) -> sqlite3.Connection:
    close()
    address = f"{Path(path).absolute().as_uri()}?mode=ro"
    connection = state.connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=TIMEOUT)
    connection.execute(SELECT_VERSION).fetchall()  # the first query makes the WAL index
    ((mode,),) = connection.execute("PRAGMA journal_mode").fetchall()
    state.wal_index = open_wal_index(f"{path}-shm") if mode == "wal" else None
    return connection


def open_wal_index(path: str) -> int:
    """Return a file descriptor that is never closed: one for each file, however many threads read it."""
    found = Path(path).stat()
    with opening:
        if (found.st_dev, found.st_ino) not in wal_indexes:
            wal_indexes[found.st_dev, found.st_ino] = os.open(path, os.O_RDONLY)
    return wal_indexes[found.st_dev, found.st_ino]


def forget() -> None:
    vars(state).clear()


os.register_at_fork(after_in_child=forget)


def close() -> None:
    connection = state.connection
    forget()
    if connection:
        connection.close()
