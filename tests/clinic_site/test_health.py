"""What programs that watch the site are told, and who else is not."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.storage import InMemoryStorage
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from backups.state import name_of
from clinic_site import health
from pagecache.middleware import DATABASE_DOWN

WELL = {"status": "ok", "database": "ok", "migrations": "ok", "triggers": "ok", "storage": "ok", "backup": "none"}
DOWN = {"status": "failing", "database": "does not answer", "storage": "ok", "backup": "none"}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = settings.DATA_DIR = tmp_path
    settings.BACKUP_DIR = tmp_path / "backups"


def told(path="/health/ready", **environ):
    response = Client().get(path, **environ)
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, response.json()


def test_process_that_answers_is_alive():
    assert told("/health/live") == (200, {"status": "ok"})


def test_site_that_has_all_it_needs_is_ready(db):
    assert told() == (200, WELL)


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
@pytest.mark.parametrize("environ", [{"HTTP_HOST": "10.0.0.7:8000"}, {"HTTP_HOST": "not a host"}, {}])
def test_watcher_needs_neither_our_host_nor_https(db, settings, path, environ):
    settings.SECURE_SSL_REDIRECT = True
    assert told(path, **environ)[0] == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "", "10.0.0.1", "192.168.4.9"])
def test_loopback_a_socket_and_a_proxy_itself_are_answered(db, settings, address):
    settings.PROXIES = [*settings.PROXIES, "10.0.0.1/32", "192.168.0.0/16"]
    assert told("/health/live", REMOTE_ADDR=address)[0] == 200


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.0.2.1"},
        {"REMOTE_ADDR": "2001:db8::1"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_visitor_finds_no_page(clinic, path, environ):
    assert Client().get(path, **environ).status_code == 404


def test_any_address_is_answered_where_any_proxy_is_trusted(settings):
    settings.PROXIES = ["*"]
    assert told("/health/live", REMOTE_ADDR="192.0.2.1")[0] == 200


@pytest.mark.parametrize("method", ["post", "put", "delete", "options"])
def test_health_can_only_be_read(method):
    response = getattr(Client(), method)("/health/live")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_answer_to_head_is_empty():
    response = Client().head("/health/live")
    assert (response.status_code, response.content) == (200, b"")


def test_database_that_is_down_is_not_asked(monkeypatch):
    monkeypatch.setattr(health, "OF_DATABASE", {"database": pytest.fail})
    assert told(**{DATABASE_DOWN: True}) == (503, DOWN)


def test_database_that_fails_meanwhile_is_told(monkeypatch):
    def fail():
        raise OperationalError("postgres://user:password@host is gone")

    monkeypatch.setattr(health, "OF_DATABASE", {"database": fail})
    assert told() == (503, DOWN)


def test_migration_that_is_not_applied_is_told(db):
    MigrationRecorder(connection).migration_qs.filter(app="pages").latest("id").delete()
    assert told() == (503, WELL | {"status": "failing", "migrations": "1 not applied"})


def test_trigger_that_is_missing_is_told(db, monkeypatch):
    monkeypatch.setattr(health, "missing_triggers", lambda: {"one", "two"})
    assert told() == (503, WELL | {"status": "failing", "triggers": "2 missing"})


def test_folder_of_pictures_that_is_gone_is_told(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "gone"
    assert told() == (503, WELL | {"status": "failing", "storage": "No such file or directory"})


def test_disk_that_is_nearly_full_is_told(db, monkeypatch):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: SimpleNamespace(free=health.LEAST_ROOM - 1))
    assert told() == (503, WELL | {"status": "failing", "storage": "the disk is nearly full"})


def test_store_elsewhere_is_asked(db, monkeypatch):
    class Gone(InMemoryStorage):
        def exists(self, name):
            raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(health, "default_storage", Gone())
    assert told() == (503, WELL | {"status": "failing", "storage": "Connection refused"})


def test_age_of_the_last_good_backup_is_told(db, settings):
    settings.BACKUP_DIR.mkdir()
    (settings.BACKUP_DIR / name_of(timezone.now() - timedelta(hours=31), is_encrypted=False)).touch()
    assert told() == (200, WELL | {"backup": "31 hours old"})
