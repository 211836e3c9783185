"""What is taken, what is made of it, and what is told of the rest: known to the site and to the process that encodes,
which share nothing else.
"""

MAX_BYTES = 15_000_000
# Pillow decodes JPEG smaller, and PNG in one piece; of WebP and AVIF it holds several copies.
MAX_PIXELS = {"JPEG": 50_000_000, "PNG": 50_000_000, "WEBP": 20_000_000, "AVIF": 20_000_000}
WIDTHS = (480, 960, 1440)  # of renditions, and its own
OPTIONS = {"avif": {"quality": 60, "speed": 8}, "webp": {"quality": 80, "method": 4}}

TOO_LARGE = "This file is larger than 15 MB. Choose a smaller one."
TOO_MANY_PIXELS = {
    "JPEG": "This picture has more than 50 megapixels. Choose a smaller one.",
    "PNG": "This picture has more than 50 megapixels. Choose a smaller one.",
    "WEBP": "This picture has more than 20 megapixels, too many for a WebP file. Choose a smaller one, or save it as "
    "JPEG.",
    "AVIF": "This picture has more than 20 megapixels, too many for an AVIF file. Choose a smaller one, or save it as "
    "JPEG.",
}
UNREADABLE = "This file cannot be read as a picture. Choose a JPEG, PNG, WebP or AVIF file that opens on your computer."
TOO_DEMANDING = (
    "This picture takes too much time or memory to read. Choose a smaller one, or save it as an ordinary JPEG file "
    "first."
)
BUSY = "The picture could not be stored just now. Choose the file again in a minute."


def widths(width: int) -> list[int]:
    return [*(smaller for smaller in WIDTHS if smaller < width), width]
