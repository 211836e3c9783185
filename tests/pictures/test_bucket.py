"""Pictures in a store that speaks S3."""

import re
import socket
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from botocore.config import Config
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains, assertRedirects

from clinic_site import health
from clinic_site.management.commands import prepare
from pictures.bucket import CONFIG
from pictures.files import StoreDown, StoreRefuses
from pictures.models import Picture, delete_unused_files
from services.models import Service
from tests.admin.forms import errors, filled
from tests.admin.rows import address
from tests.everywhere.walk import SERVICE
from tests.pictures.images import quarters, upload
from tests.pictures.stores import ESCAPED, KEY, SECRET

pytestmark = pytest.mark.django_db
ADD, LIST = address("pictures_picture", "add"), address("pictures_picture", "changelist")
AWAY = "s3://a-key:a-secret@127.0.0.1:1/bucket?tls=false"


def made(**values):
    return Picture.objects.create(file=upload(quarters()), **({"alt": "Two hands"} | values))


def test_renditions_are_kept_in_the_folder_of_the_bucket_and_not_on_this_machine(keys, media):
    picture = Picture.objects.create(file=upload(Image.new("RGB", (500, 250))), alt="Two hands")
    digest = re.fullmatch(r"pictures/(\w{32})-500\.webp", picture.file.name)[1]
    assert keys() == [f"media/pictures/{digest}-{end}" for end in ("480.avif", "480.webp", "500.avif", "500.webp")]
    assert not media.exists()


def test_picture_is_served_as_from_the_folder(client, keys, settings):
    from_store = client.get(made().file.url)
    content = b"".join(from_store)
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
    picture = made()
    from_folder = client.get(picture.file.url)
    assert from_store.status_code == from_folder.status_code == 200
    assert content == b"".join(from_folder)
    name, other = (re.search(r"\w{32}", one.headers["Content-Disposition"])[0] for one in (from_store, from_folder))
    assert {k: v.replace(name, other) for k, v in from_store.headers.items()} == dict(from_folder.headers)
    assert from_store.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_pages_name_no_other_host(client, keys, service):
    Service.objects.update(picture=made())
    text = client.get(SERVICE).content.decode()
    sources = [word for found in re.findall(r'src(?:set)?="([^"]*(?:avif|webp)[^"]*)"', text) for word in found.split()]
    assert any(source.startswith("/media/") for source in sources)
    assert "127.0.0.1" not in text


def test_staff_add_replace_and_delete(manager_client, keys, django_capture_on_commit_callbacks):
    data = filled(manager_client, ADD, alt="Two hands", file=upload(quarters()))
    assertRedirects(manager_client.post(ADD, data), LIST)
    url, first = address("pictures_picture", "change", Picture.objects.get().pk), keys()
    with django_capture_on_commit_callbacks(execute=True):
        manager_client.post(url, filled(manager_client, url, file=upload(Image.new("RGB", (50, 50)))))
    assert (len(first), len(keys()), set(first) & set(keys())) == (2, 2, set())
    with django_capture_on_commit_callbacks(execute=True):
        manager_client.post(url.replace("change", "delete"), {"post": "yes"})
    assert keys() == []


@pytest.mark.django_db(transaction=True)
def test_what_a_failed_transaction_left_goes_a_day_later_and_nothing_else(keys, time_machine):
    picture, used = made(), keys()
    with pytest.raises(RuntimeError), transaction.atomic():
        made()
        raise RuntimeError
    delete_unused_files(None)
    assert len(keys()) == 4
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))
    delete_unused_files(None)
    assert (keys(), Picture.objects.get()) == (used, picture)


def test_picture_that_is_not_there_is_not_found(client, keys):
    assert client.get(f"/media/{'0' * 32}-40.webp").status_code == 404


@pytest.mark.parametrize("place", ["away", "no bucket"])
def test_picture_is_said_to_be_back_soon_and_pages_are_shown(
    client, server_of_stores, use_store, caplog, clinic, place
):
    use_store(AWAY if place == "away" else server_of_stores.address("no-such-bucket"))
    answer = client.get(f"/media/{'0' * 32}-40.webp")
    assertContains(answer, "Back soon", status_code=503)
    assert (answer.headers["Retry-After"], answer.headers["Cache-Control"]) == ("30", "no-store")
    assert client.get("/").status_code == 200
    reason = "the store of pictures does not answer: EndpointConnectionError"
    assert (reason if place == "away" else "the store of pictures answers NoSuchBucket") in caplog.text
    assert "Traceback" not in caplog.text
    for secret in (KEY, SECRET, ESCAPED, "a-secret"):
        assert secret not in caplog.text + answer.content.decode()


def test_upload_that_cannot_be_stored_is_told_beside_the_field_and_keeps_what_was_typed(manager_client, use_store):
    use_store(AWAY)
    response = manager_client.post(ADD, {"alt": "Two hands", "credit": "Typed with care", "file": upload(quarters())})
    assert errors(response) == {
        "file": ["The picture could not be stored just now. Choose the file again in a minute."]
    }
    assertContains(response, "Typed with care")
    assert not Picture.objects.exists()


def test_upload_to_a_full_disk_is_told_the_same(manager_client, monkeypatch):
    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pictures.files.store", fail)
    response = manager_client.post(ADD, {"alt": "Two hands", "file": upload(quarters())})
    assert list(errors(response)) == ["file"]


def test_picture_is_deleted_while_the_store_is_away(
    manager_client, keys, use_store, django_capture_on_commit_callbacks, caplog
):
    url = address("pictures_picture", "delete", made().pk)
    use_store(AWAY)
    with django_capture_on_commit_callbacks(execute=True):
        assertRedirects(manager_client.post(url, {"post": "yes"}), LIST)
    assert not Picture.objects.exists()
    assert "could not be deleted: the store of pictures does not answer" in caplog.text


class Breaking(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"seven..")


def test_store_that_breaks_off_leaves_no_half_a_picture(use_store):
    with HTTPServer(("127.0.0.1", 0), Breaking) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        use_store(f"s3://a:b@127.0.0.1:{server.server_port}/bucket?tls=false")
        with pytest.raises(StoreDown):
            default_storage.open("pictures/a.webp")
        server.shutdown()


def test_store_that_never_answers_is_given_up(use_store, monkeypatch):
    monkeypatch.setattr("pictures.bucket.CONFIG", CONFIG.merge(Config(read_timeout=0.1)))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        use_store(f"s3://a:b@127.0.0.1:{silent.getsockname()[1]}/bucket?tls=false")
        with pytest.raises(StoreDown, match="ReadTimeoutError"):
            default_storage.open("pictures/a.webp")


@pytest.fixture
def prepared(settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(prepare, "call_command", lambda *args, **options: None)


def test_start_with_a_store_that_refuses_is_one_line(prepared, server_of_stores, use_store):
    use_store(server_of_stores.address("no-such-bucket"))
    line = (
        r"^MEDIA_STORE: the store of pictures answers NoSuchBucket\. Check the key, the bucket and the right to [^\n]+$"
    )
    with pytest.raises(CommandError, match=line):
        call_command("prepare", verbosity=0)


def test_start_goes_on_without_a_store_that_is_away(prepared, use_store, capsys):
    use_store(AWAY)
    call_command("prepare", verbosity=0)
    told = capsys.readouterr().err
    assert told.startswith(
        "MEDIA_STORE: the store of pictures does not answer: EndpointConnectionError. Pages are served"
    )
    assert told.count("\n") == 1


def test_start_leaves_nothing_in_the_store(prepared, keys):
    call_command("prepare", verbosity=0)
    assert keys() == []


def test_health_tells_how_the_store_is(keys, server_of_stores, use_store, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    assert health.fault_of(health.storage) == ""
    assert default_storage.exists(made().file.name)
    use_store(server_of_stores.address("no-such-bucket"))
    assert health.fault_of(health.storage) == "the store of pictures answers NoSuchBucket"
    use_store(AWAY)
    assert health.fault_of(health.storage) == "the store of pictures does not answer: EndpointConnectionError"


def test_refusal_is_told_from_an_outage(server_of_stores, use_store):
    use_store(server_of_stores.address("no-such-bucket"))
    for ask in (default_storage.check, lambda: default_storage.listdir("pictures")):
        with pytest.raises(StoreRefuses):
            ask()
