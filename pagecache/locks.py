"""How long a connection waits for what another one has locked, in milliseconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

PATIENCE = 20_000
BRIEFLY = 200
SET_WAIT = {"sqlite": "PRAGMA busy_timeout = {}", "postgresql": "SET {scope} lock_timeout = {}"}


def set_wait(
    connection: BaseDatabaseWrapper, milliseconds: int = PATIENCE, scope: str = "SESSION", **kwargs: Any
) -> None:
    """Receive connection_created as well: PostgreSQL itself would wait for ever.

    To whom a pooler hands this session on wants the same: they are all of the site.
    """
    if connection.vendor in SET_WAIT:
        with connection.cursor() as cursor:
            cursor.execute(SET_WAIT[connection.vendor].format(milliseconds, scope=scope))


@contextmanager
def brief_waits() -> Iterator[None]:
    """Let a visitor not wait for what staff or a program does, in one transaction.

    PostgreSQL forgets the wait with the transaction: a pooler may hand the session on to others after it. SQLite waits
    when a transaction begins, so it is told before.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            set_wait(connection, BRIEFLY, scope="LOCAL")
            yield
        return
    set_wait(connection, BRIEFLY)
    try:
        yield
    finally:
        set_wait(connection)
