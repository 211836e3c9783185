"""Renditions: the files of a picture, in a few widths and two formats.

They are called `pictures/HASH-WIDTH.EXTENSION`. The hash is of the content and of the picture's primary key, so a name
never gets other content, and no two pictures share a file. The database holds the name of the largest WebP file.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone

from pictures.encoding import Renditions
from pictures.formats import OPTIONS, widths

if TYPE_CHECKING:
    from pictures.bucket import Bucket

FOLDER = "pictures"
NAME = r"[0-9a-f]{32}-[1-9][0-9]{0,3}\.(?:avif|webp)"
PART = ".part"
ORPHAN_AGE = timedelta(days=1)  # longer than any transaction that could still commit


class StoreDown(OSError):
    """The store of pictures does not answer."""


class StoreRefuses(OSError):
    """The store of pictures answers that it will not: the key, the bucket or the rights are wrong."""


def remote_store() -> "Bucket | None":
    """Return the storage of pictures where it is reached over the network."""
    return None if isinstance(default_storage, FileSystemStorage) else cast("Bucket", default_storage)


def write(encoded: Renditions, key: UUID) -> str:
    digest = blake2b(key=key.bytes, digest_size=16)
    for file in encoded.files:
        digest.update(file.content)
    for width, extension, content in encoded.files:
        store(f"{FOLDER}/{digest.hexdigest()}-{width}.{extension}", content)
    return f"{FOLDER}/{digest.hexdigest()}-{encoded.size[0]}.webp"


def store(name: str, content: bytes) -> None:
    """Beside its place first: under the name there is all of it or nothing, also if the process is killed.

    A remote store takes all of a file or nothing by itself.
    """
    if remote_store():
        default_storage.save(name, ContentFile(content))
        return
    part = default_storage.save(f"{name}{PART}", ContentFile(content))
    Path(default_storage.path(part)).replace(default_storage.path(name))


def renditions(name: str, extension: str) -> dict[int, str]:
    digest, width = PurePosixPath(name).stem.split("-")
    return {width: f"{FOLDER}/{digest}-{width}.{extension}" for width in widths(int(width))}


def delete(name: str) -> None:
    for extension in OPTIONS:
        for file in renditions(name, extension).values():
            default_storage.delete(file)


def delete_orphans(used: Iterable[str]) -> None:
    """Delete renditions of none of the names `used`: left by processes that ended before they could commit."""
    digests = {PurePosixPath(name).stem.split("-")[0] for name in used}
    with suppress(FileNotFoundError):
        for file in default_storage.listdir(FOLDER)[1]:
            name = f"{FOLDER}/{file}"
            is_used = file.split("-")[0] in digests and not file.endswith(PART)
            if not is_used and age(name) > ORPHAN_AGE:
                default_storage.delete(name)


def age(name: str) -> timedelta:
    return timezone.now() - default_storage.get_modified_time(name)
