"""Processes that end at any moment, and many at the same one."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.prove.process import ROOT, clean_environment, free_port, get, serving

SECRET = "a-random-secret-of-more-than-thirty-two-characters"
TABLES = ("pages_clinic", "services_service", "services_benefit", "services_faq", "testimonials_testimonial")
WHOLE = (1, 1, 5, 4, 4)


@pytest.fixture
def data(tmp_path):
    """An empty database's folder."""
    manage(tmp_path, "migrate").wait(60)
    return tmp_path


def manage(data, *command):
    environment = clean_environment(SECRET_KEY=SECRET, DATA_DIR=str(data))
    return subprocess.Popen([sys.executable, "manage.py", *command, "-v0"], cwd=ROOT, env=environment)


def rows(data):
    with sqlite3.connect(data / "site.sqlite3") as database:
        return tuple(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES)


def test_content_is_whole_or_absent_when_its_loading_is_killed(data):
    start = time.monotonic()
    assert manage(data, "load_clinic").wait(60) == 0
    whole_time = time.monotonic() - start
    assert rows(data) == WHOLE
    seen = set()
    for step in range(12):
        (data / "site.sqlite3").unlink()
        for companion in data.glob("site.sqlite3-*"):
            companion.unlink()
        manage(data, "migrate").wait(60)
        loading = manage(data, "load_clinic")
        time.sleep(whole_time * (0.6 + 0.05 * step))
        loading.kill()
        loading.wait(60)
        seen.add(rows(data))
    assert seen <= {(0,) * len(TABLES), WHOLE}
    assert manage(data, "load_clinic").wait(60) == 0
    assert rows(data) == WHOLE


def test_content_is_loaded_once_by_many_at_once(data):
    loading = [manage(data, "load_clinic") for _ in range(8)]
    assert [process.wait(120) for process in loading] == [0] * 8
    assert rows(data) == WHOLE


def children(log):
    """The process identifiers of the workers below the server that writes this log."""
    found = []
    for status in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"DATA_DIR={log.parent}".encode() in status.read_bytes():
                found.append(int(status.parent.name))
        except OSError:
            continue
    return sorted(found)[1:]


def test_killed_worker_is_replaced(data):
    manage(data, "prepare").wait(120)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--chdir",
        str(ROOT),
        "-c",
        str(ROOT / "gunicorn.conf.py"),
        "clinic_site.wsgi",
    ]
    environment = {"SECRET_KEY": SECRET, "DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    with serving(command, data, port, **environment) as log:
        assert get(port)[0] == 200
        for worker in children(log):
            os.kill(worker, signal.SIGKILL)
        time.sleep(3)
        assert [get(port)[0] for _ in range(10)] == [200] * 10
