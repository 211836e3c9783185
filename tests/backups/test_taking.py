import errno
import fcntl
import io
import os
import sqlite3
import tarfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from pyrage.x25519 import Identity

from backups import BackupError, moment, taking
from backups.checking import check
from backups.management.commands.backup import GOOD_WITH_FAULTS
from backups.places import LOCK
from backups.state import backups_in, last_good, name_of
from backups.streams import read
from backups.taking import take
from backups.thinning import LAST
from pages.models import Page
from pictures.holds import are_files_kept
from pictures.models import Picture
from services.models import Service


def run(*arguments):
    """What the command printed on standard output and on standard error."""
    output, errors = io.StringIO(), io.StringIO()
    call_command("backup", *arguments, stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


def failing():
    """What the command printed, and why it ended with another status than 0."""
    output = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("backup", stdout=output)
    assert error.value.returncode == (GOOD_WITH_FAULTS if output.getvalue() else 1)
    return output.getvalue(), str(error.value)


def hidden(folder):
    return {path.name for path in folder.iterdir()} - {path.name for _, path in backups_in(folder)}


def test_backup_has_a_name_only_its_owner_reads_and_nothing_beside_it(full, folder):
    output, errors = run()
    ((made_at, path),) = backups_in(folder)
    assert output.startswith(f"Good backup: {path} (")
    assert output.count("\n") == 1
    assert errors == ""
    assert timedelta() <= datetime.now(UTC) - made_at < timedelta(minutes=2)
    assert (path.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    assert hidden(folder) == {LOCK}
    assert last_good() == made_at
    assert not are_files_kept()


def test_backup_holds_every_row_file_and_page(full, folder, tmp_path, media):
    manifest = take(folder, print).manifest
    assert manifest.rows["services_faq"] == 31
    stored = {f"media/pictures/{path.name}" for path in (media / "pictures").iterdir()}
    assert len(stored) > 4
    assert set(manifest.files) == stored | {moment.engine().FILE}
    expected = {"/", "/services/small/", "/faq/?page=2", "/testimonials/?page=2", "/parking/", "/privacy/"}
    assert expected | {"/contact/", "/contact/clinic.vcf", "/robots.txt", "/sitemap.xml"} <= set(manifest.pages)
    assert "/faq/?page=3" not in manifest.pages
    assert (manifest.engine, manifest.missing) == (connection.vendor, [])
    assert ["services", "0001_initial"] in manifest.migrations
    assert {"Django", "Python"} < set(manifest.versions)
    assert len(manifest.content_version) >= 32
    checked = check(backups_in(folder)[0].path, tmp_path / "again")
    assert (checked.changed, checked.is_of_this_release) == ([], True)


def test_encrypted_backup_shows_nothing(live, folder, settings, tmp_path):
    settings.BACKUP_KEY = str(Identity.generate())
    path = take(folder, print).path
    assert path.name.endswith(".tar.age")
    assert b"Clifton" not in path.read_bytes()
    assert check(path, tmp_path / "again").changed == []
    settings.BACKUP_KEY = str(Identity.generate())
    with pytest.raises(BackupError, match="another key"):
        check(path, tmp_path / "wrong")


def test_new_key_is_one_that_the_setting_takes(folder, settings):
    output, errors = run("--new-key")
    name, _, key = output.strip().partition("=")
    assert (name, errors) == ("BACKUP_KEY", "")
    Identity.from_str(key)
    assert not folder.exists()


def test_another_folder_can_be_named(live, folder, tmp_path):
    run(str(tmp_path / "another" / "place"))
    assert len(backups_in(tmp_path / "another" / "place")) == 1
    assert not folder.exists()


def test_folder_that_would_be_lost_with_the_data_is_refused(live, settings):
    with pytest.raises(CommandError, match=r"^No backup was made\. .* is inside DATA_DIR"):
        run(str(settings.DATA_DIR / "backups"))
    with pytest.raises(CommandError, match="inside DATA_DIR"):
        run(str(settings.DATA_DIR / ".." / settings.DATA_DIR.name))
    assert list(settings.DATA_DIR.iterdir()) == []


def test_root_leaves_no_files_that_the_site_could_not_write(live, settings, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    found = os.stat_result((0o40700, 0, 0, 0, 1234, 1234, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "stat", lambda self, **options: found)
    for command in (["backup"], ["restore", __file__]):
        monkeypatch.setattr(Path, "is_file", lambda self: True)
        with pytest.raises(CommandError, match=r"belongs to another user: .*sudo -u '#1234'"):
            call_command(*command)


def test_root_makes_no_folder_of_data_that_the_site_could_not_write(settings, tmp_path, monkeypatch):
    """As after a fire, when only the folder above was made for the site's own user."""
    settings.DATA_DIR = tmp_path / "new" / "data"
    stat, theirs = Path.stat, os.stat_result((0o40700, 0, 0, 0, 1234, 1234, 0, 0, 0, 0))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "stat", lambda self, **options: theirs if self == tmp_path else stat(self, **options))
    for command in (["backup"], ["restore", __file__]):
        with pytest.raises(CommandError, match=f"{tmp_path} belongs to another user: .*sudo -u '#1234'"):
            call_command(*command)
    assert not (tmp_path / "new").exists()


def test_what_is_not_encrypted_never_leaves_the_place_of_the_data(live, folder, settings, monkeypatch):
    settings.BACKUP_KEY = str(Identity.generate())
    seen = []
    look = taking.check
    monkeypatch.setattr(taking, "check", lambda *paths: seen.append(all_files(folder)) or look(*paths))
    publish = taking.publish
    monkeypatch.setattr(taking, "publish", lambda *given: seen.append(all_files(folder)) or publish(*given))
    run()
    assert [[path.name for path in files] for files in seen] == [[LOCK, "archive"]] * 2
    assert all(files[1].parent.name.startswith(".clinic-work-") for files in seen)


def all_files(folder):
    return sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.name)


def test_old_backups_that_cannot_be_deleted_are_told_after_a_good_one(live, folder, monkeypatch):
    def fail(folder):
        raise PermissionError(errno.EACCES, "Permission denied", "old")

    monkeypatch.setattr(taking, "thin_out", fail)
    output, errors = run()
    assert output.startswith("Good backup: ")
    assert errors == "The backup is good, but older ones could not be deleted. Cannot use old: Permission denied.\n"


def test_file_in_place_of_a_folder_is_refused(live, folder):
    folder.touch()
    with pytest.raises(CommandError, match="is not a folder"):
        run()


def test_folder_that_cannot_be_written_is_one_line(live, folder, monkeypatch):
    def refuse(self, *args, **options):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(CommandError, match=r"^No backup was made\. Cannot use .*: Permission denied\.$"):
        run()


def test_database_that_is_not_ready_is_one_line(live, folder):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM publishing_contentversion")
    with pytest.raises(CommandError, match="The database is not ready yet"):
        run()
    assert hidden(folder) == {LOCK}
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO publishing_contentversion (id, value) VALUES (1, 'again')")


def test_database_that_is_down_is_one_line(live, folder, monkeypatch):
    def fail():
        raise OperationalError("connection to server failed:\n\tConnection refused")

    monkeypatch.setattr(moment, "describe", fail)
    with pytest.raises(CommandError, match=r"^No backup was made\. The database: connection .*: Connection refused$"):
        run()
    assert hidden(folder) == {LOCK}


@pytest.mark.parametrize(
    ("step", "fault"),
    [
        ("snapshot", sqlite3.OperationalError("database or disk is full")),
        ("write", OSError(errno.ENOSPC, "No space left on device")),
        ("check", OSError(errno.EDQUOT, "Disk quota exceeded")),
        ("publish", OSError(errno.ENOSPC, "No space left on device")),
    ],
)
def test_full_disk_is_one_line_and_leaves_nothing(live, folder, monkeypatch, step, fault):
    def fail(*args):
        raise fault

    monkeypatch.setattr(taking, step, fail)
    with pytest.raises(CommandError, match=r"^No backup was made\. No room is left on the disk of \S+: make some"):
        run()
    assert (hidden(folder), backups_in(folder)) == ({LOCK}, [])
    assert not are_files_kept()


def test_what_a_killed_backup_left_is_cleaned_and_never_called_good(live, folder, settings):
    for place in (folder, settings.DATA_DIR):
        (place / ".clinic-work-left").mkdir(parents=True)
        (place / ".clinic-work-left" / "archive").write_bytes(b"half")
    assert last_good() is None
    run()
    assert hidden(folder) == {LOCK}
    assert not list(settings.DATA_DIR.glob(".clinic-work*"))


def test_second_backup_waits_and_says_so(live, folder):
    folder.mkdir()
    told = []
    with (folder / LOCK).open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)

        def tell(line):
            told.append((line, len(backups_in(folder))))
            fcntl.flock(first, fcntl.LOCK_UN)

        take(folder, tell)
    assert told == [(f"Waiting for another backup that is at work in {folder}.", 0)]
    assert len(backups_in(folder)) == 1


def test_backups_of_one_second_have_names_of_their_own(live, folder, monkeypatch):
    first = take(folder, print)
    again = taking.publish(copy_of(first.path), folder, first.manifest.moment)
    assert again != first.path
    assert len(backups_in(folder)) == 2


def copy_of(path):
    twin = path.with_name("twin")
    twin.write_bytes(path.read_bytes())
    return twin


def make_empty(folder, *ages):
    """Make files with the names of backups, these days old."""
    folder.mkdir(exist_ok=True)
    for days in ages:
        (folder / name_of(datetime.now(UTC) - timedelta(days=days), False)).touch()


def test_old_backups_go_only_after_a_good_one(live, folder, monkeypatch):
    make_empty(folder, *range(1, LAST), 500, 501)
    monkeypatch.setattr(taking, "refuse_other_pages", lambda changed: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run()
    assert len(backups_in(folder)) == LAST + 1
    monkeypatch.undo()
    assert run()[0].endswith("Older ones deleted: 2.\n")
    assert len(backups_in(folder)) == LAST


# Bad ones


def test_page_that_looks_different_makes_no_good_backup(live, folder, monkeypatch):
    told = moment.rendered
    monkeypatch.setattr(moment, "rendered", lambda manifest: told(manifest) | {"/faq/": "0" * 64})
    with pytest.raises(CommandError, match="The backup is not good: pages look different from it, such as /faq/"):
        run()
    assert backups_in(folder) == []


def test_other_number_of_rows_makes_no_good_backup(live, folder, monkeypatch):
    told = moment.row_counts
    monkeypatch.setattr(moment, "row_counts", lambda: told() | {"services_faq": 77})
    with pytest.raises(CommandError, match="the rows that its manifest counts: services_faq"):
        run()
    assert backups_in(folder) == []


def test_archive_that_the_disk_changed_makes_no_good_backup(live, folder, monkeypatch):
    whole = taking.write

    def spoiled(path, *others):
        whole(path, *others)
        content = path.read_bytes()
        path.write_bytes(content[:9000] + bytes([content[9000] ^ 1]) + content[9001:])

    monkeypatch.setattr(taking, "write", spoiled)
    with pytest.raises(CommandError, match=r"^No backup was made\. It is damaged or torn"):
        run()
    assert backups_in(folder) == []


# Pictures


def test_deletion_during_a_backup_loses_no_file(full, folder, monkeypatch, media):
    """Each picture is deleted after the moment and before its files are read."""
    taken = taking.snapshot

    def snapshot(work):
        result = taken(work)
        Service.objects.update(picture=None)
        Page.objects.update(picture=None)
        Picture.objects.all().delete()
        return result

    monkeypatch.setattr(taking, "snapshot", snapshot)
    manifest = take(folder, print).manifest
    assert manifest.rows["pictures_picture"] == 2
    assert len([name for name in manifest.files if name.startswith("media/")]) > 4
    assert manifest.missing == []


def test_what_was_kept_for_a_backup_goes_with_a_later_deletion(full, folder, monkeypatch, media):
    test_deletion_during_a_backup_loses_no_file(full, folder, monkeypatch, media)
    left = list((media / "pictures").iterdir())
    assert left
    long_ago = time.time() - 2 * 24 * 60 * 60
    for path in left:
        os.utime(path, (long_ago, long_ago))
    from tests.everywhere.walk import picture
    from tests.pictures.images import quarters

    picture(quarters(30, 30)).delete()
    assert list((media / "pictures").iterdir()) == []


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: os.truncate(path, 0)])
def test_file_that_the_site_has_lost_is_told_and_the_rest_is_saved(full, folder, media, lose):
    lost = min((media / "pictures").iterdir())
    lose(lost)
    output, fault = failing()
    assert output.startswith("Good backup: ")
    assert fault == f"The site itself has lost files, the rest is saved: pictures/{lost.name}."
    assert len(backups_in(folder)) == 1


def test_pictures_that_are_all_gone_make_no_good_backup(full, folder, media):
    """As where their disk is not mounted: older backups stay as they are."""
    media.rename(media.with_name("elsewhere"))
    make_empty(folder, *range(LAST), 500)
    with pytest.raises(CommandError, match=r"^No backup was made\. None of the pictures' files is there"):
        run()
    assert len(backups_in(folder)) == LAST + 1


# The second folder


@pytest.fixture
def second(settings, tmp_path):
    settings.BACKUP_COPY_DIR = tmp_path / "second"
    return settings.BACKUP_COPY_DIR


def test_second_folder_gets_a_copy_and_is_thinned_out(live, folder, second):
    make_empty(second, *range(1, LAST), 5000)
    run()
    assert len(backups_in(second)) == LAST
    ((_, path),), (_, copied) = backups_in(folder), backups_in(second)[0]
    assert copied.name == path.name
    assert copied.read_bytes() == path.read_bytes()
    assert copied.stat().st_mode & 0o777 == 0o600
    assert hidden(second) == {LOCK}


def test_second_folder_that_fails_is_told_and_the_first_is_good(live, folder, second):
    second.touch()
    output, fault = failing()
    assert output.startswith("Good backup: ")
    assert fault.startswith(f"The backup is good, but there is no second copy of it. {second} is not a folder")
    assert len(backups_in(folder)) == 1


def test_copy_that_differs_is_none(live, folder, second, monkeypatch):
    monkeypatch.setattr(taking, "checksum", lambda path: "0" * 64)
    assert failing()[1] == (
        f"The backup is good, but there is no second copy of it. The copy in {second} is not the same as the backup."
    )
    assert (backups_in(second), hidden(second)) == ([], {LOCK})


def test_full_second_disk_is_told(live, folder, second, monkeypatch):
    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(taking, "save", fail)
    assert f"No room is left on the disk of {second}" in failing()[1]
    assert hidden(second) == {LOCK}


def test_any_tar_reads_a_plain_backup(backup, tmp_path):
    with tarfile.open(backup) as tar:
        assert tar.getnames() == [moment.engine().FILE, "manifest.json"]
    with read(backup, "") as stream:
        assert stream.read(9) == b"database."
