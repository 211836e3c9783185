import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connection

ADVISORY_LOCK_ID = 7_239_226_596  # any number that no other program uses in the same database


class Command(BaseCommand):
    help = "Make the database and the static files ready to be served: before each start, and safe to repeat."
    requires_system_checks = []  # made below: those of Django 6.1 open the database, whose folder is not there yet

    def handle(self, *args: Any, **options: Any) -> None:
        with file_lock(), database_lock():
            self.check()
            call_command("migrate", interactive=False, verbosity=0)
            call_command("load_clinic", verbosity=options["verbosity"], stdout=self.stdout)
            if not settings.DEBUG:
                call_command("collectstatic", interactive=False, verbosity=0)


@contextmanager
def file_lock() -> Iterator[None]:
    try:
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (settings.DATA_DIR / "prepare.lock").open("w")
    except OSError as error:
        raise CommandError(f"DATA_DIR: cannot write in {settings.DATA_DIR}: {error.strerror}") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def database_lock() -> Iterator[None]:
    # Only a database on PostgreSQL can be shared by several machines.
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise CommandError(f"The database: {' '.join(str(error).split())}") from error
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK_ID])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK_ID])
