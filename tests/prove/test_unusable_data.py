"""A start on data that cannot be used: one line tells it."""

import os
import subprocess
import sys
from contextlib import closing

import pytest

from tests.prove.process import ROOT, Site, clean_environment

# Root may write everything; without these capabilities it is held to the bits of a file as others are.
AS_USER = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
# A small disk that is gone with the process. Whoever is not root makes it in a namespace where that may be allowed.
SMALL_DISK = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c"]
ALLOWED = subprocess.run([*SMALL_DISK, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False).returncode == 0
OWN = "The user who starts the site must own its files and folders, and be allowed to write them."
BACKUP = "Restore it from a backup."
NEWER = "INSERT INTO django_migrations (app, name, applied) VALUES ('{}', '{}', '2026-01-01')"


def prepare(site, *command):
    """(exit status, what was printed) of prepare."""
    done = subprocess.run(
        [*command, sys.executable, "manage.py", "prepare"],
        cwd=ROOT,
        env=clean_environment(**site.environment),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def lock_folder(site):
    site.data.chmod(0o500)


def lock_file(site):
    site.file.chmod(0o400)


def hide_file(site):
    site.file.chmod(0)


def lock_lock(site):
    (site.data / "prepare.lock").chmod(0o400)


def lock_pictures(site):
    (site.data / "media" / "pictures").mkdir(parents=True)
    (site.data / "media" / "pictures").chmod(0o500)


def hide_picture(site):
    (site.data / "media" / "pictures").mkdir(parents=True)
    (site.data / "media" / "pictures" / "a.webp").touch(0)


def replace_file(site):
    site.file.write_bytes(b"This is no database. " * 1000)


def damage_file(site):
    content = site.file.read_bytes()
    site.file.write_bytes(content[:4096] + b"\x55" * (len(content) - 4096))


@pytest.fixture
def files(tmp_path):
    """A site on SQLite that is ready to be served, and can be deleted in the end."""
    site = Site(tmp_path / "data", "")
    assert prepare(site)[0] == 0
    yield site
    for path in (site.data, *site.data.rglob("*")):
        path.chmod(0o700)


@pytest.mark.parametrize(
    ("spoil", "fault", "advice"),
    [
        (lock_folder, "The database: attempt to write a readonly database", OWN),
        (lock_file, "The database: attempt to write a readonly database", OWN),
        (hide_file, "The database: unable to open database file", OWN),
        (lock_lock, "DATA_DIR: cannot write in {}: Permission denied", OWN),
        (lock_pictures, "Cannot use {}/media/pictures: Permission denied", OWN),
        (hide_picture, "Cannot use {}/media/pictures/a.webp: Permission denied", OWN),
        (replace_file, "The database: file is not a database", BACKUP),
        (damage_file, "The database: database disk image is malformed", BACKUP),
    ],
)
def test_data_that_cannot_be_used_are_told_in_one_line(files, spoil, fault, advice):
    spoil(files)
    assert prepare(files, *AS_USER) == (1, f"CommandError: {fault.format(files.data)}. {advice}\n")


@pytest.mark.parametrize("size", ["4k", "40k", "300k", "1000k"][: None if ALLOWED else 0] or ["no disk may be mounted"])
def test_full_disk_is_told_in_one_line(tmp_path, size):
    site = Site(tmp_path, "")
    mount = f'mount -t tmpfs -o size={size} tmpfs {tmp_path} && exec "$@"'
    status, printed = prepare(site, *SMALL_DISK, mount, "sh") if ALLOWED else (1, "Make room on the disk")
    assert status == 1
    assert "Make room on the disk" in printed
    assert printed.count("\n") <= 1


@pytest.mark.parametrize("is_empty", [False, True])
@pytest.mark.parametrize("command", [["createsuperuser", "--noinput", "--username=a", "--email=a@b.example"], ["tick"]])
def test_command_before_the_first_start_says_what_is_needed(tmp_path, command, is_empty):
    site = Site(tmp_path / "data", "")
    if is_empty:
        site.data.mkdir()
    environment = clean_environment(**site.environment, ENV_FILE="", DJANGO_SUPERUSER_PASSWORD="x")
    command = [sys.executable, "manage.py", *command]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "The database is not ready yet. `make run` prepares it, and so does python manage.py prepare.\n"
    )


def test_database_of_a_newer_release_is_refused(site):
    with closing(site.other_program()) as program:
        program.execute(NEWER.format("pages", "9998_newer"))
        program.execute(NEWER.format("pages", "9999_newest"))
        program.execute(NEWER.format("of_no_app_of_ours", "0001_initial"))
    status, printed = prepare(site)
    assert status == 1
    assert printed.startswith("CommandError: The database is of a newer release, with migrations that this one lacks: ")
    assert printed.count("\n") == 1
    assert "pages.9999_newest, pages.9998_newer. Start that release again" in printed
    told = "from clinic_site.serving import newer_database_error; print(newer_database_error())"
    assert "pages.9999_newest" in site.shell(told)


def test_migration_that_was_squashed_since_is_no_newer_one(site):
    with closing(site.other_program()) as program:
        program.execute(NEWER.format("pages", "0000_old"))
        last = program.execute("SELECT name FROM django_migrations WHERE app = 'pages' ORDER BY id").fetchall()[-2][0]
        program.execute(f"DELETE FROM django_migrations WHERE app = 'pages' AND name = '{last}'")
        program.execute(NEWER.format("pages", last))
    assert prepare(site) == (0, "")
