"""Back on an empty machine: processes of their own, on SQLite."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pyrage.x25519 import Identity

from backups.state import backups_in
from backups.streams import written
from tests.prove.process import ROOT, Site, clean_environment

ENVIRONMENT = {"DEBUG": "true"}  # without the static files, of which this checkout has one folder


def manage(site, *command, **environment):
    """(exit status, output, what was told) of a command."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=clean_environment(**site.environment | ENVIRONMENT | environment),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A site with two pictures, and the file of its backup."""
    site = Site(tmp_path_factory.mktemp("made") / "data", "")
    assert manage(site, "prepare", "-v0") == (0, "", "")
    fill = "from tests.everywhere.walk import fill; from pages.models import Clinic; fill(Clinic.objects.get())"
    assert manage(site, "shell", "-v0", "-c", fill)[0] == 0
    status, output, told = manage(site, "backup")
    assert (status, told) == (0, "")
    (backup,) = site.data.with_name("data-backups").glob("*.tar")
    assert output.startswith(f"Good backup: {backup} (")
    return site, backup


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def new(tmp_path):
    return Site(tmp_path / "new" / "data", "")


def test_everything_is_back_on_an_empty_machine(made, new):
    old, backup = made
    status, output, told = manage(new, "restore", str(backup))
    assert (status, told) == (0, "")
    assert output.startswith("Restored as of ")
    assert " pages are as they were.\n" in output
    pictures = files(old.data / "media" / "pictures")
    assert len(pictures) > 4
    assert files(new.data / "media" / "pictures") == pictures
    with new.other_program() as restored, old.other_program() as original:
        assert list(restored.iterdump()) == list(original.iterdump())
    assert {path.name for path in new.data.iterdir()} == {".clinic-lock", "media", "prepare.lock", "site.sqlite3"}
    assert new.file.stat().st_mode & 0o777 == 0o600
    assert manage(new, "prepare", "-v0") == (0, "", "")


@pytest.fixture
def other_disk(tmp_path):
    with TemporaryDirectory(dir="/dev/shm") as folder:
        assert Path(folder).stat().st_dev != tmp_path.stat().st_dev
        yield Path(folder)


def test_pictures_come_back_to_a_disk_of_their_own(made, new, other_disk):
    old, backup = made
    new.data.mkdir(parents=True)
    (new.data / "media").symlink_to(other_disk)
    (other_disk / ".restoring").mkdir()  # as one that was killed leaves it
    assert manage(new, "restore", "-v0", str(backup)) == (0, "", "")
    assert files(other_disk / "pictures") == files(old.data / "media/pictures")
    assert [path.name for path in other_disk.iterdir()] == ["pictures"]


def test_encrypted_backup_comes_back_with_its_key_alone(made, new, tmp_path):
    key = {"BACKUP_KEY": str(Identity.generate())}
    status, _, told = manage(made[0], "backup", str(tmp_path), **key)
    assert (status, told) == (0, "")
    ((_, path),) = backups_in(tmp_path)
    status, _, told = manage(new, "restore", str(path))
    reason = "It is encrypted: set BACKUP_KEY to the key that it was made with."
    assert (status, told) == (1, f"CommandError: Nothing was restored or changed. {reason}\n")
    assert not new.data.exists()
    assert manage(new, "restore", "-v0", str(path), **key) == (0, "", "")
    assert files(new.data / "media" / "pictures") == files(made[0].data / "media" / "pictures")


LEFT = ("site.sqlite3", "site.sqlite3-wal", "site.sqlite3-journal", "media/pictures/a.webp")


@pytest.mark.parametrize("left", LEFT)
def test_data_that_are_there_are_never_touched(made, new, left):
    (new.data / left).parent.mkdir(parents=True)
    (new.data / left).write_bytes(b"mine")
    status, output, told = manage(new, "restore", str(made[1]))
    assert (status, output) == (1, "")
    assert told.startswith("CommandError: Nothing was restored or changed. ")
    assert "move" in told
    assert told.count("\n") == 1
    assert {path for path in new.data.rglob("*") if path.is_file()} == {new.data / left, new.data / "prepare.lock"}


def test_file_that_is_not_good_changes_nothing(made, new, tmp_path):
    content = made[1].read_bytes()
    (tmp_path / "bad.tar").write_bytes(content[:5000] + b"?" + content[5001:])
    status, output, told = manage(new, "restore", str(tmp_path / "bad.tar"))
    assert (status, output) == (1, "")
    assert told == (
        "CommandError: Nothing was restored or changed. "
        "It is damaged or torn: its checksum is not that of its content.\n"
    )
    assert not new.data.exists()


def test_file_that_is_not_there_is_told(new, tmp_path):
    status, _, told = manage(new, "restore", str(tmp_path / "none.tar"))
    assert (status, told) == (
        1,
        f"CommandError: Nothing was restored or changed. There is no file {tmp_path / 'none.tar'}.\n",
    )
    assert not new.data.exists()


def test_without_a_file_the_newest_are_listed(made, new):
    site, backup = made
    status, _, told = manage(site, "restore")
    assert (status, told) == (1, f"CommandError: Name the file of a backup. The newest ones:\n{backup}\n")
    assert "There is none in " in manage(new, "restore")[2]


def test_backup_of_nothing_makes_nothing(new):
    status, output, told = manage(new, "backup")
    assert (status, output) == (1, "")
    assert told == f"CommandError: No backup was made. There is no database yet: {new.file} is missing.\n"
    assert not new.data.parent.exists()


def test_older_release_is_backed_up_and_restored_without_its_pages(made, new, tmp_path):
    """As a site whose new code is there and whose migrations are not."""
    older = Site(tmp_path / "older" / "data", "")
    assert manage(older, "restore", "-v0", str(made[1])) == (0, "", "")
    assert manage(older, "migrate", "-v0", "services", "0006")[0] == 0
    with older.other_program() as database:
        database.execute("ALTER TABLE services_service DROP COLUMN lead")
    status, _, told = manage(older, "backup")
    assert (status, told) == (0, "")
    (backup,) = older.data.with_name("data-backups").glob("*.tar")
    status, output, _ = manage(new, "restore", str(backup))
    assert status == 0
    assert output.endswith("It is of an older release: the next start brings it up to date.\n")
    assert len(files(new.data / "media" / "pictures")) > 4


def test_key_that_is_none_is_refused_in_one_line(new):
    status, _, told = manage(new, "backup", BACKUP_KEY="AGE-SECRET-KEY-1NONSENSE")
    assert status == 1
    assert told == "Configuration: BACKUP_KEY must be a key as `python manage.py backup --new-key` prints it.\n"


def test_folder_inside_the_data_is_refused_in_one_line(new):
    for folder in (new.data, new.data / "backups", new.data / "x" / ".." / "y"):
        status, _, told = manage(new, "check", BACKUP_DIR=str(folder))
        assert status == 1
        assert told == "Configuration: BACKUP_DIR must not be inside DATA_DIR: they would be lost together.\n"


def test_hostile_file_leads_nowhere(new, tmp_path):
    with written(tmp_path / "hostile.tar", "") as stream:
        stream.write(b"database." + b"../" * 1000)
    status, _, told = manage(new, "restore", str(tmp_path / "hostile.tar"))
    assert (status, told.count("\n")) == (1, 1)
    assert not new.data.exists()
