"""Backups of a site at work, of processes that are killed, and on disks that are full; on both databases."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from itertools import pairwise

import psycopg
import pytest
from pyrage.x25519 import Identity

from backups.places import LOCK
from backups.state import backups_in
from backups.streams import read
from tests.prove.postgresql import OWNER
from tests.prove.process import PATIENCE, ROOT, Site, clean_environment, free_port, get
from tests.prove.test_unusable_data import ALLOWED, AS_USER, SMALL_DISK

SECONDS = int(os.environ.get("BUSY_SECONDS", "8"))  # of edits and uploads; more for figures
EDITS, UPLOADS = 50, 5  # a second
KEY = {"BACKUP_KEY": str(Identity.generate())}
QUICK = {"DEBUG": "true"}  # without the static files
FAULT = "CommandError: No backup was made. "
NOT_RESTORED = "CommandError: Nothing was restored or changed. "


def manage(site, *command, before=(), **environment):
    """(exit status, output, what was told) of a command."""
    done = subprocess.run(
        [*before, sys.executable, "manage.py", *command],
        cwd=ROOT,
        env=clean_environment(**site.environment | environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def folder_of(site):
    return site.data.with_name(f"{site.data.name}-backups")


@pytest.fixture
def twin(site, request, tmp_path):
    """An empty machine with the same kind of database."""
    database = request.getfixturevalue("postgresql").new_database() if site.database else ""
    return Site(tmp_path / "twin", database)


@contextmanager
def at_work(site, work):
    """The site's shell in which the work goes on; gives what tells the last number that is done."""
    log = site.data / f"{work}.log"
    with log.open("w") as output:
        code = f"from tests.prove import busy_site; busy_site.{work}"
        process = site.run("shell", "-c", code, stdout=output)
        try:
            yield partial(last_number, log, process)
        finally:
            process.terminate()
            process.wait(60)


def last_number(log, process):
    assert process.poll() is None, "it ended by itself"
    return int((log.read_text().split("\n")[-2:-1] or ["0"])[0])


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_backup_of_a_busy_site_is_of_one_moment(site, twin, capsys):
    """Edits, uploads and deletions go on; then everything is destroyed and restored."""
    marks, port = [], free_port()
    with site.serving(port), at_work(site, f"edits({EDITS})") as edits, at_work(site, f"uploads({UPLOADS})") as uploads:
        until(lambda: edits() > 1 and uploads() > 1)
        begun, first = time.monotonic(), (edits(), uploads())
        while time.monotonic() - begun < SECONDS or not marks:
            before, started = edits(), time.monotonic()
            assert manage(site, "backup", "-v0") == (0, "", "")
            marks.append((before, edits(), time.monotonic() - started))
        spent = time.monotonic() - begun
        done = edits() - first[0], uploads() - first[1]
        assert get(port)[0] == 200
    made = [path for _, path in reversed(backups_in(folder_of(site)))]
    assert len(made) == len(marks)
    chosen = len(made) // 2
    shutil.rmtree(site.data)
    status, output, told = manage(twin, "restore", str(made[chosen]))
    assert (status, told) == (0, "")
    number, pictures = eval(twin.shell("from tests.prove import busy_site; print(busy_site.found())"))
    assert marks[chosen][0] <= number <= marks[chosen][1]
    assert all(after - before == 1 for before, after in pairwise(pictures)), pictures
    with capsys.disabled():
        figures = f"{done[0] / spent:.0f} edits and {done[1] / spent:.1f} uploads a second for {spent:.0f} seconds"
        took = ", ".join(f"{seconds:.1f}" for _, _, seconds in marks)
        print(f"\n{'PostgreSQL' if site.database else 'SQLite'}: {figures}; {len(made)} backups took {took} seconds")
        print(f"Restored: edit {number} of {marks[chosen][:2]}, pictures {pictures[0]} to {pictures[-1]}. {output}")


def test_killed_backup_leaves_nothing_that_is_called_good(site, capsys):
    folder, times = folder_of(site), 4
    begun = time.monotonic()
    assert manage(site, "backup", "-v0") == (0, "", "")
    whole_time = time.monotonic() - begun
    for _ in range(times):
        process = site.run("backup", start_new_session=True)
        time.sleep(random.uniform(0.2, 0.8) * whole_time)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(60)
    good = backups_in(folder)
    for _, path in good:
        with read(path, "") as stream:
            assert stream.read(9) == b"database."
    assert manage(site, "backup", "-v0") == (0, "", "")
    assert {path.name for path in folder.iterdir()} == {path.name for _, path in backups_in(folder)} | {LOCK}
    assert not list(site.data.glob(".clinic-work-*"))
    assert scratch_databases(site) == set()
    with capsys.disabled():
        print(f"\n{times} backups killed, {len(good) - 1} of them when they were done: nothing else is left")


def scratch_databases(site):
    """Of this site alone: tests share a server."""
    if not site.database:
        return set()
    name = site.shell("from backups.postgresql import scratch_name; print(scratch_name())")
    with site.other_program() as program:
        return set(program.execute("SELECT datname FROM pg_database WHERE datname = %s", [name]).fetchall())


# SQLite alone


@pytest.fixture
def files(tmp_path):
    site = Site(tmp_path / "data", "")
    assert manage(site, "prepare", "-v0", **QUICK) == (0, "", "")
    return site


@pytest.mark.parametrize("size", ["8k", "200k", "1m"][: None if ALLOWED else 0] or ["no disk may be mounted"])
@pytest.mark.parametrize("key", [{}, KEY], ids=["plain", "encrypted"])
def test_full_disk_is_one_line_and_leaves_no_backup(files, size, key):
    """The database has some 600 KB: the disk is full at its first file, in its middle, or has just room for one."""
    folder = folder_of(files)
    folder.mkdir()
    mount = f'mount -t tmpfs -o size={size} tmpfs {folder} && "$@"; status=$?; ls -A {folder}; exit $status'
    status, output, told = manage(files, "backup", "-v0", before=[*SMALL_DISK, mount, "sh"] if ALLOWED else (), **key)
    if size == "1m" or not ALLOWED:
        assert (status, told) == (0, "")
    else:
        assert (status, output) == (1, f"{LOCK}\n")
        assert told == f"{FAULT}No room is left on the disk of {folder}: make some, then start again.\n"


def test_folder_that_may_not_be_used_is_one_line(files):
    folder = folder_of(files)
    folder.mkdir()
    folder.chmod(0o500)
    status, output, told = manage(files, "backup", before=AS_USER)
    assert (status, output) == (1, "")
    assert told == f"{FAULT}Cannot use {folder}/{LOCK}: Permission denied.\n"
    folder.chmod(0)
    code = "from backups.state import last_good, state_of; from django.conf import settings; "
    code += "print(last_good(), state_of(settings.BACKUP_DIR).fault)"
    assert manage(files, "shell", "-v0", "-c", code, before=AS_USER)[1] == "None Permission denied\n"
    folder.chmod(0o700)


# PostgreSQL alone


@pytest.fixture(scope="module")
def server_site(postgresql, tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("server") / "data", postgresql.new_database())
    assert manage(site, "prepare", "-v0", **QUICK) == (0, "", "")
    return site


def test_right_that_is_missing_is_told_with_what_gives_it(server_site, postgresql):
    with psycopg.connect(host=str(postgresql.folder), user=OWNER, dbname="postgres", autocommit=True) as administrator:
        administrator.execute("CREATE ROLE plain LOGIN")
    with server_site.other_program() as owner:
        owner.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain")
        owner.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain")
    plain = server_site._replace(database=server_site.database.replace(f"//{OWNER}@", "//plain@"))
    status, _, told = manage(plain, "backup")
    assert status == 1
    assert told.startswith(f"{FAULT}Each backup is tried in a database of its own, which this user")
    assert told.endswith("ALTER ROLE plain CREATEDB;\n")
    assert backups_in(folder_of(plain)) == []
    with server_site.other_program() as owner:
        owner.execute("ALTER ROLE plain CREATEDB")
    assert manage(plain, "backup", "-v0") == (0, "", "")


def test_database_with_tables_is_never_touched_nor_one_of_another_kind(server_site, tmp_path):
    assert manage(server_site, "backup", "-v0") == (0, "", "")
    path = backups_in(folder_of(server_site))[0].path
    status, _, told = manage(server_site, "restore", str(path))
    assert status == 1
    assert told.startswith(f"{NOT_RESTORED}The database that DATABASE_URL names has tables already")
    other = Site(tmp_path / "other", "")
    status, _, told = manage(other, "restore", str(path))
    assert (status, told) == (
        1,
        f"{NOT_RESTORED}It is of a database of another kind, postgresql: set DATABASE_URL to restore it.\n",
    )
    assert not other.data.exists()


def test_server_that_is_gone_is_one_line(tmp_path):
    site = Site(tmp_path / "data", f"postgres://{OWNER}:a-password@/{tmp_path}/clinic")
    for command, outcome in (("backup",), FAULT), (("restore", __file__), NOT_RESTORED):
        status, output, told = manage(site, *command)
        assert (status, output) == (1, "")
        assert told.startswith(f"{outcome}The database: connection ")
        assert told.count("\n") == 1
        assert "a-password" not in told
    assert not site.data.exists()
