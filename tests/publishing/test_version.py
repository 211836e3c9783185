"""The reader of the version: a connection of its own to the database that is there now."""

import sqlite3

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from publishing import version
from publishing.models import ContentVersion
from publishing.version import Down, kept, reader, sqlite_version
from services.models import Service


@pytest.fixture(autouse=True)
def no_connection():
    yield
    if opened := kept.__dict__.pop("connection", None):
        opened.close()
    kept.__dict__.clear()


@pytest.fixture
def file(tmp_path):
    """A database file with nothing but a version, and a connection of somebody else to it."""
    path = tmp_path / "site.sqlite3"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute(f"CREATE TABLE {ContentVersion._meta.db_table} (id, value)")
    other.execute(f"INSERT INTO {ContentVersion._meta.db_table} VALUES (1, 'one')")
    yield path, other
    other.close()


def write(other, value):
    other.execute(f"UPDATE {ContentVersion._meta.db_table} SET value = ?", [value])


@pytest.mark.django_db(transaction=True)
def test_reader_tells_what_is_committed_and_nothing_else(django_user_model):
    read = reader()
    first = read()
    assert first in (ContentVersion.objects.get().value, ContentVersion.objects.get().value.encode())
    Session.objects.create(session_key="x", session_data="x", expire_date=timezone.now())
    assert read() == first
    Service.objects.create(title="New", slug="new")
    assert read() != first


def test_version_is_read_anew_after_each_commit(file):
    path, other = file
    assert sqlite_version(path) == sqlite_version(path) == "one"
    other.execute("BEGIN IMMEDIATE")
    write(other, "two")
    assert sqlite_version(path) == "one"
    other.execute("COMMIT")
    assert sqlite_version(path) == "two"


def test_row_is_looked_at_only_after_a_commit(file, monkeypatch):
    path, other = file
    sqlite_version(path)
    asked = []
    kept.connection.set_trace_callback(asked.append)
    sqlite_version(path)
    assert asked == ["PRAGMA data_version"]
    write(other, "two")
    sqlite_version(path)
    assert asked == ["PRAGMA data_version"] * 2 + [version.ASK]


def test_reader_holds_no_old_state(file):
    """An answer not read to its end would keep the file's log from being folded into it."""
    path, other = file
    sqlite_version(path)
    write(other, "two")
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_file_that_is_gone_is_noticed_and_not_made_anew(file):
    path, _ = file
    sqlite_version(path)
    away = path.rename(path.with_suffix(".away"))
    with pytest.raises(Down):
        sqlite_version(path)
    assert not path.exists()
    away.rename(path)
    assert sqlite_version(path) == "one"


def test_file_that_took_its_place_is_the_one_that_counts(file, tmp_path):
    path, other = file
    sqlite_version(path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = sqlite3.connect(tmp_path / "other.sqlite3", isolation_level=None)
    other.backup(backup)
    write(backup, "restored")
    backup.close()
    (tmp_path / "other.sqlite3").replace(path)
    assert sqlite_version(path) == "restored"


@pytest.mark.parametrize("content", [b"", b"nonsense" * 200])
def test_file_without_a_version_counts_as_down(tmp_path, content):
    path = tmp_path / "site.sqlite3"
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(Down):
            sqlite_version(path)
