import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from PIL import Image

from pages.models import Clinic
from pictures import encoding, fields
from pictures.models import Picture
from pictures.uploads import REFUSALS, renditions_of
from tests.pictures.images import file_of, quarters, upload

CHILD = """
import os, signal, sys, time
from pictures import child
child.decode = lambda file: {}
child.main(*map(int, sys.argv[1:]))
"""
SLOW = """
import sys, time
with open(sys.argv[1], "a", 1) as log:
    print("begin", file=log)
    time.sleep(0.3)
    print("end", file=log)
"""
ADD = "/admin/pictures/picture/add/"
LARGE = 8660, 5770


def encoded_by(monkeypatch, code, *arguments):
    monkeypatch.setattr(encoding, "COMMAND", [sys.executable, "-c", code, *map(str, arguments)])


@pytest.mark.parametrize(
    ("fault", "end", "refusal"),
    [
        ("list(iter(int, 1))", -signal.SIGPROF, "demanding"),
        ("time.sleep(600)", -signal.SIGALRM, "demanding"),
        ("bytearray(1 << 40)", 0, "demanding"),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, "demanding"),
        ("os.abort()", -signal.SIGABRT, "unreadable"),
        ("sys.exit(1)", 1, "busy"),
    ],
)
def test_decoder_that_goes_astray_ends_and_is_told_in_words(monkeypatch, settings, caplog, fault, end, refusal):
    settings.PICTURE_SECONDS = 1
    encoded_by(monkeypatch, CHILD.format(fault))
    with pytest.raises(ValidationError) as error:
        renditions_of(upload(quarters()))
    assert error.value.messages == [REFUSALS[refusal]]
    assert f"ended with {end}." in caplog.text or not end


def test_machine_without_room_for_a_process_is_told_in_words(monkeypatch, manager_client):
    monkeypatch.setattr(encoding, "COMMAND", ["/no/such/program"])
    response = manager_client.post(ADD, {"alt": "Typed with care", "file": upload(quarters())})
    assert REFUSALS["busy"] in response.content.decode()
    assert "Typed with care" in response.content.decode()


def large(form, mode, **options):
    return file_of(Image.new(mode, LARGE, (200, 30, 30, 100)[: len(mode)]), form, **options)


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("JPEG", "RGB", {"progressive": True}),
        ("PNG", "RGBA", {"compress_level": 1}),
        ("WEBP", "RGBA", {"method": 0}),
        ("AVIF", "RGBA", {"speed": 10}),
    ],
)
def test_largest_picture_of_each_format_takes_less_memory_than_two_copies_of_it(settings, form, mode, options):
    settings.PICTURE_MEMORY_MB = 370
    assert renditions_of(ContentFile(large(form, mode, **options))).size == (2400, 1599)


def test_picture_that_needs_more_memory_than_it_may_is_refused(settings):
    settings.PICTURE_MEMORY_MB = 100
    with pytest.raises(ValidationError) as error:
        renditions_of(ContentFile(large("PNG", "RGB", compress_level=1)))
    assert error.value.messages == [REFUSALS["demanding"]]


def test_upload_is_read_from_memory_and_from_a_file(tmp_path):
    content = file_of(quarters())
    (tmp_path / "a.jpg").write_bytes(content)
    with (tmp_path / "a.jpg").open("rb") as file:
        assert (
            renditions_of(upload(content)) == renditions_of(ContentFile(content)) == renditions_of(encoding.File(file))
        )


def test_process_that_encodes_knows_no_secret(monkeypatch, tmp_path):
    told = tmp_path / "told"
    encoded_by(monkeypatch, "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))", told)
    monkeypatch.setenv("DATABASE_URL", "postgres://name:password@host/name")
    encoding.encode(upload(quarters()))
    assert "PATH" in told.read_text()
    for name in ("SECRET_KEY", "DATABASE_URL", "password"):
        assert name not in told.read_text()


def test_one_picture_is_encoded_at_a_time(monkeypatch, tmp_path):
    log = tmp_path / "log"
    encoded_by(monkeypatch, SLOW, log)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(encoding.encode, [ContentFile(b"picture") for _ in range(4)]))
    assert log.read_text().split() == ["begin", "end"] * 4


@pytest.mark.django_db(transaction=True)
def test_others_write_to_the_database_while_a_picture_is_encoded(manager_client, monkeypatch, clinic):
    """In a transaction SQLite would make everybody else wait for the seconds that large pictures take."""
    written = []

    def rename():
        written.append(Clinic.objects.update(name="Renamed meanwhile"))
        connection.close()

    def others_first(file):
        assert not connection.in_atomic_block
        other = Thread(target=rename)
        other.start()
        other.join()
        return renditions_of(file)

    monkeypatch.setattr(fields, "renditions_of", others_first)
    assert manager_client.post(ADD, {"alt": "Two hands", "file": upload(quarters())}).status_code == 302
    assert written == [1]
    assert Picture.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_save_a_picture_at_once_both_succeed(manager, media):
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(manager)

    def save(client):
        try:
            return client.post(
                ADD, {"alt": "Two hands", "file": upload(Image.effect_noise((3000, 2000), 60))}
            ).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(save, clients)) == [302, 302]
    assert Picture.objects.count() == 2
