"""The version row: one row whose value triggers replace at each commit that changes content."""

from collections.abc import Sequence
from secrets import token_hex
from typing import Protocol

from pagecache.models import ContentVersion

SELECT_VERSION = f"SELECT value FROM {ContentVersion._meta.db_table} WHERE id = 1"
TIMEOUT = 2  # seconds to wait for a database that does not answer


class DatabaseDown(Exception):
    """The database does not answer, or is not there."""


class VersionReader(Protocol):
    def __call__(self, checked_within: float = 0) -> str:
        """Return the version of now, or raise DatabaseDown; threads may share the reader.

        A file need not be looked for again where it was at its place within so many seconds: only a database that was
        moved or replaced since then goes unnoticed, never a commit.
        """


def version_in(rows: Sequence[Sequence[str]]) -> str:
    return rows[0][0] if rows else token_hex()
