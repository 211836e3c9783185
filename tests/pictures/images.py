"""Small pictures as they come from cameras and from people who mean harm."""

import struct
import zlib
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 200, 30), (30, 30, 200), (250, 250, 250)
PAYLOAD = b"<script>alert(document.domain)</script>"


def quarters(width=40, height=20):
    """An image that shows which way it is turned: red and green above, blue and white below."""
    image = Image.new("RGB", (2, 2))
    image.putdata([RED, GREEN, BLUE, WHITE])
    return image.resize((width, height), Image.Resampling.NEAREST)


def file_of(image, form="JPEG", **options):
    image.save(file := BytesIO(), form, **options)
    return file.getvalue()


def upload(content, name="IMG_0001.jpg"):
    """An uploaded file; of an image instead of bytes, a JPEG file of it."""
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else file_of(content, quality=95))


def exif(orientation=1):
    """EXIF data with an orientation, a camera's name and a place on earth."""
    found = Image.Exif()
    found[ExifTags.Base.Orientation] = orientation
    found[ExifTags.Base.Make] = "Secret Camera"
    found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (40.0, 51.0, 30.0)
    return found


def camera_photo(width=40, height=20, orientation=6):
    """A JPEG file of a picture `width` by `height` as it should be seen, stored turned as phones do."""
    turns = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90, 8: Image.Transpose.ROTATE_270}
    image, turn = quarters(width, height), turns[orientation]
    return file_of(image if turn is None else image.transpose(turn), quality=95, exif=exif(orientation))


def png_header(width, height):
    """A PNG file that claims to be so large and holds next to nothing."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(100))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def webp_header(width, height):
    """The beginning of a lossless WebP file of this size."""
    size = struct.pack("<I", width - 1 | height - 1 << 14)
    return b"RIFF" + struct.pack("<I", 18) + b"WEBPVP8L" + struct.pack("<I", 5) + b"\x2f" + size + b"\0"


def avif_header(width, height):
    """An AVIF file of a small picture that claims to be so large."""
    extents = [b"ispe" + bytes(4) + struct.pack(">II", *size) for size in ((40, 20), (width, height))]
    return file_of(quarters(), "AVIF").replace(*extents)


BAD_FILES = {
    "a text named .jpg": (b"Dear clinic, this is a letter.", "read as a picture"),
    "nothing but zeroes": (bytes(1000), "read as a picture"),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "read as a picture"),
    "HTML named .jpg": (b"<!doctype html>" + PAYLOAD, "read as a picture"),
    "an EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n", "read as a picture"),
    "a GIF": (file_of(quarters(), "GIF"), "read as a picture"),
    "a TIFF": (file_of(quarters(), "TIFF"), "read as a picture"),
    "a BMP": (file_of(quarters(), "BMP"), "read as a picture"),
    "a PDF": (file_of(quarters(), "PDF"), "read as a picture"),
    "a truncated JPEG": (file_of(Image.effect_noise((300, 200), 60))[:9000], "read as a picture"),
    "a truncated PNG": (file_of(Image.effect_noise((300, 200), 60), "PNG")[:9000], "read as a picture"),
    "a truncated WebP": (file_of(Image.effect_noise((300, 200), 60), "WEBP")[:5000], "read as a picture"),
    "a truncated AVIF": (file_of(Image.effect_noise((300, 200), 60), "AVIF")[:2000], "read as a picture"),
    "a PNG without its pixels": (png_header(3000, 2000), "read as a picture"),
    "a decompression bomb": (png_header(60_000, 60_000), "more than 50 megapixels"),
    "a bomb below Pillow's own limit": (png_header(10_000, 10_000), "more than 50 megapixels"),
    "a PNG of a little more than 50 megapixels": (png_header(5001, 10_000), "more than 50 megapixels"),
    "a WebP of a little more than 20 megapixels": (
        webp_header(5001, 4000),
        "more than 20 megapixels, too many for a WebP",
    ),
    "a WebP that takes all memory": (webp_header(16_383, 16_383), "more than 20 megapixels, too many for a WebP"),
    "an AVIF of a little more than 20 megapixels": (
        avif_header(5001, 4000),
        "more than 20 megapixels, too many for an AVIF",
    ),
    "more than 15 MB": (file_of(quarters()) + bytes(15_000_001), "larger than 15 MB"),
    "nothing": (b"", "empty"),
}
