import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Thread

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from PIL import Image

from pages.models import Clinic
from pictures import child, encoding, fields
from pictures.encoding import encode
from pictures.formats import BUSY, TOO_DEMANDING, UNREADABLE
from pictures.models import Picture
from tests.pictures.images import BAD_FILES, file_of, quarters, upload

CHILD = """
import os, signal, sys, time
from pictures import child
child.decode = lambda file: {}
child.main(*map(int, sys.argv[1:]))
"""
MANY_PROCESSORS = """
import os, sys
os.sched_getaffinity = lambda process: range(64)
from pictures import child
child.main(*map(int, sys.argv[1:]))
"""
TAKE_THE_TURN = """
import fcntl, sys
with open(sys.argv[1]) as lock:
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(0)
sys.exit(1)
"""
ADD = "/admin/pictures/picture/add/"
SQUARE_50, SQUARE_20 = (7071, 7071), (4472, 4472)  # a little less than 50 and 20 megapixels


def encoded_by(monkeypatch, code, *arguments):
    monkeypatch.setattr(encoding, "COMMAND", [sys.executable, "-c", code, *map(str, arguments)])


@pytest.mark.parametrize(
    ("fault", "end", "refusal"),
    [
        ("list(iter(int, 1))", -signal.SIGPROF, TOO_DEMANDING),
        ("time.sleep(600)", -signal.SIGALRM, TOO_DEMANDING),
        ("bytearray(1 << 40)", 0, TOO_DEMANDING),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, TOO_DEMANDING),
        ("os.abort()", -signal.SIGABRT, UNREADABLE),
        ("sys.exit(1)", 1, BUSY),
    ],
)
def test_decoder_that_goes_astray_ends_and_is_told_in_words(monkeypatch, settings, caplog, fault, end, refusal):
    settings.PICTURE_SECONDS = 1
    encoded_by(monkeypatch, CHILD.format(fault))
    with pytest.raises(ValidationError) as error:
        encode(upload(quarters()))
    assert error.value.messages == [refusal]
    assert f"ended with {end}." in caplog.text or not end


def test_machine_without_room_for_a_process_is_told_in_words(monkeypatch, manager_client):
    monkeypatch.setattr(encoding, "COMMAND", ["/no/such/program"])
    response = manager_client.post(ADD, {"alt": "Typed with care", "file": upload(quarters())})
    assert BUSY in response.content.decode()
    assert "Typed with care" in response.content.decode()


@pytest.mark.parametrize("name", sorted(BAD_FILES.keys() - {"nothing"}))
def test_bad_file_is_refused_with_a_reason(name):
    content, reason = BAD_FILES[name]
    with pytest.raises(ValidationError, match=reason):
        encode(upload(content))


def plain(form, mode, size, **options):
    return ContentFile(file_of(Image.new(mode, size, (200, 30, 30, 100)[: len(mode)]), form, **options))


@pytest.mark.parametrize(
    ("form", "mode", "size", "options"),
    [
        ("JPEG", "RGB", SQUARE_50, {"progressive": True, "subsampling": 0}),
        ("PNG", "RGBA", SQUARE_50, {"compress_level": 1}),
        ("WEBP", "RGBA", SQUARE_20, {"lossless": True, "method": 0}),
        ("AVIF", "RGBA", SQUARE_20, {"speed": 10, "subsampling": "4:4:4"}),
    ],
)
def test_largest_picture_of_each_format_is_encoded_with_memory_to_spare(
    monkeypatch, settings, form, mode, size, options
):
    encoded_by(monkeypatch, MANY_PROCESSORS)
    settings.PICTURE_MEMORY_MB -= 40
    assert encode(plain(form, mode, size, **options)).size == (2400, 2400)


def test_picture_that_needs_more_memory_than_it_may_is_refused(settings):
    settings.PICTURE_MEMORY_MB = 100
    with pytest.raises(ValidationError) as error:
        encode(plain("PNG", "RGB", SQUARE_50, compress_level=1))
    assert error.value.messages == [TOO_DEMANDING]


def test_upload_is_read_from_memory_and_from_a_file(tmp_path):
    content = file_of(quarters())
    (tmp_path / "a.jpg").write_bytes(content)
    with (tmp_path / "a.jpg").open("rb") as file:
        assert encode(upload(content)) == encode(ContentFile(content)) == encode(encoding.File(file))


def test_process_that_encodes_knows_no_secret(monkeypatch, tmp_path):
    told = tmp_path / "told"
    encoded_by(monkeypatch, "import os, sys; open(sys.argv[1], 'w').write(repr(dict(os.environ)))", told)
    monkeypatch.setenv("DATABASE_URL", "postgres://name:password@host/name")
    encode(upload(quarters()))
    assert "PATH" in told.read_text()
    for name in ("SECRET_KEY", "DATABASE_URL", "password"):
        assert name not in told.read_text()


def test_one_picture_is_encoded_at_a_time(monkeypatch, settings):
    """While one is, nobody else gets the turn; then anybody does."""
    encoded_by(monkeypatch, TAKE_THE_TURN, settings.DATA_DIR / "pictures.lock")
    encode(upload(quarters()))
    encode(upload(quarters()))


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
        return encode(file)

    monkeypatch.setattr(fields, "encode", others_first)
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


WIDE = Image.new("RGB", (1000, 500), "teal")


def test_rendition_is_made_of_each_smaller_width_and_of_its_own_in_both_formats():
    made = [(width, extension, Image.open(BytesIO(content))) for width, extension, content in child.encode(WIDE)]
    assert [(width, extension) for width, extension, _ in made] == [
        (width, extension) for width in (480, 960, 1000) for extension in ("avif", "webp")
    ]
    assert {image.size for _, _, image in made} == {(480, 240), (960, 480), (1000, 500)}
    assert [image.format for _, _, image in made] == ["AVIF", "WEBP"] * 3


def test_what_the_process_tells_is_a_line_before_each_content():
    child.tell(output := BytesIO(), width=1, height=2, extension="webp", length=3)
    output.write(b"abc")
    assert encoding.read(output.getvalue()) == ((1, 2), [(1, "webp", b"abc")])
