"""Decoding of untrusted image files: only their pixels are kept, none of their metadata.

No more than one copy of the whole picture is in memory: it is made smaller band by band.
"""

import warnings
from collections.abc import Iterable, Iterator
from ctypes import CDLL
from io import BytesIO
from typing import IO, NamedTuple

from PIL import ExifTags, Image, ImageCms, ImageOps

from pictures import native
from pictures.formats import FORMATS

MAX_PIXELS = 50_000_000
MAX_SIDE = 2400
LANCZOS = Image.Resampling.LANCZOS

# Pillow raises an error above twice its own limit and only warns below.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class RefusedError(Exception):
    """Its message is a name in `uploads.REFUSALS`."""


class Source(NamedTuple):
    """What a file holds of a picture, still turned and in colors of its own."""

    image: Image.Image
    profile: bytes | None
    orientation: int


def decode(file: IO[bytes]) -> Image.Image:
    """Return the image in a file: upright, in sRGB, no side above MAX_SIDE, without metadata."""
    try:
        image = normalize(read(file))
    except (RefusedError, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedError("pixels") from error
    except Exception as error:  # decoders raise nearly anything for damaged data
        raise RefusedError("unreadable") from error
    return image


def read(file: IO[bytes]) -> Source:
    head = file.read(16)
    file.seek(0)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP" and (library := native.webp()):
        data = file.read()
        features = native.webp_config(library, data).input
        check_size(features.width, features.height)
        if not features.has_animation:
            return read_webp(library, data, (features.width, features.height))
    with Image.open(file, formats=FORMATS) as image:
        check_size(*image.size)
        size = target(*image.size)
        if image.format == "AVIF" and (library := native.avif()):
            file.seek(0)
            bands = native.avif_bands(library, file.read(), image.size)
            return Source(shrunk(bands, image.size, size), image.info.get("icc_profile"), orientation(image))
        if image.info.get("progressive") and image.width * image.height * len(image.getbands()) > 3 * MAX_PIXELS:
            raise MemoryError  # libjpeg keeps two bytes of each color until the end, and calls it damage if it cannot
        image.draft(None, size)  # a JPEG is decoded no larger than this needs
        return Source(shrunk(bands_of(image), image.size, size), image.info.get("icc_profile"), orientation(image))


def check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise RefusedError("pixels")


def target(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, MAX_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def read_webp(library: CDLL, data: bytes, own_size: tuple[int, int]) -> Source:
    size = target(*own_size)
    ample = min(own_size[0], 2 * size[0]), min(own_size[1], 2 * size[1])  # libwebp's own scaling is a coarse one
    image = native.webp_image(library, data, ample)
    chunks = dict(riff_chunks(data))
    described = Image.Exif()
    described.load(chunks.get(b"EXIF", b""))
    turned = described.get(ExifTags.Base.Orientation, 1)
    return Source(shrunk(bands_of(image), image.size, size), chunks.get(b"ICCP"), turned)


def riff_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        if data[place : place + 4] in (b"ICCP", b"EXIF"):
            yield data[place : place + 4], data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def orientation(image: Image.Image) -> int:
    turned: int = image.getexif().get(ExifTags.Base.Orientation, 1)
    return turned


def bands_of(image: Image.Image) -> Iterator[Image.Image]:
    image.load()
    for top, rows in native.bands(*image.size):
        yield plain(image.crop((0, top, image.width, top + rows)))


def plain(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits a pixel
        image = image.convert("I").point(lambda gray: gray / 256).convert("L")
    if image.mode not in ("L", "RGB", "RGBA", "CMYK") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def shrunk(bands: Iterable[Image.Image], size: tuple[int, int], wanted: tuple[int, int]) -> Image.Image:
    """The bands together, as Pillow makes a whole picture smaller: first narrower, then lower."""
    narrow, top = Image.new("L", (1, 1)), 0
    for band in bands:
        if size != wanted:
            # Colors that are not seen must not mix with those beside them.
            weighed = band.convert("RGBa") if band.mode == "RGBA" else band
            part = weighed.resize((wanted[0], band.height), LANCZOS)
        else:
            part = band
        if not top:
            narrow = Image.new(part.mode, (wanted[0], size[1]))
        narrow.paste(part, (0, top))
        top += part.height
    image = narrow.resize(wanted, LANCZOS)
    return image.convert("RGBA") if image.mode == "RGBa" else image


def normalize(source: Source) -> Image.Image:
    image = source.image
    image.getexif()[ExifTags.Base.Orientation] = source.orientation
    image = to_srgb(ImageOps.exif_transpose(image), source.profile)
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    return Image.frombytes(image.mode, image.size, image.tobytes())


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile:
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            transform = ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), image.mode, mode)
            return transform.apply(image)
        except (OSError, ValueError, ImageCms.PyCMSError):
            pass
    return image.convert(mode)
