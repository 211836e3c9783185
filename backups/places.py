"""Folders that backups are worked on in: locked, cleaned of what a killed process left, and told of in one line."""

import errno
import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import CommandError
from django.db import DatabaseError

from backups import BackupError

WORK = ".clinic-work-"
LOCK = ".clinic-lock"
FULL = {errno.ENOSPC, errno.EDQUOT}
NO_ROOM = "No room is left on the disk of {}: make some, then start again."


@contextmanager
def one_line(outcome: str, folder: Path) -> Iterator[None]:
    """Make one line of what is no fault of the code: the outcome, then why."""
    try:
        yield
    except BackupError as error:
        raise CommandError(f"{outcome} {error}") from error
    except (DatabaseError, sqlite3.Error) as error:
        fault = f"The database: {' '.join(str(error).split())}"
        raise CommandError(f"{outcome} {NO_ROOM.format(folder) if 'disk is full' in fault else fault}") from error
    except OSError as error:
        raise CommandError(f"{outcome} {fault_of(error, folder)}") from error


def fault_of(error: OSError, folder: Path) -> str:
    if error.errno in FULL:
        return NO_ROOM.format(folder)
    return f"Cannot use {error.filename or folder}: {error.strerror or error}."


@contextmanager
def locked(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file; where another process has it, call `waiting` and wait."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def workspace(folder: Path, tell: Callable[[str], None]) -> Iterator[Path]:
    """Give a new folder in another one, which one process at a time works in; it is gone at the end of the block."""
    with locked(folder / LOCK, lambda: tell(f"Waiting for another backup that is at work in {folder}.")):
        for left in folder.glob(f"{WORK}*"):
            shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=WORK, dir=folder) as name:
            yield Path(name)


def refuse_other_owner(data: Path) -> None:
    """Keep root from leaving files that the site's own user could not write."""
    folder = next(folder for folder in (data, *data.parents) if folder.exists())
    if os.geteuid() == 0 and (owner := folder.stat().st_uid) != 0:
        raise BackupError(f"{folder} belongs to another user: run this as that one, as by `sudo -u '#{owner}' ...`.")


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, safely on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
