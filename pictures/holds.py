"""What keeps the files of pictures while somebody copies them: a note in the store, which all who share it see.

A check after the commit that let go of a file is enough, without a lock: who copies writes the note first, and then
looks which files the database names. A deletion that sees no note had its commit before that look.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import time
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

FOLDER = "holds"
LONGEST = 24 * 60 * 60  # seconds: a note that its process could not delete


@contextmanager
def files_kept() -> Iterator[None]:
    """Keep every picture's file until the end of the block; what would have gone then goes with a later deletion."""
    for old in notes(until=time()):
        default_storage.delete(f"{FOLDER}/{old}")
    note = default_storage.save(f"{FOLDER}/{int(time()) + LONGEST}-{uuid4().hex}", ContentFile(b"-"))
    try:
        yield
    finally:
        default_storage.delete(note)


def are_files_kept() -> bool:
    return bool(notes(since=time()))


def notes(since: float = 0, until: float = float("inf")) -> list[str]:
    """Return the notes that end in this span of time."""
    with suppress(FileNotFoundError):
        ends = {name: name.partition("-")[0] for name in default_storage.listdir(FOLDER)[1]}
        return [name for name, end in ends.items() if end.isdecimal() and since < int(end) <= until]
    return []
