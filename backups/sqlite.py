"""What a backup needs of SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from backups import BackupError

BEGIN = "BEGIN"  # a reader's: writers go on
FILE = "database.sqlite3"
CONFIG = {"OPTIONS": {"init_command": "PRAGMA query_only = ON"}}  # for whoever only looks at a copy
BESIDE = ("", "-wal", "-shm", "-journal")  # the files of a database; a log left behind would change the next one


def check_present() -> None:
    path = Path(connection.settings_dict["NAME"])
    if not path.exists():  # opening it would make an empty one
        raise BackupError(f"There is no database yet: {path} is missing.")


def copy(folder: Path) -> Path:
    """Copy the moment that the connection's open transaction sees, by SQLite's online backup."""
    path = folder / FILE
    with closing(sqlite3.connect(path, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous=OFF")  # the archive is what has to last
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
    return path


@contextmanager
def loaded(path: Path) -> Iterator[str]:
    """Give the name of the database in a copy; BackupError if that is not sound."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as copied:
        try:
            faults = [row[0] for row in copied.execute("PRAGMA integrity_check").fetchall()]
            orphans = sorted({row[0] for row in copied.execute("PRAGMA foreign_key_check").fetchall()})
        except sqlite3.DatabaseError as error:
            raise BackupError(f"Its database is damaged: {error}.") from error
    if faults != ["ok"]:
        raise BackupError(f"Its database is damaged: {' '.join(faults[0].split())}")
    if orphans:
        raise BackupError(f"Its database has rows that point to nothing, in {', '.join(orphans)}.")
    yield str(path)


def data_present() -> str:
    """Return what is there already of the site's database, as a sentence's beginning; empty where there is nothing."""
    name = str(settings.DATABASES["default"]["NAME"])
    found = [f"{name}{suffix}" for suffix in BESIDE if Path(f"{name}{suffix}").exists()]
    return f"{found[0]} is there already: move it away first, with all that is beside it" if found else ""


def put(path: Path) -> None:
    path.replace(str(settings.DATABASES["default"]["NAME"]))
