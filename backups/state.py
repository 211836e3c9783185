"""Which backups there are, by their names alone: only what was restored and checked has the name of a backup."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

NAME = re.compile(r"clinic-(\d{4}-\d\d-\d\dT\d{6}Z)\.tar(\.age)?")
TIME = "%Y-%m-%dT%H%M%SZ"
TOO_OLD = timedelta(days=1, hours=2)  # one a day, and it may take its time
SLACK = timedelta(minutes=5)  # between clocks


class Backup(NamedTuple):
    made_at: datetime
    path: Path


class State(NamedTuple):
    last_good: datetime | None = None
    fault: str = ""  # why the folder cannot be read

    @property
    def is_late(self) -> bool:
        return self.last_good is None or datetime.now(UTC) - self.last_good > TOO_OLD


def name_of(made_at: datetime, is_encrypted: bool) -> str:
    return f"clinic-{made_at.astimezone(UTC).strftime(TIME)}.tar{'.age' if is_encrypted else ''}"


def backups_in(folder: Path) -> list[Backup]:
    """Return the good backups of a folder, the newest first; none where there is no folder."""
    found = []
    for path in folder.iterdir() if folder.exists() else ():
        match = NAME.fullmatch(path.name)
        try:
            made_at = datetime.strptime(match[1], TIME).replace(tzinfo=UTC) if match else None
        except ValueError:  # a month 13 is nobody's backup
            continue
        if made_at and path.is_file():
            found.append(Backup(made_at, path))
    return sorted(found, reverse=True)


def state_of(folder: Path) -> State:
    """A name with a time to come counts for nothing: it would hide for years that no backup is made any more."""
    try:
        latest = datetime.now(UTC) + SLACK
        return State(next((made_at for made_at, _ in backups_in(folder) if made_at <= latest), None))
    except OSError as error:
        return State(fault=error.strerror or str(error))


def last_good() -> datetime | None:
    """Return when the last good backup in BACKUP_DIR was made; None where there is none or the folder is unreadable."""
    return state_of(settings.BACKUP_DIR).last_good
