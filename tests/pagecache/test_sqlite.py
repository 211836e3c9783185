"""The reader of the version: a connection of its own to the database that is there now."""

import sqlite3
import subprocess
import sys
from threading import Thread
from time import monotonic
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from pagecache import readers, sqlite
from pagecache.models import ContentVersion
from pagecache.readers import default_reader
from pagecache.sqlite import close, read_version, state
from pagecache.version import SELECT_VERSION, DatabaseDown
from services.models import Service


@pytest.fixture(autouse=True)
def no_connection():
    yield
    close()


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
    read = default_reader()
    first = read()
    assert first == ContentVersion.objects.get().value
    Session.objects.create(session_key="x", session_data="x", expire_date=timezone.now())
    assert read() == first
    Service.objects.create(title="New", slug="new")
    assert read() != first


def test_version_is_read_anew_after_each_commit(file):
    path, other = file
    assert read_version(path) == read_version(path) == "one"
    other.execute("BEGIN IMMEDIATE")
    write(other, "two")
    assert read_version(path) == "one"
    other.execute("COMMIT")
    assert read_version(path) == "two"


def test_row_is_looked_at_only_after_a_commit(file, monkeypatch):
    path, other = file
    read_version(path)
    asked = []
    state.connection.set_trace_callback(asked.append)
    read_version(path)
    assert asked == []
    write(other, "two")
    read_version(path)
    assert asked == ["PRAGMA data_version", SELECT_VERSION]
    # The log's index changes also when the log is folded into the file.
    other.execute("PRAGMA wal_checkpoint(RESTART)")
    write(other, "three")
    assert read_version(path) == "three"


def test_commit_just_after_the_row_was_read_is_seen_by_the_next_call(file):
    """The header that is remembered must not be newer than the row."""
    path, other = file
    read_version(path)
    write(other, "two")
    connection = state.connection

    class Interrupted:
        """The connection, with somebody else's commit right after the row was read."""

        def execute(self, sql):
            rows = connection.execute(sql).fetchall()
            if sql == SELECT_VERSION:
                state.connection = connection
                write(other, "three")
            return SimpleNamespace(fetchall=lambda: rows)

    state.connection = Interrupted()
    assert read_version(path) == "two"
    assert read_version(path) == "three"


def test_reader_holds_no_old_state(file):
    """An answer not read to its end would keep the file's log from being folded into it."""
    path, other = file
    read_version(path)
    write(other, "two")
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_file_that_is_gone_is_noticed_and_not_made_anew(file):
    path, _ = file
    read_version(path)
    mine = state.connection
    away = path.rename(path.with_suffix(".away"))
    with pytest.raises(DatabaseDown):
        read_version(path)
    assert not path.exists()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        mine.execute(SELECT_VERSION)
    away.rename(path)
    assert read_version(path) == "one"


def test_file_that_took_its_place_is_the_one_that_counts(file, tmp_path):
    path, other = file
    read_version(path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = sqlite3.connect(tmp_path / "other.sqlite3", isolation_level=None)
    other.backup(backup)
    write(backup, "restored")
    backup.close()
    (tmp_path / "other.sqlite3").replace(path)
    assert read_version(path) == "restored"


def test_file_without_a_log_is_read_too(file):
    path, other = file
    other.execute("PRAGMA journal_mode=DELETE")
    for value in ("two", "three"):
        write(other, value)
        assert read_version(path) == read_version(path) == value


def test_file_that_somebody_locks_counts_as_down_before_long(file, monkeypatch):
    path, other = file
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite, "TIMEOUT", 0.1)
    begun = monotonic()
    with pytest.raises(DatabaseDown):
        read_version(path)
    assert monotonic() - begun < 3


def test_who_keeps_a_connection_is_told_of_each_change(file):
    path, other = file
    told = []
    for value in ("two", "three", "four"):
        write(other, value)
        for _ in range(2):
            read_version(path, told.append)
    assert told == [None, "three", "four"], "of another file it is told without a version"
    away = path.rename(path.with_suffix(".away"))
    with pytest.raises(DatabaseDown):
        read_version(path, told.append)
    away.rename(path)
    read_version(path, told.append)
    assert told[3:] == [None, None]


@pytest.fixture
def kept_by_django(file, monkeypatch):
    """A connection to the file that Django keeps: its `connection` is None once it was closed."""
    path, _ = file
    mine = sqlite3.connect(path, isolation_level=None)
    default = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": path}, connection=mine)
    default.close = lambda: setattr(default, "connection", None)
    monkeypatch.setattr(readers, "connections", {"default": default})
    read = default_reader()
    read()
    default.connection = mine
    yield default, read
    mine.close()


def test_connection_of_django_is_kept_while_it_sees_what_is_there(file, kept_by_django):
    default, read = kept_by_django
    for value in ("two", "three"):
        write(file[1], value)
        assert read() == value
        assert default.connection


def test_connection_of_django_is_closed_where_the_version_tells_nothing(file, kept_by_django):
    """What was committed is none of the content: whether the connection sees it is not known."""
    default, read = kept_by_django
    file[1].execute("CREATE TABLE sessions (id)")
    assert read() == "one"
    assert default.connection is None


def test_connection_of_django_that_holds_on_to_an_old_state_is_closed(file, kept_by_django):
    default, read = kept_by_django
    unread = default.connection.execute(f"{SELECT_VERSION} UNION ALL {SELECT_VERSION}")
    next(unread)
    write(file[1], "two")
    assert read() == "two"
    assert default.connection is None
    unread.close()


def test_connection_of_django_to_a_file_that_was_moved_is_closed(file, kept_by_django, tmp_path):
    path, other = file
    default, read = kept_by_django
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (tmp_path / "copy.sqlite3").write_bytes(path.read_bytes())
    (tmp_path / "copy.sqlite3").replace(path)
    assert read() == "one"
    assert default.connection is None


def test_connection_of_django_that_cannot_be_asked_is_closed(file, kept_by_django):
    default, read = kept_by_django
    default.connection.close()
    write(file[1], "two")
    assert read() == "two"
    assert default.connection is None


def test_thread_that_ends_gives_up_no_lock_of_another(file):
    """A file system's locks belong to the process, and go when it closes any descriptor of the file."""
    path, _ = file
    mine = sqlite3.connect(path, isolation_level=None)
    mine.execute("BEGIN IMMEDIATE")
    write(mine, "mine")
    for _ in range(2):
        thread = Thread(target=lambda: (read_version(path), close()))
        thread.start()
        thread.join()
    intruder = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    told = subprocess.run([sys.executable, "-c", intruder, path], capture_output=True, text=True, check=False)
    mine.execute("COMMIT")
    mine.close()
    assert "database is locked" in told.stderr


def test_version_without_its_row_equals_no_other(file):
    path, other = file
    read_version(path)
    other.execute(f"DELETE FROM {ContentVersion._meta.db_table}")
    first = read_version(path)
    other.execute("CREATE TABLE anything (id)")
    assert read_version(path) not in ("one", first)


def test_log_of_the_file_that_took_its_place_stays(file, tmp_path):
    """Whoever leaves a file last removes the log beside its name, but not when the file was moved."""
    path, other = file
    mine = sqlite3.connect(path, isolation_level=None)
    mine.execute(SELECT_VERSION).fetchall()
    read_version(path, lambda version: mine.close())
    other.close()
    path.rename(tmp_path / "away.sqlite3")
    for end in ("-wal", "-shm"):
        (tmp_path / f"site.sqlite3{end}").rename(tmp_path / f"away.sqlite3{end}")
    new = sqlite3.connect(path, isolation_level=None)
    new.executescript(f"PRAGMA journal_mode=WAL; CREATE TABLE {ContentVersion._meta.db_table} (id, value)")
    new.execute(f"INSERT INTO {ContentVersion._meta.db_table} VALUES (1, 'new')")
    inode = path.with_name("site.sqlite3-wal").stat().st_ino
    assert read_version(path, lambda version: mine.close()) == "new"
    assert path.with_name("site.sqlite3-wal").stat().st_ino == inode
    new.close()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 200])
def test_file_without_a_version_counts_as_down(tmp_path, content):
    path = tmp_path / "site.sqlite3"
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(DatabaseDown):
            read_version(path)
