import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.template.loader import render_to_string

from clinic_site.faults import is_outage
from clinic_site.serving import newer_database_error
from clinic_site.shared import differing_settings
from pictures.files import StoreRefuses, remote_store

if TYPE_CHECKING:
    from pictures.bucket import Bucket

ADVISORY_LOCK_ID = 7_239_226_596  # any number that no other program uses in the same database
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
OWN = "The user who starts the site must own its files and folders, and be allowed to write them."
ELSEWHERE = "BUILD_DIR names another folder for static files."
ROOM = "Make room on the disk, then start again."
BACKUP = "Restore it from a backup."
ADVICE_OF_SQLITE = {
    sqlite3.SQLITE_READONLY: OWN,
    sqlite3.SQLITE_CANTOPEN: OWN,
    sqlite3.SQLITE_PERM: OWN,
    sqlite3.SQLITE_FULL: ROOM,
    sqlite3.SQLITE_IOERR: ROOM,
    sqlite3.SQLITE_CORRUPT: BACKUP,
    sqlite3.SQLITE_NOTADB: BACKUP,
}
NOT_READY = "The database is not ready yet. `make run` prepares it, and so does python manage.py prepare."
OWNER = "The role must own the database, or it can create nothing there: ALTER DATABASE name OWNER TO role"
LOGIN = "Compare the user and the password in DATABASE_URL; a sign such as % must be written there as %25."
# By PostgreSQL's codes, and a part of its message where the connection fails before it has one.
ADVICE_OF_POSTGRESQL = {"42501": OWNER, "28P01": LOGIN, "password authentication failed": LOGIN}
MISSING_TABLE = ("42P01", "no such table")
ADVICE_OF_SYSTEM = {errno.EACCES: OWN, errno.EPERM: OWN, errno.EROFS: OWN, errno.ENOSPC: ROOM, errno.EDQUOT: ROOM}


class Command(BaseCommand):
    help = "Make the database and the static files ready to be served: before each start, and safe to repeat."
    requires_system_checks = []  # made below: those of Django 6.1 open the database, whose folder is not there yet

    def handle(self, *args: Any, **options: Any) -> None:
        with faults_in_one_line(), file_lock(), database_lock():
            self.check()
            if error := newer_database_error():
                raise CommandError(error)
            if store := remote_store():
                self.check_store(store)
            else:
                check_media()
            call_command("migrate", interactive=False, verbosity=0)
            self.tell_differing_settings()
            call_command("load_clinic", verbosity=options["verbosity"], stdout=self.stdout)
            if not settings.DEBUG:
                call_command("collectstatic", interactive=False, verbosity=0)
                write_error_pages()

    def tell_differing_settings(self) -> None:
        if connection.vendor == "postgresql" and (names := differing_settings()):
            told = f"Other than at the last start on this database: {', '.join(names)}."
            self.stderr.write(f"{told} Where several machines serve the site, these must be the same on each.")

    def check_store(self, store: "Bucket") -> None:
        """A store that is away for the moment keeps nobody from reading."""
        try:
            store.check()
        except StoreRefuses as error:
            advice = "Check the key, the bucket and the right to read, write, list and delete in it."
            raise CommandError(f"MEDIA_STORE: {error}. {advice}") from None
        except OSError as error:
            self.stderr.write(f"MEDIA_STORE: {error}. Pages are served; pictures are, as soon as it answers.")


def write_error_pages() -> None:
    """For a proxy to answer in the site's place: no HTTP, a body that is too large, a site that does not answer."""
    folder = Path(settings.STATIC_ROOT).parent / "errors"
    folder.mkdir(parents=True, exist_ok=True)
    for status in (400, 413, 503):
        (folder / f"{status}.html").write_text(render_to_string(f"{status}.html"))


@contextmanager
def faults_in_one_line() -> Iterator[None]:
    """Tell what is not the code's fault without a traceback."""
    try:
        yield
    except DatabaseError as error:
        if not is_outage(error) and not advice_for(error) and not isinstance(error, MigrationSchemaMissing):
            raise
        raise database_fault(error) from error
    except OSError as error:
        fault = f"Cannot use {error.filename or 'the data or the static files'}: {error.strerror or error}"
        is_built = Path(error.filename or "").is_relative_to(settings.STATIC_ROOT.parent)
        advice = ADVICE_OF_SYSTEM.get(error.errno or 0, "") + (f" {ELSEWHERE}" if is_built else "")
        raise CommandError(sentences(fault, advice.strip())) from error


def fault_in_one_line(error: DatabaseError) -> str:
    """Return what another command than `prepare` says, or an empty text where the fault is the code's."""
    cause = cause_of(error)
    is_lost = connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists()
    if is_lost or getattr(cause, "sqlstate", "") in MISSING_TABLE or MISSING_TABLE[1] in str(error):
        return NOT_READY
    return str(database_fault(error)) if is_outage(error) else ""


def database_fault(error: DatabaseError) -> CommandError:
    return CommandError(sentences(f"The database: {error}", advice_for(error)))


def advice_for(error: DatabaseError) -> str | None:
    cause = cause_of(error)
    # An extended code has the code that it is about in its last eight bits.
    if advice := ADVICE_OF_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF):
        return advice
    state = getattr(cause, "sqlstate", None)
    return next((advice for sign, advice in ADVICE_OF_POSTGRESQL.items() if sign == state or sign in str(error)), None)


def cause_of(error: DatabaseError) -> BaseException | None:
    """Return the driver's own error."""
    cause: BaseException | None = error
    while cause and not hasattr(cause, "sqlite_errorcode") and not hasattr(cause, "sqlstate"):
        cause = cause.__cause__ or cause.__context__
    return cause


def sentences(fault: str, advice: str | None) -> str:
    fault = " ".join(fault.split())
    return f"{fault.removesuffix('.')}. {advice}" if advice else fault


@contextmanager
def file_lock() -> Iterator[None]:
    try:
        settings.DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (settings.DATA_DIR / "prepare.lock").open("w")
    except OSError as error:
        fault = f"DATA_DIR: cannot write in {settings.DATA_DIR}: {error.strerror or error}"
        raise CommandError(sentences(fault, ADVICE_OF_SYSTEM.get(error.errno or 0))) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_media() -> None:
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    for folder, folders, names in os.walk(settings.MEDIA_ROOT):
        wanted = {folder: os.R_OK | os.W_OK | os.X_OK}
        wanted |= {os.path.join(folder, name): os.R_OK for name in (*folders, *names)}  # noqa: PTH118 - os.walk's own
        for path, access in wanted.items():
            if not os.access(path, access):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


@contextmanager
def database_lock() -> Iterator[None]:
    # Only a database on PostgreSQL can be shared by several machines.
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise database_fault(error) from error
    if connection.vendor != "postgresql":
        yield
        return
    # In a transaction on a connection of its own: behind a pooler, nothing else is sure to meet its session again. Who
    # waits keeps none, which whoever works might need.
    lock = connections.create_connection("default")
    lock.set_autocommit(False)
    try:
        with lock.cursor() as cursor:
            cursor.execute(TRY_LOCK, [ADVISORY_LOCK_ID])
            while cursor.fetchone() == (False,):
                lock.rollback()
                sleep(0.5)
                cursor.execute(TRY_LOCK, [ADVISORY_LOCK_ID])
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield
    finally:
        lock.close()
