"""WebP and AVIF files decoded by the libraries inside of Pillow, without its copies of the whole picture.

Pillow holds a WebP picture four times and an AVIF picture two to three times: 800 and 700 MB for 50 megapixels. The
structures are those that libwebp 1 and libavif 1 keep from version to version; other versions are left to Pillow.
"""

import ctypes
from collections.abc import Iterator
from ctypes import POINTER, Structure, byref, c_char, c_char_p, c_int, c_size_t, c_uint32, c_void_p
from functools import cache

from PIL import Image, _avif, _webp

RGBA = 1  # in both libraries
WEBP_ABI = 0x0200  # libwebp itself refuses another major version
OUT_OF_MEMORY = {"webp": 1, "avif": 26}
BAND = 2_000_000  # pixels that are worked on at a time


class WebPFeatures(Structure):
    _fields_ = [(name, c_int) for name in ("width", "height", "has_alpha", "has_animation", "format")]
    _fields_ += [("pad", c_uint32 * 5)]


class WebPBuffer(Structure):
    _fields_ = [(name, c_int) for name in ("colorspace", "width", "height", "is_external_memory")]
    _fields_ += [("rgba", c_void_p), ("stride", c_int), ("size", c_size_t), ("rest_of_union", c_char * 56)]
    _fields_ += [("pad", c_uint32 * 4), ("private_memory", c_void_p)]


class WebPOptions(Structure):
    _fields_ = [(name, c_int) for name in ("bypass_filtering", "no_fancy_upsampling", "use_cropping")]
    _fields_ += [("crop", c_int * 4)]
    _fields_ += [(name, c_int) for name in ("use_scaling", "scaled_width", "scaled_height", "use_threads")]
    _fields_ += [("dithering", c_int * 3), ("pad", c_uint32 * 5)]


class WebPConfig(Structure):
    _fields_ = [("input", WebPFeatures), ("output", WebPBuffer), ("options", WebPOptions)]


class AvifImage(Structure):
    _fields_ = [(name, c_uint32) for name in ("width", "height", "depth")]


class AvifDecoder(Structure):
    _fields_ = [(name, c_int) for name in ("codec", "max_threads", "source", "progressive", "incremental")]
    _fields_ += [
        (name, c_uint32) for name in ("ignore_exif", "ignore_xmp", "most_pixels", "longest_side", "most_images")
    ]
    _fields_ += [("strict_flags", c_uint32), ("image", POINTER(AvifImage))]


class AvifPixels(Structure):
    _fields_ = [(name, c_uint32) for name in ("width", "height", "depth", "format", "upsampling", "downsampling")]
    _fields_ += [(name, c_int) for name in ("avoid_libyuv", "ignore_alpha", "premultiplied", "is_float", "max_threads")]
    _fields_ += [("pixels", c_void_p), ("row_bytes", c_uint32), ("later_versions", c_char * 64)]


@cache
def webp() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(_webp.__file__)  # finds what the extension is linked with
        return library if library.WebPInitDecoderConfigInternal(byref(WebPConfig()), WEBP_ABI) else None
    except (OSError, AttributeError):
        return None


@cache
def avif() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(_avif.__file__)
        library.avifVersion.restype = c_char_p
        library.avifDecoderCreate.restype = POINTER(AvifDecoder)
        library.avifImageCreateEmpty.restype = POINTER(AvifImage)
        return library if library.avifVersion().startswith(b"1.") else None
    except (OSError, AttributeError):
        return None


def check(status: int, library: str) -> None:
    if status == OUT_OF_MEMORY[library]:
        raise MemoryError
    if status:
        raise ValueError(f"{library}: {status}")


def webp_config(library: ctypes.CDLL, data: bytes) -> WebPConfig:
    config = WebPConfig()
    library.WebPInitDecoderConfigInternal(byref(config), WEBP_ABI)
    check(library.WebPGetFeaturesInternal(data, c_size_t(len(data)), byref(config.input), WEBP_ABI), "webp")
    return config


def webp_image(library: ctypes.CDLL, data: bytes, size: tuple[int, int]) -> Image.Image:
    """The picture in this size, which is no larger than its own."""
    config = webp_config(library, data)
    width, height = config.options.scaled_width, config.options.scaled_height = size
    config.options.use_scaling = size != (config.input.width, config.input.height)
    pixels = bytearray(width * height * 4)
    config.output.colorspace, config.output.is_external_memory = RGBA, True
    config.output.rgba = ctypes.addressof((c_char * len(pixels)).from_buffer(pixels))
    config.output.stride, config.output.size = width * 4, len(pixels)
    check(library.WebPDecode(data, c_size_t(len(data)), byref(config)), "webp")
    return Image.frombuffer("RGBA", size, pixels, "raw", "RGBA", 0, 1)


def avif_bands(library: ctypes.CDLL, data: bytes, size: tuple[int, int]) -> Iterator[Image.Image]:
    """The first picture in a file, from top to bottom."""
    decoder = library.avifDecoderCreate()
    decoder.contents.strict_flags = 0  # as Pillow: older programs omit what is required
    try:
        check(library.avifDecoderSetIOMemory(decoder, data, c_size_t(len(data))), "avif")
        check(library.avifDecoderParse(decoder), "avif")
        check(library.avifDecoderNextImage(decoder), "avif")
        image = decoder.contents.image
        if (image.contents.width, image.contents.height) != size:
            raise ValueError("avif: another size than the file tells")
        for top, rows in bands(*size):
            yield avif_band(library, image, (0, top, size[0], rows))
    finally:
        library.avifDecoderDestroy(decoder)


def bands(width: int, height: int) -> Iterator[tuple[int, int]]:
    """(top, rows) of each, even where colors may be stored for two rows together."""
    most = max(2, BAND // width // 2 * 2)
    return ((top, min(most, height - top)) for top in range(0, height, most))


def avif_band(library: ctypes.CDLL, image: "ctypes._Pointer[AvifImage]", box: tuple[int, int, int, int]) -> Image.Image:
    _, _, width, rows = box
    view, pixels, rgba = library.avifImageCreateEmpty(), bytearray(width * rows * 4), AvifPixels()
    try:
        check(library.avifImageSetViewRect(view, image, (c_uint32 * 4)(*box)), "avif")
        library.avifRGBImageSetDefaults(byref(rgba), view)
        rgba.depth, rgba.format, rgba.row_bytes = 8, RGBA, width * 4
        rgba.pixels = ctypes.addressof((c_char * len(pixels)).from_buffer(pixels))
        check(library.avifImageYUVToRGB(view, byref(rgba)), "avif")
    finally:
        library.avifImageDestroy(view)
    return Image.frombuffer("RGBA", (width, rows), pixels, "raw", "RGBA", 0, 1)
