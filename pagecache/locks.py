"""How long a connection waits for what another one has locked, in milliseconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

PATIENCE = 20_000
BRIEFLY = 200
SET_WAIT = {"sqlite": "PRAGMA busy_timeout = {}", "postgresql": "SET lock_timeout = {}"}


def set_wait(connection: BaseDatabaseWrapper, milliseconds: int = PATIENCE, **kwargs: Any) -> None:
    """Receive connection_created as well: PostgreSQL itself would wait for ever."""
    if connection.vendor in SET_WAIT:
        with connection.cursor() as cursor:
            cursor.execute(SET_WAIT[connection.vendor].format(milliseconds))


@contextmanager
def brief_waits() -> Iterator[None]:
    """Let a visitor not wait for what staff or a program does."""
    set_wait(connection, BRIEFLY)
    try:
        yield
    finally:
        set_wait(connection)
