"""Renditions: the files of a picture, in a few widths and two formats.

They are called `pictures/HASH-WIDTH.EXTENSION`. The hash is of the content and of the picture's primary key, so a name
never gets other content, and no two pictures share a file. The database holds the name of the largest WebP file.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from hashlib import blake2b
from io import BytesIO
from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

FOLDER = "pictures"
WIDTHS = (480, 960, 1440)  # and its own
OPTIONS = {"avif": {"quality": 60, "speed": 8}, "webp": {"quality": 80, "method": 4}}
ORPHAN_AGE = timedelta(days=1)  # longer than any transaction that could still commit


def write(image: Image.Image, key: UUID) -> str:
    files = {}
    for width in widths(image.width):
        scaled = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
        for extension, options in OPTIONS.items():
            scaled.save(file := BytesIO(), extension.upper(), **options)
            files[width, extension] = file.getvalue()
    digest = blake2b(b"".join(files.values()), key=key.bytes, digest_size=16).hexdigest()
    for (width, extension), content in files.items():
        name = f"{FOLDER}/{digest}-{width}.{extension}"
        default_storage.delete(name)
        default_storage.save(name, ContentFile(content))
    return f"{FOLDER}/{digest}-{image.width}.webp"


def widths(width: int) -> list[int]:
    return [*(smaller for smaller in WIDTHS if smaller < width), width]


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
            if file.split("-")[0] not in digests and age(name) > ORPHAN_AGE:
                default_storage.delete(name)


def age(name: str) -> timedelta:
    return timezone.now() - default_storage.get_modified_time(name)
