"""System checks of what only a real server shows: `check --deploy` warns, as README's table tells.

A site without data, such as that of `make lint`, is no server yet.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError, connection
from django.utils import timezone

from backups.state import state_of
from clinic_site import environment
from clinic_site.address import seen_fault

LEAST_ROOM = 1_000_000_000  # bytes
LARGEST_DIFFERENCE = timedelta(minutes=1)


def check_server(**kwargs: Any) -> list[CheckMessage]:
    return [*of_sqlite(), *of_proxy(), *of_clock(), *of_disk(), *of_backup(), *of_email()] if has_data() else []


def check_env_file(**kwargs: Any) -> list[CheckMessage]:
    return [
        CheckWarning(f"The file of variables sets {name}, which means nothing.", f"Is {meant} meant?", id="clinic.W005")
        for name, meant in environment.misspelled().items()
    ]


def has_data() -> bool:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False  # a look would make it
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations")
    except DatabaseError:
        return False
    return True


def of_sqlite() -> Iterator[CheckMessage]:
    if connection.vendor == "sqlite" and may_lose_its_log(sqlite3.sqlite_version_info):
        yield CheckWarning(
            f"SQLite {sqlite3.sqlite_version} may damage the database in rare cases (sqlite.org/wal.html#walresetbug).",
            "Use a Python with SQLite 3.51.3, 3.50.7 or 3.44.6, or PostgreSQL.",
            id="clinic.W001",
        )


def may_lose_its_log(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite has the fault that was mended in 3.51.3, and in two older lines."""
    is_mended = version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    return version >= (3, 7) and not is_mended


def of_proxy() -> Iterator[CheckMessage]:
    if fault := seen_fault():
        yield CheckWarning(f"Within the last day: {fault}", "See “Behind a proxy” in the README.", id="clinic.W002")


def of_clock() -> Iterator[CheckMessage]:
    if connection.vendor != "postgresql":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            (there,) = cursor.fetchone()
    except DatabaseError:
        return
    if is_off(timezone.now(), there):
        yield CheckWarning(
            "This machine's clock and that of the database differ by more than a minute.",
            "Have both set by the network: systemctl enable --now systemd-timesyncd",
            id="clinic.W003",
        )


def is_off(here: datetime, there: datetime) -> bool:
    return abs(here - there) > LARGEST_DIFFERENCE


def of_disk() -> Iterator[CheckMessage]:
    try:
        free = shutil.disk_usage(settings.DATA_DIR).free
    except OSError:
        return
    if free < LEAST_ROOM:
        yield CheckWarning(
            f"The disk of DATA_DIR has only {free // 1_000_000} MB left.", "Make room on it.", id="clinic.W004"
        )


def of_backup() -> Iterator[CheckMessage]:
    for name in ("BACKUP_DIR", "BACKUP_COPY_DIR"):
        if fault := backup_fault(name, getattr(settings, name)):
            yield CheckWarning(f"{fault}.", "Run `make backup` each day, as by a timer.", id="clinic.W006")


def backup_fault(name: str, folder: Path | None) -> str:
    state = state_of(folder) if folder else None
    if not state or not (state.fault or state.is_late):
        return ""
    if state.fault:
        return f"{name} cannot be read: {state.fault}"
    last = f"the last one is of {state.last_good:%Y-%m-%d %H:%M} UTC" if state.last_good else "there is none"
    return f"There is no backup of today in {name}: {last}"


def of_email() -> Iterator[CheckMessage]:
    if not settings.HAS_EMAIL:
        yield CheckWarning(
            "The site can send no e-mail: who forgot a password has to ask a colleague for a link.",
            "Set EMAIL_URL.",
            id="clinic.W007",
        )
