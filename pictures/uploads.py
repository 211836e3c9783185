"""What comes in: image files that nobody vouches for, and what is kept of them, their pixels."""

import warnings
from io import BytesIO

from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import FileUploadHandler
from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
MOST_BYTES = 15_000_000
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2400
TOO_LARGE = "This file is larger than 15 MB. Choose a smaller one."
TOO_MANY_PIXELS = "This picture has more than 50 megapixels. Choose a smaller one."
UNREADABLE = "This file cannot be read as a picture. Choose a JPEG, PNG, WebP or AVIF file that opens on your computer."

# Pillow refuses from twice its own limit on and only warns below; here a warning refuses, too.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class BoundedUploadHandler(FileUploadHandler):
    """Passes on as much of a file as is needed to see that it is too large: the rest never fills a disk."""

    def receive_data_chunk(self, raw_data, start):
        return raw_data if start <= MOST_BYTES else None

    def file_complete(self, file_size):
        return None


def decoded(file):
    """The pixels of an image file: upright, in sRGB, no side above LONGEST_SIDE, and nothing else of it.

    Raises ValidationError with a sentence for who chose the file.
    """
    if file.size > MOST_BYTES:
        raise ValidationError(TOO_LARGE)
    try:
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValidationError(TOO_MANY_PIXELS)
            return pixels(image)
    except ValidationError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValidationError(TOO_MANY_PIXELS) from error
    except Exception as error:  # a decoder fed with nonsense raises nearly anything
        raise ValidationError(UNREADABLE) from error


def pixels(image):
    """A new image of an opened one's pixels, as `decoded` describes it."""
    if image.mode.startswith("I"):  # 65536 greys
        image = image.convert("I").point(lambda grey: grey / 256).convert("L")
    if image.mode not in ("L", "RGB", "RGBA", "CMYK") or "transparency" in image.info:
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than this needs
    image = in_srgb(ImageOps.exif_transpose(image))
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    return Image.frombytes(image.mode, image.size, image.tobytes())


def in_srgb(image):
    """The image in RGB or RGBA, its colours as its own profile means them."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(image.info["icc_profile"]))
        return ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (KeyError, OSError, ImageCms.PyCMSError):  # none, or one that does not fit
        return image.convert(mode)
