import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from PIL import Image

from pictures.models import Picture, delete_unused_files
from tests.pictures.images import BAD_FILES, PAYLOAD, exif, file_of, quarters, upload

pytestmark = pytest.mark.django_db


def made(content=None, **values):
    return Picture.objects.create(file=upload(content or quarters()), **({"alt": "Two hands"} | values))


def kept(media):
    return sorted(path.name for path in media.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("width", "widths"),
    [(40, [40]), (480, [480]), (481, [480, 481]), (1500, [480, 960, 1440, 1500]), (4000, [480, 960, 1440, 2400])],
)
def test_picture_is_stored_in_a_few_widths_and_two_formats(media, width, widths):
    picture = made(Image.new("RGB", (width, 20)))
    found = []
    for path in media.rglob("*.*"):
        with Image.open(path) as image:
            found.append((image.format, image.width))
    assert sorted(found) == [(form, width) for form in ("AVIF", "WEBP") for width in widths]
    assert (picture.width, picture.height) == (widths[-1], round(20 * widths[-1] / width))


def test_stored_picture_knows_its_size_and_its_files():
    picture = Picture.objects.get(pk=made(Image.new("RGB", (500, 250))).pk)
    assert (picture.width, picture.height) == (500, 250)
    small, large = picture.file.srcset("avif").split(", ")
    assert small.startswith("/media/")
    assert small.endswith("-480.avif 480w")
    assert large.endswith("-500.avif 500w")
    assert picture.file.url.endswith("-500.webp")
    assert picture.file.preview_url.endswith("-480.webp")


def test_names_of_files_tell_nothing_of_the_uploaded_name_and_differ_by_picture_and_content(media):
    names = {made().file.name, made().file.name, made(Image.new("RGB", (40, 20))).file.name}
    assert len(names) == 3
    assert not [name for name in kept(media) if "IMG" in name]


def test_metadata_and_payloads_are_gone_from_every_file(media):
    photo = file_of(quarters(600, 400), exif=exif(), comment=PAYLOAD, quality=95)
    made(photo + b"<!doctype html>" + PAYLOAD)
    files = [path.read_bytes() for path in media.rglob("*.*")]
    assert len(files) == 4
    for content in files:
        for trace in (b"script", b"doctype", b"Exif", b"EXIF", b"Secret Camera", b"ICC", b"xmp", b"JFIF", b"%!PS"):
            assert trace not in content
    for path in media.rglob("*.*"):
        with Image.open(path) as image:
            assert not set(image.info) & {"exif", "icc_profile", "xmp", "comment"}


@pytest.mark.parametrize("content", [content for content, _ in BAD_FILES.values() if content], ids=lambda _: "")
def test_bad_file_leaves_nothing_on_disk_even_without_a_form(media, content):
    with pytest.raises(ValidationError):
        made(content)
    assert kept(media) == []


def test_saving_without_a_new_file_leaves_the_files_alone(media, django_capture_on_commit_callbacks):
    picture, before = made(), kept(media)
    picture = Picture.objects.get(pk=picture.pk)
    with django_capture_on_commit_callbacks(execute=True):
        picture.alt = "Two other hands"
        picture.save()
    assert kept(media) == before


def test_replaced_files_go_after_the_commit_and_not_before(media, django_capture_on_commit_callbacks):
    picture, old = made(), kept(media)
    with django_capture_on_commit_callbacks(execute=True):
        picture.file = upload(Image.new("RGB", (600, 20)))
        picture.save()
        assert set(kept(media)) > set(old)
    assert len(kept(media)) == 4
    assert not set(kept(media)) & set(old)
    assert (picture.width, picture.height) == (600, 20)


def test_file_replaced_by_itself_stays(media, django_capture_on_commit_callbacks):
    picture, old = made(), kept(media)
    with django_capture_on_commit_callbacks(execute=True):
        picture.file = upload(quarters())
        picture.save()
    assert kept(media) == old


@pytest.mark.parametrize("way", ["one", "many"])
def test_deleted_files_go_after_the_commit_and_only_those(media, django_capture_on_commit_callbacks, way):
    other = made()
    others = kept(media)
    picture = made()
    with django_capture_on_commit_callbacks(execute=True):
        if way == "one":
            picture.delete()
        else:
            Picture.objects.exclude(pk=other.pk).delete()
        assert len(kept(media)) == 4
    assert kept(media) == others


@pytest.mark.django_db(transaction=True)
def test_files_stay_when_the_deletion_is_undone(media):
    picture = made()
    with pytest.raises(RuntimeError), transaction.atomic():
        picture.delete()
        raise RuntimeError
    assert len(kept(media)) == 2


@pytest.mark.django_db(transaction=True)
def test_what_a_failed_transaction_left_is_swept_up_a_day_later(media):
    with pytest.raises(RuntimeError), transaction.atomic():
        made()
        raise RuntimeError
    left = list(media.rglob("*.*"))
    assert len(left) == 2
    made()
    assert all(map(Path.exists, left))
    yesterday = time.time() - timedelta(days=1, minutes=1).total_seconds()
    for path in media.rglob("*.*"):
        os.utime(path, (yesterday, yesterday))
    made()
    assert not any(map(Path.exists, left))
    assert len(kept(media)) == 4


@pytest.mark.parametrize(("alt", "is_decorative"), [("", False), ("Two hands", True)])
def test_picture_is_either_described_or_decoration(alt, is_decorative):
    with pytest.raises(ValidationError) as error:
        Picture(file=upload(quarters()), alt=alt, is_decorative=is_decorative).full_clean()
    assert error.value.message_dict == {
        "alt": ["Describe the picture, or tick “only decoration”, but not both."],
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        made(alt=alt, is_decorative=is_decorative)


@pytest.mark.parametrize(
    "alt",
    [
        "IMG_1234.jpg",
        "IMG_1234",
        "dsc 0042 (1)",
        "hands at work.JPEG",
        "20260101_101500",
        "IMG-20260101-WA0007",
        "Screenshot 2026-01-01",
        "photo.heic",
        "hands.xyz",
        "hands",
    ],
)
def test_name_of_a_file_is_no_description(alt):
    with pytest.raises(ValidationError) as error:
        Picture(file=upload(quarters(), "hands.xyz"), alt=alt).full_clean()
    assert error.value.message_dict == {
        "alt": ["This is the name of a file. Say what the picture shows, as you would on the telephone."]
    }


@pytest.mark.parametrize("alt", ["Hands", "Two hands knead a calf", "Room 12", "The entrance, seen from the street."])
def test_words_are_a_description(alt):
    Picture(file=upload(quarters(), "Two hands knead a calf.jpg"), alt=alt).full_clean()


def test_picture_is_called_by_what_it_shows():
    assert str(made()) == "Two hands"
    assert str(made(alt="", is_decorative=True)).startswith("Decoration, 40 × 20 (")


def test_half_a_file_is_never_under_its_name_and_is_swept_up_a_day_later(media, monkeypatch):
    picture, whole = made(), [path.read_bytes() for path in sorted(media.rglob("*.*"))]
    with monkeypatch.context() as patch, pytest.raises(OSError, match="killed"):
        patch.setattr(Path, "replace", raising(OSError("killed")))
        picture.file.save("a.jpg", upload(quarters()), save=False)
    (half,) = media.rglob("*.part")
    assert [path.read_bytes() for path in sorted(media.rglob("*.*")) if path != half] == whole
    delete_unused_files(None)
    assert half.exists()
    yesterday = time.time() - timedelta(days=1, minutes=1).total_seconds()
    os.utime(half, (yesterday, yesterday))
    delete_unused_files(None)
    assert not half.exists()
    assert len(kept(media)) == 2


def raising(error):
    def function(*args):
        raise error

    return function
