"""Runs in the site's own shell: staff who edit, upload and delete without a pause, at a steady pace."""

import itertools
import time
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from pages.models import Clinic
from pictures.encoding import Renditions, encode
from pictures.fields import EncodedFile
from pictures.models import Picture
from services.models import Service
from testimonials.models import Testimonial
from tests.pictures.images import quarters, upload

PICTURES = 20  # that stay; each upload deletes the oldest of more


def edit(number):
    """The same number in three tables, by one commit."""
    with transaction.atomic():
        Service.objects.filter(slug="muscle-scraping-therapy").update(lead=f"{number}")
        Testimonial.objects.filter(name="counted").update(quote=f"{number}")
        Clinic.objects.update(notice=f"{number}", notice_until=timezone.now() + timedelta(days=1))


def upload_one(number, whole):
    """A row and its files with the same number, and an old one less; encoding the picture anew would be too slow."""
    files = [file._replace(content=f"{number} ".encode() + file.content) for file in whole.files]
    picture = EncodedFile(ContentFile(b"", "a.jpg"), Renditions(whole.size, files))
    Picture.objects.create(file=picture, alt=f"number {number}")
    for old in Picture.objects.order_by("-updated_at")[PICTURES:]:
        old.delete()


def paced(pace, work):
    """So many a second until standard input ends; the numbers of each go to standard output."""
    begun = time.monotonic()
    for number in itertools.count(1):
        work(number)
        print(number, flush=True)
        time.sleep(max(0, begun + number / pace - time.monotonic()))


def edits(pace):
    Testimonial.objects.get_or_create(name="counted", defaults={"quote": "0"})
    paced(pace, edit)


def uploads(pace):
    whole = encode(upload(quarters(600, 300)))
    paced(pace, lambda number: upload_one(number, whole))


def found():
    """(the number of the last edit, the numbers of the pictures); fails where two places do not agree."""
    numbers = {Service.objects.get(slug="muscle-scraping-therapy").lead, Clinic.objects.get().notice}
    numbers |= {Testimonial.objects.get(name="counted").quote}
    assert len(numbers) == 1, numbers
    pictures = []
    for picture in Picture.objects.all():
        number = picture.alt.split()[1]
        names = [*picture.file.srcset("webp").split(", "), *picture.file.srcset("avif").split(", ")]
        for name in names:
            path = "pictures/" + name.split()[0].rpartition("/")[2]
            with picture.file.storage.open(path) as file:
                assert file.read(20).split()[0].decode() == number, (path, number)
        pictures.append(int(number))
    return int(numbers.pop()), sorted(pictures)
