"""Renditions of an upload, made by a process of their own: its memory is the system's again when it ends, and a file
that is made to do harm can only end that process.

At most one picture is worked on at a time on a machine. Files on the way have no names, so that nothing is left if a
process is killed.
"""

import fcntl
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO, UnsupportedOperation
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File

from pictures.formats import BUSY, MAX_BYTES, TOO_DEMANDING, TOO_LARGE, UNREADABLE

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-m", "pictures.child"]
# Nothing secret: the process reads what strangers made.
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR")
MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "1000000", "MALLOC_TRIM_THRESHOLD_": "1000000"}
BY_LIMITS = {-signal.SIGPROF, -signal.SIGALRM, -signal.SIGKILL}

logger = logging.getLogger(__name__)


class Rendition(NamedTuple):
    width: int
    extension: str
    content: bytes


class Renditions(NamedTuple):
    """The size of a picture and its files, the widest last."""

    size: tuple[int, int]
    files: list[Rendition]


def encode(upload: "File[Any]") -> Renditions:
    """Raises ValidationError with a message for the person who uploaded it."""
    if upload.size > MAX_BYTES:
        raise ValidationError(TOO_LARGE)
    try:
        with source(upload) as file, taking_turns() as turn:
            return read(run(file, turn))
    except subprocess.TimeoutExpired as error:
        raise ValidationError(TOO_DEMANDING) from error
    except OSError as error:  # no memory for another process, or no space for a file
        logger.exception("A picture could not be encoded.")
        raise ValidationError(BUSY) from error


def run(file: "File[Any] | IO[bytes]", turn: int) -> bytes:
    done = subprocess.run(  # noqa: S603 # nothing of it comes from outside
        [*COMMAND, str(settings.PICTURE_MEMORY_MB), str(settings.PICTURE_SECONDS)],
        stdin=file.fileno(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ} | MALLOC,
        pass_fds=[turn],  # should this process be killed, the turn is over when the other one ends
        timeout=6 * settings.PICTURE_SECONDS + 10,
        check=False,
    )
    if done.returncode:
        logger.warning("The process that encodes a picture ended with %s.", done.returncode)
        if done.returncode in BY_LIMITS:
            raise ValidationError(TOO_DEMANDING)
        raise ValidationError(UNREADABLE if done.returncode < 0 else BUSY)
    return done.stdout


def read(output: bytes) -> Renditions:
    file, files, size = BytesIO(output), [], (0, 0)
    for line in iter(file.readline, b""):
        told = json.loads(line)
        if "refused" in told:
            raise ValidationError(told["refused"])
        files.append(Rendition(told["width"], told["extension"], file.read(told["length"])))
        size = told["width"], told["height"]
    return Renditions(size, files)


@contextmanager
def source(upload: "File[Any]") -> Iterator["File[Any] | IO[bytes]"]:
    """The upload as a file of the system."""
    upload.seek(0)
    try:
        upload.fileno()
    except (AttributeError, UnsupportedOperation):
        with TemporaryFile() as copy:
            shutil.copyfileobj(upload, copy)
            copy.flush()
            yield copy
    else:
        upload.flush()
        yield upload


@contextmanager
def taking_turns() -> Iterator[int]:
    with (settings.DATA_DIR / "pictures.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()
