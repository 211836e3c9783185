"""What `check --deploy` knows of a server."""

import os
import re
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection
from django.utils import timezone

from backups.state import name_of
from clinic_site import checks
from clinic_site.address import NO_HOST, NOTE, note, seen_fault

README = (Path(__file__).parents[2] / "README.md").read_text()


@pytest.fixture
def server(db, settings, tmp_path, monkeypatch):
    """A server without a fault: what the checks say of it, by id."""
    settings.DATA_DIR, settings.BACKUP_DIR, settings.HAS_EMAIL = tmp_path, tmp_path / "backups", True
    settings.BACKUP_DIR.mkdir()
    (settings.BACKUP_DIR / name_of(timezone.now(), is_encrypted=False)).touch()
    monkeypatch.setattr(checks, "has_data", lambda: True)
    monkeypatch.setattr(checks, "may_lose_its_log", lambda version: False)
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: SimpleNamespace(free=2_000_000_000))
    return lambda: {
        message.id: message for message in run_checks(include_deployment_checks=True) if "clinic" in message.id
    }


def test_server_without_a_fault_gets_no_warning(server):
    assert server() == {}


@pytest.mark.parametrize(
    ("version", "has_fault"),
    [
        ((3, 6, 23), False),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 0), True),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_sqlite_with_the_fault_of_its_log_is_known_by_its_version(version, has_fault):
    assert checks.may_lose_its_log(version) is has_fault


def test_sqlite_with_the_fault_is_told_where_it_is_used(server, monkeypatch):
    monkeypatch.setattr(checks, "may_lose_its_log", lambda version: True)
    assert list(server()) == (["clinic.W001"] if connection.vendor == "sqlite" else [])


def test_fault_of_the_proxy_is_told_for_a_day(server, settings):
    note(NO_HOST)
    assert NO_HOST in server()["clinic.W002"].msg
    old = time.time() - 90_000
    os.utime(settings.DATA_DIR / NOTE, (old, old))
    assert server() == {}


def test_note_that_cannot_be_written_or_read_is_none(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "none"
    note(NO_HOST)
    assert seen_fault() == ""
    settings.DATA_DIR = tmp_path
    (tmp_path / NOTE).write_bytes(b"\xff")
    assert seen_fault() == ""


class Clock:
    """A database on PostgreSQL, whose clock is so much ahead."""

    vendor = "postgresql"

    def __init__(self, ahead):
        self.ahead = ahead

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        return None

    def execute(self, statement):
        if self.ahead is None:
            raise DatabaseError

    def fetchone(self):
        return (timezone.now() + self.ahead,)


@pytest.mark.parametrize(
    ("ahead", "found"),
    [
        (timedelta(0), []),
        (timedelta(seconds=50), []),
        (timedelta(seconds=-50), []),
        (timedelta(seconds=70), ["clinic.W003"]),
        (timedelta(seconds=-70), ["clinic.W003"]),
        (None, []),
    ],
)
def test_clock_that_is_off_by_more_than_a_minute_is_told(server, monkeypatch, ahead, found):
    monkeypatch.setattr(checks, "connection", Clock(ahead))
    assert list(server()) == found


def test_disk_that_is_nearly_full_is_told(server, monkeypatch, settings):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: SimpleNamespace(free=999_999_999))
    assert "999 MB" in server()["clinic.W004"].msg


def test_disk_that_is_not_there_is_no_matter_of_a_check(server, monkeypatch):
    def fail(path):
        raise FileNotFoundError

    monkeypatch.setattr(checks.shutil, "disk_usage", fail)
    assert server() == {}


def test_misspelled_variable_is_told(server, monkeypatch):
    monkeypatch.setattr(checks.environment, "misspelled", lambda: {"SITEURL": "SITE_URL"})
    assert server()["clinic.W005"].hint == "Is SITE_URL meant?"


def test_site_without_data_is_no_server_yet(server, monkeypatch):
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda path: SimpleNamespace(free=0))
    monkeypatch.setattr(checks, "has_data", lambda: False)
    assert server() == {}


def test_data_are_there_once_the_database_was_made(db, monkeypatch, tmp_path):
    assert checks.has_data()
    monkeypatch.setattr(checks, "connection", Clock(None))
    assert not checks.has_data()
    missing = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": tmp_path / "none.sqlite3"})
    monkeypatch.setattr(checks, "connection", missing)
    assert not checks.has_data()
    assert list(tmp_path.iterdir()) == []


def test_readme_explains_each_warning():
    ids = set(re.findall(r'id="(clinic\.W\d+)"', Path(checks.__file__).read_text()))
    assert len(ids) >= 5
    assert set(re.findall(r"^\| `(clinic\.W\d+)` \|", README, re.MULTILINE)) == ids


def test_server_without_a_backup_of_today_is_told_so(server, settings):
    (backup,) = settings.BACKUP_DIR.iterdir()
    backup.rename(backup.with_name(name_of(timezone.now() - timedelta(days=3), is_encrypted=True)))
    assert "the last one is of" in server()["clinic.W006"].msg
    next(settings.BACKUP_DIR.iterdir()).unlink()
    assert "there is none" in server()["clinic.W006"].msg


def test_folder_of_backups_that_cannot_be_read_is_told(server, settings):
    settings.BACKUP_DIR = next(settings.BACKUP_DIR.iterdir())
    assert "Not a directory" in server()["clinic.W006"].msg


def test_second_folder_without_a_backup_of_today_is_told(server, settings):
    settings.BACKUP_COPY_DIR = settings.DATA_DIR / "second"
    assert server()["clinic.W006"].msg == "There is no backup of today in BACKUP_COPY_DIR: there is none."
    settings.BACKUP_COPY_DIR.touch()
    assert server()["clinic.W006"].msg == "BACKUP_COPY_DIR cannot be read: Not a directory."
    settings.BACKUP_COPY_DIR = settings.BACKUP_DIR
    assert server() == {}


def test_server_that_sends_no_e_mail_is_told_so(server, settings):
    settings.HAS_EMAIL = False
    assert list(server()) == ["clinic.W007"]
