"""The parts of make update; tests/prove/test_update.py has the whole."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

import clinic_site.master
from backups.management.commands import backup
from deploy import commands, handover, update
from deploy.commands import Refused

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path):
    """A clone with one commit, v1, as on a server."""
    folder = tmp_path / "repository"
    names = ["-c", "user.name=Clinic", "-c", "user.email=clinic@example.com"]
    folder.mkdir()
    (folder / "file").write_text("text")
    for command in (["init", "-q"], ["add", "--all"], [*names, "commit", "-q", "-m", "First"], ["tag", "v1"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    (tmp_path / ".env").write_text("")
    return folder


def commit_of(clone):
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=clone, capture_output=True, text=True, check=True).stdout


def test_three_releases_are_kept_and_those_in_place_whatever_their_age(clone):
    for number in range(1, 7):
        release = clone.parent / "releases" / f"v{number}"
        release.mkdir(parents=True)
        os.utime(release, (number, number))
    update.thin_out(clone, {clone.parent / "releases/v1"})
    assert sorted(path.name for path in (clone.parent / "releases").iterdir()) == ["v1", "v4", "v5", "v6"]


def test_release_never_takes_the_folder_of_another(clone):
    commit = commit_of(clone).strip()
    first = update.add_release(clone, commit, "v1")
    (first / "file").write_text("serves")
    second = update.add_release(clone, commit, "v1")
    assert (second.name, (second / "file").read_text()) == (f"v1-{commit[:12]}", "text")
    assert (first / "file").read_text() == "serves"
    assert (second / ".env").resolve() == clone.parent / ".env"
    assert update.add_release(clone, commit, "v1") == second  # what a killed update has left is replaced


def test_release_with_a_slash_in_its_tag_has_a_folder_beside_the_others(clone):
    commit = commit_of(clone).strip()
    releases = clone.parent / "releases"
    assert update.add_release(clone, commit, "release/1.2") == releases / "release-1.2"
    assert update.add_release(clone, commit, "release/1.2") == releases / f"release-1.2-{commit[:12]}"
    update.switch(releases / "release-1.2")
    assert (clone.parent / "current").resolve() == releases / "release-1.2"


def test_files_that_older_pages_name_are_kept_and_newer_ones_stay(tmp_path):
    older, newer = tmp_path / "older/build/static", tmp_path / "newer/build/static"
    older.mkdir(parents=True)
    newer.mkdir(parents=True)
    (older / "staticfiles.json").write_text(json.dumps({"paths": {"a.css": "a.1.css", "b.css": "b.1.css"}}))
    for name in ("a.1.css", "a.1.css.br", "b.1.css", "a.0.css"):
        (older / name).write_text("older")
    (newer / "b.1.css").write_text("newer")
    update.keep_older_files(tmp_path / "newer", tmp_path / "older")
    assert sorted(path.name for path in newer.iterdir()) == ["a.1.css", "a.1.css.br", "b.1.css"]
    assert (newer / "b.1.css").read_text() == "newer"
    update.keep_older_files(tmp_path / "newer", None)
    update.keep_older_files(tmp_path / "newer", tmp_path)


@pytest.mark.parametrize(
    ("lines", "locks"),
    [
        ("", []),
        ("# DATABASE_URL=postgres://x/y\nMEDIA_STORE=\n", []),
        ("export DATABASE_URL=postgres://x/y\nMEDIA_STORE=s3://x/y\n", ["postgres", "s3"]),
    ],
)
def test_libraries_are_those_that_the_settings_ask_for(tmp_path, monkeypatch, lines, locks):
    ran = []
    monkeypatch.setattr(update, "run", lambda *command, folder: ran.append(command[-1]))
    (tmp_path / ".env").write_text(lines)
    update.install(tmp_path)
    assert ran == [".venv/run", *(f"requirements/{name}.txt" for name in locks)]


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """What an update does, in order; one of the steps may fail."""
    done, failing = [], []

    def step(name):
        def take(*arguments, **options):
            told = [argument.name if hasattr(argument, "name") else argument for argument in arguments]
            done.append(" ".join([name, *(str(part) for part in told if isinstance(part, str))]))
            if name in failing or (arguments[1:] and arguments[1] in failing):
                raise Refused("failed.")

        return take

    for name in ("manage", "keep_older_files", "rehearse", "switch", "hand_over", "serve_again", "migrate_back"):
        monkeypatch.setattr(update, name, step(name))
    monkeypatch.setattr(update, "pid", lambda: 7)
    monkeypatch.setattr(update, "knows_database", lambda release: True)
    monkeypatch.setattr(update, "migrations_behind", lambda *arguments: {})
    for name in ("install", "thin_out", "check_unchanged"):
        monkeypatch.setattr(update, name, lambda *arguments: None)
    return done, failing


@pytest.mark.parametrize(
    ("failing", "undone"),
    [
        ("backup", []),
        ("prepare", ["migrate_back v2 v1", "serve_again"]),
        ("rehearse", ["migrate_back v2 v1", "serve_again"]),
        ("hand_over", ["switch v1", "migrate_back v2 v1", "serve_again"]),
    ],
)
def test_each_step_that_was_done_is_undone_from_the_last_to_the_first(clone, steps, monkeypatch, failing, undone):
    done, fails = steps
    releases = clone.parent / "releases"
    update.add_release(clone, commit_of(clone).strip(), "v1")
    (clone.parent / "current").symlink_to(releases / "v1")
    (clone / "file").write_text("newer")
    names = ["-c", "user.name=Clinic", "-c", "user.email=clinic@example.com"]
    subprocess.run(["git", *names, "commit", "-qam", "Second"], cwd=clone, check=True)
    monkeypatch.setattr(update, "newest", lambda *arguments: (commit_of(clone).strip(), "v2"))
    fails.append(failing)
    with pytest.raises(Refused, match=r"^failed\. v1 is in place, as before\.$"):
        update.update(clone, "")
    at = next(number for number, step in enumerate(done) if failing in step)
    assert done[at + 1 :] == undone
    assert [path.name for path in releases.iterdir()] == ["v1"]


def test_database_that_the_older_release_does_not_know_is_left_to_the_newer_one(tmp_path, steps, monkeypatch):
    done, fails = steps
    monkeypatch.setattr(update, "manage", lambda release, *command, **_: done.append(f"{release.name} {command[0]}"))
    monkeypatch.setattr(update, "knows_database", lambda release: False)
    fails.append("hand_over")
    monkeypatch.setattr(update, "migrate_back", lambda release, places, older: done.append(f"back with {older}"))
    with pytest.raises(Refused), ExitStack() as undo:
        update.replace(tmp_path / "v2", tmp_path / "v1", undo)
    assert [step for step in done if step.startswith(("v1", "v2", "back"))] == [
        "v2 backup",
        "v2 prepare",
        "back with None",
    ]


@pytest.mark.parametrize(("status", "goes_on"), [(0, True), (1, False), (2, False), (3, True)])
def test_update_goes_on_after_a_good_backup_whatever_is_wrong_besides(tmp_path, steps, monkeypatch, status, goes_on):
    done, _ = steps
    release = tmp_path / "v1"
    (release / ".venv/bin").mkdir(parents=True)
    (release / ".venv/bin/python").write_text(f"#!/bin/sh\nexit {status}\n")
    (release / ".venv/bin/python").chmod(0o755)

    def manage(release, *command, **options):
        done.append(command[0])
        if command[0] == "backup":
            commands.manage(release, *command, **options)

    monkeypatch.setattr(update, "manage", manage)
    with suppress(Refused), ExitStack() as undo:
        update.replace(tmp_path / "v2", release, undo)
        undo.pop_all()
    assert ("prepare" in done) == goes_on
    assert update.GOOD_WITH_FAULTS == backup.GOOD_WITH_FAULTS


def test_waiting_ends_when_it_is_so_or_when_the_time_is_over():
    assert handover.wait_for(lambda: 7, 0)
    assert not handover.wait_for(lambda: 0, time.monotonic() + 0.1)


REHEARSE = "import sys, pathlib, deploy.handover; deploy.handover.rehearse(pathlib.Path(sys.argv[1]))"
# In place of a release's gunicorn
STAGE = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"


def test_rehearsal_ends_with_an_update_that_is_killed(tmp_path):
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / ".venv/bin/gunicorn").write_text(STAGE)
    (tmp_path / "manage.py").write_text("import time; time.sleep(1); raise SystemExit(1)")
    with subprocess.Popen([sys.executable, "-c", REHEARSE, tmp_path], cwd=ROOT) as process:
        assert handover.wait_for(lambda: handover.pid(tmp_path / "pid"), time.monotonic() + 60)
        process.kill()
    assert handover.wait_for(lambda: not handover.pid(tmp_path / "pid"), time.monotonic() + 60)


# In place of gunicorn: USR2 starts what NEWER is, and who has ended is reaped.
MASTER = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGUSR2, lambda *_: subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1]]))
signal.signal(signal.SIGCHLD, lambda *_: os.waitpid(-1, os.WNOHANG))
with open(sys.argv[1], "w") as file: file.write(str(os.getpid()))
while True: time.sleep(60)
"""
SLOW = """
import os, signal, sys, time
time.sleep(2)
with open(sys.argv[1] + ".2", "w") as file: file.write(str(os.getpid()))
os.kill(os.getppid(), signal.SIGTERM)
os.rename(sys.argv[1] + ".2", sys.argv[1])
time.sleep(60)
"""


@pytest.fixture
def master(tmp_path, monkeypatch):
    """Start a stand-in for gunicorn that is to be followed by another: its process."""
    started = []
    monkeypatch.setattr(handover, "PIDFILE", tmp_path / "pid")
    monkeypatch.setattr(handover.pid, "__defaults__", (tmp_path / "pid",))

    def start(newer):
        process = subprocess.Popen([sys.executable, "-c", MASTER, tmp_path / "pid", newer])
        started.append(process)
        assert handover.wait_for(handover.pid, time.monotonic() + 60)
        return process

    yield start
    for process in started:
        handover.end(handover.children(process.pid), process.pid)
        process.terminate()
        process.wait()


def test_master_that_is_only_slow_to_start_is_waited_for(master, monkeypatch):
    monkeypatch.setattr(handover, "START", 1)
    older = master(SLOW)
    handover.hand_over(older.pid)
    assert handover.pid() not in (0, older.pid)
    os.kill(handover.pid(), signal.SIGTERM)
    assert handover.PATIENCE > clinic_site.master.PATIENCE


def test_master_that_does_not_start_in_time_is_ended_before_anything_is_undone(master, monkeypatch):
    monkeypatch.setattr(handover, "PATIENCE", 1)
    older = master("import time; time.sleep(60)")
    with pytest.raises(Refused, match="did not start"):
        handover.hand_over(older.pid)
    assert handover.children(older.pid) == set()
    assert handover.pid() == older.pid


def test_master_that_ends_at_once_is_told_at_once(master):
    started = time.monotonic()
    with pytest.raises(Refused, match="did not start"):
        handover.hand_over(master("import time; time.sleep(1)").pid)
    assert time.monotonic() - started < handover.START


def test_interrupted_wait_ends_the_newer_master(master, monkeypatch):
    def interrupt(older, before):
        assert handover.wait_for(lambda: handover.children(older) - before, time.monotonic() + 60)
        raise KeyboardInterrupt

    monkeypatch.setattr(handover, "follow", interrupt)
    older = master("import time; time.sleep(60)")
    with pytest.raises(KeyboardInterrupt):
        handover.hand_over(older.pid)
    assert handover.children(older.pid) == set()


@pytest.mark.parametrize("text", ["", "x", "999999999", None])
def test_process_that_is_not_there_is_none(tmp_path, text):
    if text is not None:
        (tmp_path / "pid").write_text(text)
    assert handover.pid(tmp_path / "pid") == 0
    (tmp_path / "pid").write_text(f"{os.getpid()}\n")
    assert handover.pid(tmp_path / "pid") == os.getpid()
