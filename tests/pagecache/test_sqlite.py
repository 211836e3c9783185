"""The reader of the version: a connection of its own to the database that is there now."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from sqlite3 import connect
from threading import Thread
from time import monotonic
from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import Session
from pagecache import readers, sqlite
from pagecache.middleware import DATABASE_DOWN
from pagecache.models import ContentVersion
from pagecache.readers import default_reader, with_current_connection
from pagecache.sqlite import Reader, identity_of
from pagecache.version import SELECT_VERSION, DatabaseDown
from services.models import Service


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


@pytest.fixture
def reader(file):
    reader = Reader(file[0])
    yield reader
    reader.close()


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


def test_version_is_read_anew_after_each_commit(file, reader):
    _path, other = file
    assert reader() == reader() == "one"
    other.execute("BEGIN IMMEDIATE")
    write(other, "two")
    assert reader() == "one"
    other.execute("COMMIT")
    assert reader() == "two"


def test_row_is_looked_at_only_after_a_commit(file, reader, monkeypatch):
    _path, other = file
    reader()
    asked = []
    reader.connection.set_trace_callback(asked.append)
    reader()
    assert asked == []
    write(other, "two")
    reader()
    assert asked == ["PRAGMA data_version", SELECT_VERSION]
    # The log's index changes also when the log is folded into the file.
    other.execute("PRAGMA wal_checkpoint(RESTART)")
    write(other, "three")
    assert reader() == "three"


def test_commit_just_after_the_row_was_read_is_seen_by_the_next_call(file, reader):
    """The header that is remembered must not be newer than the row."""
    _path, other = file
    reader()
    write(other, "two")
    connection = reader.connection

    class Interrupted:
        """The connection, with somebody else's commit right after the row was read."""

        def execute(self, sql):
            rows = connection.execute(sql).fetchall()
            if sql == SELECT_VERSION:
                reader.connection = connection
                write(other, "three")
            return SimpleNamespace(fetchall=lambda: rows)

    reader.connection = Interrupted()
    assert reader() == "two"
    assert reader() == "three"


def test_reader_holds_no_old_state(file, reader):
    """An answer not read to its end would keep the file's log from being folded into it."""
    _path, other = file
    reader()
    write(other, "two")
    assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_file_that_is_gone_is_noticed_and_not_made_anew(file, reader):
    path, _ = file
    reader()
    mine = reader.connection
    away = path.rename(path.with_suffix(".away"))
    with pytest.raises(DatabaseDown):
        reader()
    assert not path.exists()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        mine.execute(SELECT_VERSION)
    away.rename(path)
    assert reader() == "one"


def test_file_that_took_its_place_is_the_one_that_counts(file, reader, tmp_path):
    path, other = file
    reader()
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = sqlite3.connect(tmp_path / "other.sqlite3", isolation_level=None)
    other.backup(backup)
    write(backup, "restored")
    backup.close()
    (tmp_path / "other.sqlite3").replace(path)
    assert reader() == "restored"


def test_file_without_a_log_is_read_too(file, reader):
    _path, other = file
    other.execute("PRAGMA journal_mode=DELETE")
    for value in ("two", "three"):
        write(other, value)
        assert reader() == reader() == value


def test_file_that_somebody_locks_counts_as_down_before_long(file, reader, monkeypatch):
    _path, other = file
    other.execute("PRAGMA journal_mode=DELETE")
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite, "TIMEOUT", 0.1)
    begun = monotonic()
    with pytest.raises(DatabaseDown):
        reader()
    assert monotonic() - begun < 3


def test_change_is_counted_once_and_that_of_the_file_as_well(file, reader):
    path, other = file
    counted = []
    for value in ("two", "three"):
        write(other, value)
        counted += [reader.now(), reader.now()]
    assert counted == [("two", 1), ("two", 1), ("three", 2), ("three", 2)]
    away = path.rename(path.with_suffix(".away"))
    with pytest.raises(DatabaseDown):
        reader()
    away.rename(path)
    assert reader.now() == ("three", 3)


def test_file_is_looked_for_as_seldom_as_the_caller_says_and_commits_are_seen_all_the_same(file, reader, monkeypatch):
    path, other = file
    looks = []
    monkeypatch.setattr(sqlite, "identity_of", lambda path: looks.append(path) or identity_of(path))
    assert [reader(60), reader(60), len(looks)] == ["one", "one", 1]
    write(other, "two")
    assert [reader(60), reader(60), len(looks)] == ["two", "two", 2]
    path.rename(path.with_suffix(".away"))
    assert reader(60) == "two"
    monkeypatch.setattr(sqlite, "monotonic", lambda: monotonic() + 61)
    with pytest.raises(DatabaseDown):
        reader(60)


def test_file_that_is_written_past_sqlite_is_noticed(file, reader, tmp_path):
    path, other = file
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (tmp_path / "backup").write_bytes(path.read_bytes())
    write(other, "two")
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    version, changes = reader.now()
    assert version == "two"
    path.write_bytes((tmp_path / "backup").read_bytes())  # as `cp` does: into the same file
    assert reader.now() == ("one", changes + 1)


def test_threads_share_one_connection(file, reader, monkeypatch):
    made = []
    monkeypatch.setattr(
        sqlite.sqlite3, "connect", lambda *args, **options: made.append(args) or connect(*args, **options)
    )
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            write(file[1], str(number))
            assert set(pool.map(lambda _: reader(60), range(16))) == {str(number)}
    assert len(made) == 1


@pytest.fixture
def kept_by_django(file, reader, monkeypatch):
    """A connection to the file that Django keeps, None once it was closed, and a request that needs it."""
    mine = sqlite3.connect(file[0], isolation_level=None)
    default = SimpleNamespace(connection=mine)
    default.close = lambda: setattr(default, "connection", None)
    monkeypatch.setattr(readers, "connections", {"default": default})
    request = with_current_connection(lambda environ, start_response: environ, reader)
    request({}, None)
    default.connection = mine
    yield default, lambda: request({}, None)
    mine.close()


def test_connection_of_django_is_kept_while_it_sees_what_is_there(file, kept_by_django):
    default, request = kept_by_django
    for value in ("two", "three"):
        write(file[1], value)
        for _ in range(2):
            assert request() == {}
            assert default.connection


def test_connection_of_django_is_closed_where_the_version_tells_nothing(file, kept_by_django):
    """What was committed is none of the content: whether the connection sees it is not known."""
    default, request = kept_by_django
    file[1].execute("CREATE TABLE sessions (id)")
    request()
    assert default.connection is None


def test_connection_of_django_that_holds_on_to_an_old_state_is_closed(file, kept_by_django):
    default, request = kept_by_django
    unread = default.connection.execute(f"{SELECT_VERSION} UNION ALL {SELECT_VERSION}")
    next(unread)
    write(file[1], "two")
    request()
    assert default.connection is None
    unread.close()


def test_connection_of_django_to_a_file_that_was_moved_is_closed(file, kept_by_django, tmp_path):
    path, other = file
    default, request = kept_by_django
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (tmp_path / "copy.sqlite3").write_bytes(path.read_bytes())
    (tmp_path / "copy.sqlite3").replace(path)
    request()
    assert default.connection is None


def test_connection_of_django_that_cannot_be_asked_is_closed(file, kept_by_django):
    default, request = kept_by_django
    default.connection.close()
    write(file[1], "two")
    request()
    assert default.connection is None


def test_connection_of_django_to_a_file_that_is_gone_is_closed_and_the_request_marked(file, kept_by_django):
    default, request = kept_by_django
    file[0].rename(file[0].with_suffix(".away"))
    assert request() == {DATABASE_DOWN: True}
    assert default.connection is None


def test_each_thread_looks_after_its_own_connection(file, kept_by_django):
    default, request = kept_by_django
    file[1].execute("CREATE TABLE sessions (id)")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(request).result()
    assert default.connection is None
    default.connection = sqlite3.connect(file[0])
    request()
    assert default.connection is None


def test_thread_that_ends_gives_up_no_lock_of_another(file, reader):
    """A file system's locks belong to the process, and go when it closes any descriptor of the file."""
    path, _ = file
    mine = sqlite3.connect(path, isolation_level=None)
    mine.execute("BEGIN IMMEDIATE")
    write(mine, "mine")
    for _ in range(2):
        thread = Thread(target=lambda: (reader(), reader.close()))
        thread.start()
        thread.join()
    intruder = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"
    told = subprocess.run([sys.executable, "-c", intruder, path], capture_output=True, text=True, check=False)
    mine.execute("COMMIT")
    mine.close()
    assert "database is locked" in told.stderr


def test_version_without_its_row_equals_no_other(file, reader):
    _path, other = file
    reader()
    other.execute(f"DELETE FROM {ContentVersion._meta.db_table}")
    first = reader()
    other.execute("CREATE TABLE anything (id)")
    assert reader() not in ("one", first)


def test_log_of_the_file_that_took_its_place_stays(file, reader, tmp_path):
    """Whoever leaves a file last removes the log beside its name, but not when the file was moved."""
    path, other = file
    mine = sqlite3.connect(path, isolation_level=None)
    mine.execute(SELECT_VERSION).fetchall()
    reader()
    other.close()
    path.rename(tmp_path / "away.sqlite3")
    for end in ("-wal", "-shm"):
        (tmp_path / f"site.sqlite3{end}").rename(tmp_path / f"away.sqlite3{end}")
    new = sqlite3.connect(path, isolation_level=None)
    new.executescript(f"PRAGMA journal_mode=WAL; CREATE TABLE {ContentVersion._meta.db_table} (id, value)")
    new.execute(f"INSERT INTO {ContentVersion._meta.db_table} VALUES (1, 'new')")
    inode = path.with_name("site.sqlite3-wal").stat().st_ino
    assert reader() == "new"
    mine.close()
    assert path.with_name("site.sqlite3-wal").stat().st_ino == inode
    new.close()


@pytest.mark.parametrize("content", [b"", b"nonsense" * 200])
def test_file_without_a_version_counts_as_down(tmp_path, content):
    path = tmp_path / "site.sqlite3"
    path.write_bytes(content)
    reader = Reader(path)
    for _ in range(2):
        with pytest.raises(DatabaseDown):
            reader()
