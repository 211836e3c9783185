import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection

from backups import BackupError, moment
from backups.archive import write
from backups.checking import check, refuse_unfit
from backups.moment import snapshot
from backups.versions import is_of_this_release, newer_migrations
from services.models import FAQ


@pytest.fixture
def made(live, tmp_path):
    """Makes an archive of the site after `spoil` had its way with the copy and the manifest; returns its check."""

    def make(spoil):
        (tmp_path / "work").mkdir()
        database, media, manifest = snapshot(tmp_path / "work")
        spoil(database, manifest)
        write(tmp_path / "archive", database, media, manifest)
        return check(tmp_path / "archive", tmp_path / "restored")

    return make


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("engine", "oracle", r"of a database of another kind, oracle: leave DATABASE_URL empty to restore it"),
        ("migrations", [["services", "9999_newest"]], r"of a newer release, .* lacks: services\.9999_newest\."),
        ("content_version", "0", r"of another moment than its manifest"),
        ("rows", {}, r"do not have the rows that its manifest counts: .*, auth_group, "),
    ],
)
def test_manifest_of_another_site_is_refused_in_words(made, name, value, reason):
    with pytest.raises(BackupError, match=reason):
        made(lambda database, manifest: setattr(manifest, name, value))


def test_older_release_is_taken_without_its_pages(made):
    def age(database, manifest):
        manifest.migrations, manifest.pages = manifest.migrations[:-1], {"/of-old/": "0"}

    checked = made(age)
    assert (checked.is_of_this_release, checked.changed) == (False, [])


def test_pages_that_are_gone_new_or_changed_are_named(made):
    def change(database, manifest):
        manifest.pages["/gone/"] = manifest.pages.pop("/faq/")
        manifest.pages["/"] = "0" * 64

    assert made(change).changed == ["/", "/faq/", "/gone/"]


def test_pages_are_rendered_with_the_settings_of_then(made):
    def move(database, manifest):
        manifest.site_url = "https://elsewhere.example.com"

    assert "/" in made(move).changed


def test_restored_site_that_cannot_be_shown_is_one_line(made):
    def confuse(database, manifest):
        manifest.time_zone = "Clifton"

    with pytest.raises(BackupError, match=r"^The site cannot be shown from it: .*Clifton") as error:
        made(confuse)
    assert "\n" not in str(error.value)


def test_archive_of_another_databases_kind_is_refused(live, tmp_path):
    (tmp_path / "work").mkdir()
    manifest = snapshot(tmp_path / "work")[2]
    with pytest.raises(BackupError, match="it has no database"):
        refuse_unfit(manifest)


def test_migrations_tell_the_release():
    applied = [("services", "0001_initial"), ("services", "9999_newest"), ("an_app_of_old", "9999_newest")]
    assert list(newer_migrations(applied)) == ["services.9999_newest"]
    assert not is_of_this_release(applied)


def test_snapshot_sees_one_moment_while_others_write(live, tmp_path, monkeypatch):
    """What is committed between the counting and the copying is in neither."""
    (tmp_path / "work").mkdir()
    told, before = moment.rendered, FAQ.objects.count()

    def rendered(manifest):
        with ThreadPoolExecutor(1) as pool:
            pool.submit(add).result(10)
        return told(manifest)

    monkeypatch.setattr(moment, "rendered", rendered)
    database, _, manifest = snapshot(tmp_path / "work")
    write(tmp_path / "archive", database, [], manifest)
    assert FAQ.objects.count() == before + 1
    assert manifest.rows["services_faq"] == before
    assert check(tmp_path / "archive", tmp_path / "restored").changed == []


def add():
    """By a connection of this thread's own."""
    FAQ.objects.create(question="New?", answer="Yes.")
    connection.close()


# SQLite


@pytest.fixture
def copied(tmp_path):
    """A file of SQLite, and a function that says why it is not sound."""
    from backups import sqlite

    path = tmp_path / "database.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE whole (id INTEGER PRIMARY KEY, name TEXT UNIQUE);"
            "CREATE TABLE part (id INTEGER PRIMARY KEY, whole INTEGER REFERENCES whole (id));"
            "INSERT INTO whole VALUES (1, 'a'), (2, 'b'); INSERT INTO part VALUES (1, 1), (2, 2);"
        )

    def fault():
        with pytest.raises(BackupError) as error, sqlite.loaded(path):
            pass
        return str(error.value)

    return path, fault


def test_rows_that_point_to_nothing_are_named(copied):
    path, fault = copied
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("DELETE FROM whole WHERE id = 2")
    assert fault() == "Its database has rows that point to nothing, in part."


def test_damaged_index_is_told(copied):
    path, fault = copied
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA writable_schema=ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, 'name TEXT', 'name TEXT NOT NULL')")
        database.execute("PRAGMA writable_schema=RESET")
        database.execute("PRAGMA writable_schema=ON")
        database.execute("UPDATE sqlite_schema SET sql = replace(sql, 'TEXT NOT NULL', 'TEXT')")
        database.execute("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'part'")
    assert fault().startswith("Its database is damaged: ")


@pytest.mark.parametrize("content", [b"", b"Dear clinic" * 500])
def test_file_that_is_no_database_is_told(copied, content):
    path, fault = copied
    whole = path.read_bytes()
    path.write_bytes(whole[:2000] + content + whole[2000 + len(content) :] if content else whole[:9000])
    assert fault().startswith("Its database is damaged: ")


def test_looking_at_a_copy_changes_nothing_in_it(live, tmp_path):
    (tmp_path / "work").mkdir()
    database, media, manifest = snapshot(tmp_path / "work")
    before = database.read_bytes()
    write(tmp_path / "archive", database, media, manifest)
    check(tmp_path / "archive", tmp_path / "restored")
    assert (tmp_path / "restored" / database.name).read_bytes() == before
    assert {path.name for path in (tmp_path / "restored").iterdir()} == {database.name, "manifest.json"}
