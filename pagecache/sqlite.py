"""Read the version from an SQLite file: between two commits without a query, and without a system call."""

import mmap
import os
import sqlite3
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import NamedTuple

from pagecache.version import SELECT_VERSION, TIMEOUT, DatabaseDown, version_in

HEADER_SIZE = 48  # bytes of the WAL index header: https://www.sqlite.org/walformat.html#the_wal_index_header

# Memory maps of WAL indexes by the file that they show, for ever: closing any descriptor of such a file would give up
# all locks that SQLite holds on it in this process.
# https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_
wal_indexes: dict[tuple[int, int], mmap.mmap] = {}
opening = Lock()


class Known(NamedTuple):
    """A version, and the header that the WAL index has until the next commit."""

    wal_index: mmap.mmap
    header: bytes
    version: str


class Reader:
    """Read the version in the file that is at a path, by one connection for all threads."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.lock = Lock()
        self.changes = 0
        self.known: Known | None = None
        self.checked_at = 0.0
        self.identity: tuple[int, ...] = ()
        self.connection: sqlite3.Connection | None = None
        self.wal_index: mmap.mmap | None = None
        self.data_version, self.version = None, ""

    def __call__(self, checked_within: float = 0) -> str:
        known = self.known
        if known and monotonic() - self.checked_at < checked_within and known.wal_index[:HEADER_SIZE] == known.header:
            return known.version
        return self.now()[0]

    def now(self) -> tuple[str, int]:
        """Return the version and how many changes were noticed: of the database, and of the file that is there."""
        with self.lock:
            try:
                return self.read(), self.changes
            except (OSError, sqlite3.Error, ValueError) as error:
                self.close()
                raise DatabaseDown from error

    def read(self) -> str:
        checked_at = monotonic()
        identity = identity_of(self.path)
        if self.connection is None or self.identity != identity:
            self.connect()
            self.identity = identity
        self.checked_at = checked_at
        # Each commit changes the header of the WAL index, by which SQLite's own readers go; its own look at it takes
        # ten times as long. Read before the row: a commit in between is then noticed by the next call.
        header = b"" if self.wal_index is None else self.wal_index[:HEADER_SIZE]
        if self.known is None or self.known.header != header:
            self.version = self.select()
            self.known = None if self.wal_index is None else Known(self.wal_index, header, self.version)
        return self.version

    def select(self) -> str:
        if self.connection is None:
            raise sqlite3.ProgrammingError("not connected")
        # It moves with every commit, also of sessions: it only says whether the row is worth a look. Every answer is
        # read to its end, as an open one would hold on to an old state.
        ((data_version,),) = self.connection.execute("PRAGMA data_version").fetchall()
        if data_version != self.data_version:
            self.changes += 1
            self.version = version_in(self.connection.execute(SELECT_VERSION).fetchall())
            self.data_version = data_version
        return self.version

    def connect(self) -> None:
        self.close()
        address = f"{self.path.absolute().as_uri()}?mode=ro"
        connection = self.connection = sqlite3.connect(
            address, uri=True, isolation_level=None, timeout=TIMEOUT, check_same_thread=False
        )
        connection.execute(SELECT_VERSION).fetchall()  # the first query makes the WAL index
        ((mode,),) = connection.execute("PRAGMA journal_mode").fetchall()
        self.wal_index = map_of(f"{self.path}-shm") if mode == "wal" else None

    def close(self) -> None:
        connection = self.connection
        self.known = self.connection = self.wal_index = self.data_version = None
        self.checked_at = 0.0
        if connection:
            connection.close()


def identity_of(path: Path) -> tuple[int, ...]:
    # The time tells what `cp` wrote into the same file, and of each checkpoint, which is seldom.
    found = os.stat(path)  # noqa: PTH116 - for each page that is made, and Path takes three times as long
    return found.st_dev, found.st_ino, found.st_mtime_ns


def map_of(path: str) -> mmap.mmap:
    with opening:
        found = Path(path).stat()
        key = found.st_dev, found.st_ino
        if key not in wal_indexes:
            descriptor = os.open(path, os.O_RDONLY)
            found = os.fstat(descriptor)  # another file may have come in between
            key = found.st_dev, found.st_ino
            wal_indexes[key] = mmap.mmap(descriptor, HEADER_SIZE, prot=mmap.PROT_READ)
    return wal_indexes[key]
