"""The version row: one row whose value triggers replace at each commit that changes content."""

from collections.abc import Callable, Sequence
from secrets import token_hex

from pagecache.models import ContentVersion

SELECT_VERSION = f"SELECT value FROM {ContentVersion._meta.db_table} WHERE id = 1"
TIMEOUT = 2  # seconds to wait for a database that does not answer

VersionReader = Callable[[], str]  # returns the version now, or raises DatabaseDown


class DatabaseDown(Exception):
    """The database does not answer, or is not there."""


def version_in(rows: Sequence[Sequence[str]]) -> str:
    return rows[0][0] if rows else token_hex()
