"""Decoding of untrusted image files: only their pixels are kept, none of their metadata."""

import warnings
from io import BytesIO
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadhandler import FileUploadHandler
from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MAX_BYTES = 15_000_000
MAX_PIXELS = 50_000_000
MAX_SIDE = 2400
TOO_LARGE = "This file is larger than 15 MB. Choose a smaller one."
TOO_MANY_PIXELS = "This picture has more than 50 megapixels. Choose a smaller one."
UNREADABLE = "This file cannot be read as a picture. Choose a JPEG, PNG, WebP or AVIF file that opens on your computer."

# Pillow raises an error above twice its own limit and only warns below.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class BoundedUploadHandler(FileUploadHandler):
    """Discards what comes after MAX_BYTES, so that no upload fills the disk; `decode` refuses such a file."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= MAX_BYTES else None

    def file_complete(self, file_size: int) -> None:
        return None


def decode(file: "File[Any]") -> Image.Image:
    """Return the image in a file: upright, in sRGB, no side above MAX_SIDE, without metadata.

    Raises ValidationError with a message for the person who uploaded it.
    """
    if file.size > MAX_BYTES:
        raise ValidationError(TOO_LARGE)
    try:
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValidationError(TOO_MANY_PIXELS)
            return normalize(image)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(TOO_MANY_PIXELS) from error
    except Exception as error:  # decoders raise nearly anything for damaged data
        raise ValidationError(UNREADABLE) from error


def normalize(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = image.convert("I").point(lambda grey: grey / 256).convert("L")
    if image.mode not in ("L", "RGB", "RGBA", "CMYK") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE))  # a JPEG is decoded no larger than this needs
    image = to_srgb(ImageOps.exif_transpose(image))
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    return Image.frombytes(image.mode, image.size, image.tobytes())


def to_srgb(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), image.mode, mode)
        return transform.apply(image)
    except (KeyError, OSError, ValueError, ImageCms.PyCMSError):
        return image.convert(mode)
