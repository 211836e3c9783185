"""From nothing but a clone to a running site, with the README's commands."""

import shutil
import socket
import stat
import subprocess
import sys
import urllib.request
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.everywhere.walk import SERVICE
from tests.prove.process import PATIENCE, ROOT, clean_environment, free_port, get, serving

ADDRESSES = ("/", "/services/", SERVICE, "/testimonials/", "/faq/", "/contact/", "/privacy/", "/accessibility/")
OTHERS = ("/contact/clinic.vcf", "/robots.txt", "/sitemap.xml", "/admin/login/")


def cloned(folder):
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, folder / "clone"], check=True)
    return folder / "clone"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    return cloned(tmp_path_factory.mktemp("fresh"))


def make(folder, *arguments, **environment):
    """(exit status, what was printed) of make in the folder."""
    done = subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def stub(folder, name, script):
    """A stand-in for a Python that is not as it should be."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def own_lines(printed):
    """What was printed, without make's own last line."""
    return [line for line in printed.splitlines() if not line.startswith("make:")]


def test_python_that_is_too_old_is_one_line(clone, tmp_path):
    old = stub(tmp_path, "python-old", "exit 1")
    status, printed = make(clone, "run", f"PYTHON={old}")
    assert status != 0
    assert own_lines(printed) == [
        f"Python 3.11 or newer is needed, and {old} is not. Name another one: make PYTHON=python3.12"
    ]


def test_python_without_venv_is_one_line(clone, tmp_path):
    bare = stub(tmp_path, "python-bare", 'case "$2" in *ensurepip*) exit 1;; esac; exit 0')
    status, printed = make(clone, "run", f"PYTHON={bare}")
    assert status != 0
    assert own_lines(printed) == [f"{bare} lacks its venv module. On Debian or Ubuntu: apt-get install python3-venv"]


def test_make_run_serves_every_address(clone):
    port = free_port()
    with serving(["make", "run"], clone, port) as log:
        assert {path: get(port, path)[0] for path in (*ADDRESSES, *OTHERS)} == dict.fromkeys((*ADDRESSES, *OTHERS), 200)
        assert get(port, "/no-such-page/")[0] == 404
        assert f"Serving http://127.0.0.1:{port}. Staff edit at /admin/; make a login: make staff" in log.read_text()
        assert "Traceback" not in log.read_text()
    secrets = clone / ".env"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert len(secrets.read_text()) > 50
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True)
    assert [line for line in status.stdout.splitlines() if "serving-" not in line] == []


def served(folder, *arguments):
    """(status of the first page, what was printed) of make run at a port of its own."""
    port = free_port()
    with serving(["make", "run", *arguments], folder, port) as log:
        return get(port)[0], log.read_text()


def test_two_starts_and_the_tests_at_once_wait_for_each_other(tmp_path):
    folder = cloned(tmp_path)
    python = stub(tmp_path, "python", f'[ "$2" != venv ] || mkdir "$0-venv" || exit 1; exec "{sys.executable}" "$@"')
    with ThreadPoolExecutor() as pool:
        tests = pool.submit(make, folder, "test", "ONLY=tests/clinic_site/test_serving.py", f"PYTHON={python}")
        starts = [pool.submit(served, folder, f"PYTHON={python}") for _ in range(2)]
    assert [start.result()[0] for start in starts] == [200, 200]
    assert [printed for _, printed in map(Future.result, starts) if "rror" in printed] == []
    status, printed = tests.result()
    assert (status, "passed" in printed) == (0, True), printed


def test_second_start_reinstalls_nothing_and_keeps_what_staff_changed(clone):
    edit = "from pages.models import Clinic; Clinic.objects.update(headline='Changed by staff')"
    subprocess.run(
        [".venv/bin/python", "manage.py", "shell", "-v0", "-c", edit], cwd=clone, check=True, env=clean_environment()
    )
    secret, installed = (clone / ".env").read_text(), (clone / ".venv/run").stat().st_mtime_ns
    port = free_port()
    with serving(["make", "run"], clone, port) as log:
        assert "Changed by staff" in get(port)[1]
        assert "Loaded" not in log.read_text()
    assert (clone / ".env").read_text() == secret
    assert (clone / ".venv/run").stat().st_mtime_ns == installed


def test_gunicorn_alone_serves_too(clone):
    port = free_port()
    with serving([".venv/bin/gunicorn", "clinic_site.wsgi"], clone, port):
        assert get(port)[0] == 200


def test_make_dev_serves_the_sources_as_they_are(clone):
    port = free_port()
    with serving(["make", "dev"], clone, port, sign=f"http://127.0.0.1:{port}/"):
        assert 'href="/static/css/site.css"' in get(port)[1]
        assert '@import "tokens.css"' in get(port, "/static/css/site.css")[1]
        assert get(port, "/static/css/tokens.css")[0] == 200


def test_production_pages_name_hashed_files_that_are_kept_for_a_year(clone):
    port = free_port()
    with serving([".venv/bin/gunicorn", "clinic_site.wsgi"], clone, port):
        page = get(port)[1]
        sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
        asked = urllib.request.Request(f"http://127.0.0.1:{port}{sheet}", headers={"Accept-Encoding": "br"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
            assert answer.headers["Content-Encoding"] == "br"


def test_taken_port_is_one_line(clone):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        status, printed = make(clone, "run", f"PORT={port}")
    assert status != 0
    wanted = f"Cannot serve on 127.0.0.1:{port}: Address already in use. Choose another port: make run PORT=8001"
    assert own_lines(printed) == [wanted]


@pytest.mark.parametrize("target", ["run", "dev", "staff"])
def test_broken_value_in_env_is_one_line(clone, target):
    kept = (clone / ".env").read_text()
    (clone / ".env").write_text(kept + "TIME_ZONE=Clifton\n")
    try:
        status, printed = make(clone, target)
    finally:
        (clone / ".env").write_text(kept)
    assert status != 0
    assert own_lines(printed) == ["Configuration: TIME_ZONE must be a name such as America/New_York."]


def test_env_of_mode_600_and_data_survive_a_new_environment(clone):
    shutil.rmtree(clone / ".venv")
    status, printed = make(clone, "-n", "run")
    assert status == 0
    assert "pip install" in printed
    assert "token_urlsafe" not in printed
