"""What is kept and served: each picture in a few widths and two formats, in names that tell their content.

A picture's largest WebP file stands for all of its files: `pictures/HASH-WIDTH.webp`. The hash is of the content
and of the picture's own key, so another content has another name, and no two pictures share a file.
"""

from contextlib import suppress
from datetime import timedelta
from hashlib import blake2b
from io import BytesIO
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

FOLDER = "pictures"
WIDTHS = (480, 960, 1440)  # and its own
OPTIONS = {"avif": {"quality": 60, "speed": 8}, "webp": {"quality": 80, "method": 4}}
LEFT_OVER = timedelta(days=1)  # no transaction takes as long


def write(image, key):
    """Store the image in each width and format; the name that stands for all of them. `key` is the picture's."""
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


def widths(width):
    return [*(smaller for smaller in WIDTHS if smaller < width), width]


def renditions(name, extension):
    """The files of a picture in one format, as {width: name}, smallest first."""
    digest, width = PurePosixPath(name).stem.split("-")
    return {width: f"{FOLDER}/{digest}-{width}.{extension}" for width in widths(int(width))}


def remove(name):
    """Remove all files of a picture."""
    for extension in OPTIONS:
        for file in renditions(name, extension).values():
            default_storage.delete(file)


def sweep(used):
    """Remove what belongs to none of the names `used`: left by a process that ended before it could commit."""
    digests = {PurePosixPath(name).stem.split("-")[0] for name in used}
    with suppress(FileNotFoundError):
        for file in default_storage.listdir(FOLDER)[1]:
            name = f"{FOLDER}/{file}"
            if file.split("-")[0] not in digests and timezone.now() - modified(name) > LEFT_OVER:
                default_storage.delete(name)


def modified(name):
    return default_storage.get_modified_time(name)
