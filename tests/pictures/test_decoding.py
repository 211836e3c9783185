from functools import partial
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from pictures.decoding import MAX_SIDE, RefusedError
from pictures.decoding import decode as decode_file
from tests.pictures.images import BAD_FILES, BLUE, GREEN, RED, WHITE, camera_photo, exif, file_of, quarters


@pytest.fixture(autouse=True)
def _pillow_is_left_as_it_was(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)


def decode(content):
    return decode_file(BytesIO(content if isinstance(content, bytes) else file_of(content, quality=95)))


def corners(image):
    """The colours of the four corners, row by row."""
    right, bottom = image.width - 3, image.height - 3
    return [image.getpixel(place)[:3] for place in ((2, 2), (right, 2), (2, bottom), (right, bottom))]


def assert_near(colours, expected):
    for colour, wanted in zip(colours, expected, strict=True):
        assert all(abs(a - b) < 25 for a, b in zip(colour, wanted, strict=True)), (colours, expected)


def test_no_other_decoder_is_even_tried(monkeypatch):
    tried = []

    def spy(name, accept, prefix):
        tried.append(name)
        return accept(prefix) if accept else True

    Image.init()
    for name, (factory, accept) in list(Image.OPEN.items()):
        monkeypatch.setitem(Image.OPEN, name, (factory, partial(spy, name, accept)))
    with pytest.raises(RefusedError):
        decode(BAD_FILES["an EPS"][0])
    assert set(tried) == {"JPEG", "PNG", "WEBP", "AVIF"}


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_each_format_is_decoded(form):
    image = decode(file_of(quarters(), form))
    assert image.size == (40, 20)
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_picture_is_turned_upright(orientation):
    image = decode(camera_photo(orientation=orientation))
    assert image.size == (40, 20)
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("form", ["PNG", "WEBP", "AVIF"])
def test_other_formats_are_turned_upright_too(form):
    turned = quarters().transpose(Image.Transpose.ROTATE_90)
    assert_near(corners(decode(file_of(turned, form, exif=exif(6)))), [RED, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("size", [(5000, 1000), (1000, 5000), (2401, 10), (10, 2401), (3, 15_000)])
def test_large_picture_is_made_smaller_and_keeps_its_shape(size):
    image = decode(Image.new("RGB", size))
    assert max(image.size) == MAX_SIDE
    assert min(image.size) == max(1, round(min(size) * MAX_SIDE / max(size)))


def test_small_picture_is_not_made_larger():
    assert decode(Image.new("RGB", (3, 2))).size == (3, 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_becomes_red_green_and_blue(mode):
    image = decode(file_of(Image.new("L", (40, 20), 255).convert(mode), "PNG"))
    assert image.mode == "RGB"
    assert image.getpixel((5, 5)) == (255, 255, 255)


def test_picture_of_65536_greys_keeps_its_middle():
    image = decode(file_of(Image.new("I;16", (40, 20), 0x8000), "PNG"))
    assert abs(image.getpixel((5, 5))[0] - 128) < 2


def test_transparency_stays():
    source = quarters().convert("RGBA")
    source.putalpha(Image.new("L", source.size, 0))
    assert decode(file_of(source, "PNG")).getpixel((5, 5))[3] == 0
    palette = quarters().convert("P")
    assert decode(file_of(palette, "PNG", transparency=palette.getpixel((2, 2)))).getpixel((2, 2))[3] == 0


def test_print_colours_become_screen_colours():
    image = decode(quarters().convert("CMYK"))
    assert image.mode == "RGB"
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


def red_for_blue():
    """A profile in which red is blue."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"?XYZ", b"bXYZ", 1)


def test_colours_are_shown_as_the_pictures_own_profile_means_them():
    image = decode(file_of(quarters(), quality=95, icc_profile=red_for_blue()))
    assert_near(corners(image), [BLUE, GREEN, RED, WHITE])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_picture_that_is_made_smaller_is_turned_and_colored_as_a_small_one(form):
    turned = quarters(3000, 1500).transpose(Image.Transpose.ROTATE_90)
    image = decode(file_of(turned, form, exif=exif(6), icc_profile=red_for_blue()))
    assert image.size == (2400, 1200)
    assert_near(corners(image), [BLUE, GREEN, RED, WHITE])


@pytest.mark.parametrize("profile", [b"nonsense", bytes(200)])
def test_broken_profile_does_no_harm(profile):
    image = decode(file_of(quarters(), quality=95, icc_profile=profile))
    assert_near(corners(image), [RED, GREEN, BLUE, WHITE])


def test_nothing_but_pixels_is_left():
    photo = file_of(quarters(), exif=exif(), comment=b"A comment", dpi=(300, 300))
    image = decode(photo)
    assert image.info == {}
    assert not image.getexif()


@pytest.mark.parametrize("form", ["WEBP", "AVIF", "PNG"])
def test_only_the_first_picture_of_an_animation_is_kept(form):
    frames = [quarters(), Image.new("RGB", (40, 20))]
    options = {"AVIF": {"quality": 100}, "WEBP": {"lossless": True}}.get(form, {})
    animation = file_of(frames[0], form, save_all=True, append_images=frames[1:], **options)
    assert_near(corners(decode(animation)), [RED, GREEN, BLUE, WHITE])


def wavy(width, height, mode="RGB"):
    """A picture with soft edges in which a seam would be seen."""
    parts = [Image.radial_gradient("L"), Image.linear_gradient("L"), Image.effect_noise((30, 20), 90)]
    image = Image.merge("RGB", [part.resize((width, height), Image.Resampling.BICUBIC) for part in parts])
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").rotate(90).resize((width, height)))
    return image


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_picture_made_smaller_by_bands_is_the_one_made_smaller_at_once(mode):
    image = wavy(3000, 2000, mode)
    assert decode(file_of(image, "PNG")).tobytes() == image.resize((2400, 1600), Image.Resampling.LANCZOS).tobytes()


def test_pictures_of_16_bits_and_without_color_are_decoded_by_bands():
    image = Image.linear_gradient("L").resize((5000, 3000))
    deep = image.convert("I").point(lambda gray: gray * 256).convert("I;16")
    for content in (file_of(deep, "PNG"), file_of(image.convert("LA"), "PNG"), file_of(image.convert("P"), "PNG")):
        found = decode(content)
        assert (found.size, found.mode) == ((2400, 1440), "RGB")
        assert_near([found.getpixel((9, 720))], [(128, 128, 128)])


def test_progressive_picture_of_four_colors_is_refused_above_what_its_decoder_can_keep():
    with pytest.raises(MemoryError):
        decode(file_of(Image.new("CMYK", (8000, 5000)), progressive=True))
