"""Decoding of untrusted image files: only their pixels are kept, none of their metadata."""

import warnings
from io import BytesIO
from typing import IO

from PIL import AvifImagePlugin, Image, ImageCms, ImageOps, UnidentifiedImageError

from pictures.formats import MAX_PIXELS, TOO_MANY_PIXELS, UNREADABLE

MAX_SIDE = 2400
BAND = 256  # rows
LANCZOS = Image.Resampling.LANCZOS

AvifImagePlugin.DEFAULT_MAX_THREADS = 2  # each takes memory, and a machine may have many processors


class RefusedError(Exception):
    """Its message is for the person who uploaded the file."""


def decode(file: IO[bytes]) -> Image.Image:
    """Return the image in a file: upright, in sRGB, no side above MAX_SIDE, without metadata."""
    try:
        with opened(file) as image:
            return normalize(image)
    except (RefusedError, MemoryError):
        raise
    except Exception as error:  # decoders raise nearly anything for damaged data
        raise RefusedError(UNREADABLE) from error


def opened(file: IO[bytes]) -> Image.Image:
    """Only the header has been read, in which Pillow looks at the size before it takes memory for the pixels."""
    for form, most in MAX_PIXELS.items():
        Image.MAX_IMAGE_PIXELS = most // 2  # Pillow refuses above twice of it, and only warns below
        try:
            with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
                return Image.open(file, formats=[form])
        except UnidentifiedImageError:
            continue
        except Image.DecompressionBombError as error:
            raise RefusedError(TOO_MANY_PIXELS[form]) from error
    raise RefusedError(UNREADABLE)


def normalize(image: Image.Image) -> Image.Image:
    if image.info.get("progressive") and image.width * image.height * len(image.getbands()) > 3 * MAX_PIXELS["JPEG"]:
        raise MemoryError  # libjpeg keeps two bytes of each color until the end, and calls it damage if it cannot
    size = target(*image.size)
    image.draft(None, size)  # a JPEG is decoded no larger than this needs
    image = to_srgb(ImageOps.exif_transpose(smaller(image, size)))
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    return Image.frombytes(image.mode, image.size, image.tobytes())


def target(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, MAX_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def smaller(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """As `resize` does it, first narrower, then lower, but band by band: a large picture is in memory only once."""
    if image.size == size:
        return plain(image)
    pixel = weighed(image.crop((0, 0, 1, 1)))
    narrow = Image.new(pixel.mode, (size[0], image.height))
    narrow.info = pixel.info
    for top in range(0, image.height, BAND):
        rows = min(BAND, image.height - top)
        band = weighed(image.crop((0, top, image.width, top + rows)))
        narrow.paste(band.resize((size[0], rows), LANCZOS), (0, top))
    image = narrow.resize(size, LANCZOS)
    return image.convert("RGBA") if image.mode == "RGBa" else image


def weighed(image: Image.Image) -> Image.Image:
    """Colors that are not seen must not mix with those beside them."""
    image = plain(image)
    return image.convert("RGBa") if image.mode == "RGBA" else image


def plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = image.convert("I").point(lambda gray: gray / 256).convert("L")
    if image.mode not in ("L", "RGB", "RGBA", "CMYK") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def to_srgb(image: Image.Image) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), image.mode, mode)
        return transform.apply(image)
    except (KeyError, OSError, ValueError, ImageCms.PyCMSError):
        return image.convert(mode)
