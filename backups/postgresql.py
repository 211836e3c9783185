"""What a backup needs of PostgreSQL: its own programs, and for each check a database that is made and dropped again."""

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import ProgrammingError, connection

from backups import BackupError

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
FILE = "database.dump"
CONFIG: dict[str, Any] = {}
PROGRAMS = "/usr/lib/postgresql"  # where Debian keeps those of each version
WITHOUT_OWNER = ("--no-owner", "--no-privileges", "--exit-on-error")
NO_RIGHT = (
    "Each backup is tried in a database of its own, which this user of PostgreSQL may not make. "
    "As its administrator: ALTER ROLE {} CREATEDB;"
)


def check_present() -> None:
    connection.ensure_connection()


def copy(folder: Path) -> Path:
    """Copy the moment that the connection's open transaction sees."""
    path = folder / FILE
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
    run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={path}", *WITHOUT_OWNER[:2])
    return path


@contextmanager
def loaded(path: Path) -> Iterator[str]:
    """Give the name of a new database with the copy in it, until the end of the block."""
    name = scratch_name()
    drop = f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'
    execute(drop)  # of a process that was killed
    create(name)
    try:
        run("pg_restore", *WITHOUT_OWNER, str(path), database=name)
        yield name
    finally:
        execute(drop)


def scratch_name() -> str:
    """Return the same name each time: one process at a time works in a machine's DATA_DIR."""
    place = f"{platform.node()} {settings.DATA_DIR} {connection.settings_dict['NAME']}"
    return f"clinic_scratch_{hashlib.sha256(place.encode()).hexdigest()[:16]}"


def create(name: str) -> None:
    """Make an empty database that sorts texts as the site's own does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_encoding_to_char(encoding), datcollate, datctype, current_user "
            "FROM pg_database WHERE datname = current_database()"
        )
        encoding, collate, ctype, user = cursor.fetchone()
    try:
        execute(
            f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING '{encoding}' "
            f"LC_COLLATE '{collate}' LC_CTYPE '{ctype}'"
        )
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != "42501":
            raise
        raise BackupError(NO_RIGHT.format(user)) from error


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def data_present() -> str:
    if not connection.introspection.table_names():
        return ""
    return "The database that DATABASE_URL names has tables already: name an empty one"


def put(path: Path) -> None:
    """Load the copy into the site's own database, all of it or nothing."""
    run("pg_restore", *WITHOUT_OWNER, "--single-transaction", str(path), database=str(connection.settings_dict["NAME"]))


def run(name: str, *arguments: str, database: str = "") -> None:
    """Run one of PostgreSQL's programs on the site's database, or on another one of its server.

    The password is in the environment, which only this user and root can read, and never in a command line or a log.
    """
    from psycopg.conninfo import make_conninfo
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()} - {"password", "sslpassword"}
    given = {name: value for name, value in connection.get_connection_params().items() if name in known and value}
    where = make_conninfo(**given | ({"dbname": database} if database else {}))
    environment = os.environ | {"PGPASSWORD": str(connection.settings_dict["PASSWORD"] or "")}
    if not environment["PGPASSWORD"]:
        del environment["PGPASSWORD"]
    command = [program(name), "--no-password", f"--dbname={where}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        told = next(iter(done.stderr.strip().splitlines()), f"status {done.returncode}")
        raise BackupError(f"{told.removesuffix('.')}.")


def program(name: str) -> str:
    """Return where a program is, if possible of the server's own version: newer ones may say what it does not know."""
    wanted = connection.get_database_version()[0]
    found = {path.parts[-3]: path for path in Path(PROGRAMS).glob(f"*/bin/{name}")}
    versions = sorted(int(version) for version in found if version.isdecimal())
    fitting = [version for version in versions if version >= wanted] or versions[-1:]
    if path := found[str(fitting[0])] if fitting else shutil.which(name):
        return str(path)
    raise BackupError(f"{name} is missing. On Debian or Ubuntu: apt-get install postgresql-client-{wanted}")
