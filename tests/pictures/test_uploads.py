from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import StopFutureHandlers
from PIL import Image, ImageCms

from pictures.uploads import MAX_BYTES, MAX_SIDE, BoundedUploadHandler, decode
from tests.pictures.images import BAD_FILES, BLUE, GREEN, RED, WHITE, camera_photo, exif, file_of, quarters, upload


def corners(image):
    """The colours of the four corners, row by row."""
    right, bottom = image.width - 3, image.height - 3
    return [image.getpixel(place)[:3] for place in ((2, 2), (right, 2), (2, bottom), (right, bottom))]


def assert_near(colours, expected):
    for colour, wanted in zip(colours, expected, strict=True):
        assert all(abs(a - b) < 25 for a, b in zip(colour, wanted, strict=True)), (colours, expected)


@pytest.mark.parametrize("name", sorted(BAD_FILES.keys() - {"nothing"}))
def test_bad_file_is_refused_with_a_reason(name):
    content, reason = BAD_FILES[name]
    with pytest.raises(ValidationError, match=reason):
        decode(upload(content))


def test_no_other_decoder_is_even_tried(monkeypatch):
    tried = []

    def spy(name, accept, prefix):
        tried.append(name)
        return accept(prefix) if accept else True

    Image.init()
    for name, (factory, accept) in list(Image.OPEN.items()):
        monkeypatch.setitem(Image.OPEN, name, (factory, partial(spy, name, accept)))
    with pytest.raises(ValidationError):
        decode(upload(BAD_FILES["an EPS"][0], "picture.eps"))
    assert set(tried) == {"JPEG", "PNG", "WEBP", "AVIF"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("name", ["picture.png", "picture", "picture.exe", "x" * 300])
def test_format_is_judged_by_content_and_not_by_name(form, name):
    image = decode(upload(file_of(quarters(), form), name))
    assert image.size == (40, 20)
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_picture_is_turned_upright(orientation):
    image = decode(upload(camera_photo(orientation=orientation)))
    assert image.size == (40, 20)
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_other_formats_are_turned_upright_too(form):
    turned = quarters().transpose(Image.Transpose.ROTATE_90)
    assert_near(corners(decode(upload(file_of(turned, form, exif=exif(6))))), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("size", [(5000, 1000), (1000, 5000), (2401, 10), (10, 2401), (3, 15_000)])
def test_large_picture_is_made_smaller_and_keeps_its_shape(size):
    image = decode(upload(Image.new("RGB", size)))
    assert max(image.size) == MAX_SIDE
    assert min(image.size) == max(1, round(min(size) * MAX_SIDE / max(size)))


def test_small_picture_is_not_made_larger():
    assert decode(upload(Image.new("RGB", (3, 2)))).size == (3, 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_becomes_red_green_and_blue(mode):
    image = decode(upload(file_of(Image.new("L", (40, 20), 255).convert(mode), "PNG")))
    assert image.mode == "RGB"
    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_picture_of_65536_greys_keeps_its_middle():
    image = decode(upload(file_of(Image.new("I;16", (40, 20), 0x8000), "PNG")))
    assert abs(image.getpixel((5, 5))[0] - 128) < 2


def test_transparency_stays():
    source = quarters().convert("RGBA")
    source.putalpha(Image.new("L", source.size, 0))
    assert decode(upload(file_of(source, "PNG"))).getpixel((5, 5))[3] == 0
    palette = quarters().convert("P")
    assert decode(upload(file_of(palette, "PNG", transparency=palette.getpixel((2, 2))))).getpixel((2, 2))[3] == 0


def test_print_colours_become_screen_colours():
    image = decode(upload(quarters().convert("CMYK")))
    assert image.mode == "RGB"
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


def test_colours_are_shown_as_the_pictures_own_profile_means_them():
    """In a profile that takes red for blue, red is blue."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = srgb.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"?XYZ", b"bXYZ", 1)
    image = decode(upload(file_of(quarters(), quality=95, icc_profile=swapped)))
    assert_near(corners(image), [BLUE, GREEN, RED, WHITE])


@pytest.mark.parametrize("profile", [b"nonsense", bytes(200)])
def test_broken_profile_does_no_harm(profile):
    image = decode(upload(file_of(quarters(), quality=95, icc_profile=profile)))
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


def test_nothing_but_pixels_is_left():
    photo = file_of(quarters(), exif=exif(), comment=b"A comment", dpi=(300, 300))
    image = decode(upload(photo))
    assert image.info == {}
    assert not image.getexif()


def test_only_the_first_picture_of_an_animation_is_kept():
    frames = [quarters(), Image.new("RGB", (40, 20))]
    animation = file_of(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert_near(corners(decode(upload(animation))), [RED, GREEN, BLUE, WHITE])


def test_upload_is_cut_where_it_is_too_large():
    handler = BoundedUploadHandler()
    try:
        handler.new_file("file", "x.jpg", "image/jpeg", None)
    except StopFutureHandlers:
        pytest.fail("the file would reach no other handler")
    assert handler.receive_data_chunk(b"abc", MAX_BYTES) == b"abc"
    assert handler.receive_data_chunk(b"abc", MAX_BYTES + 1) is None
    assert handler.file_complete(MAX_BYTES) is None
