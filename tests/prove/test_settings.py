"""What the settings do to a server that runs: HUP, addresses of each kind, wrong starts."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.prove.copies import copy_project
from tests.prove.process import ROOT, SECRET, clean_environment, free_port, serving
from tests.prove.test_unusable_data import AS_USER

# By its own script, which starts itself anew at USR2; `python -m` would not.
GUNICORN = [str(Path(sys.executable).with_name("gunicorn")), "-c", str(ROOT / "gunicorn.conf.py"), "clinic_site.wsgi"]
OWN = {"SECRET_KEY": SECRET, "ENV_FILE": ""}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A site on SQLite that is ready to be served; its static files are where BUILD_DIR says."""
    folder = tmp_path_factory.mktemp("built")
    environment = OWN | {"DATA_DIR": str(folder / "data"), "BUILD_DIR": str(folder / "build")}
    command = [sys.executable, "manage.py", "prepare", "-v0"]
    subprocess.run(command, cwd=ROOT, env=clean_environment(**environment), check=True, timeout=120)
    assert (folder / "build/static/staticfiles.json").exists()
    return environment


def start(folder, environment, *command):
    """(exit status, standard error) of a start that fails."""
    done = subprocess.run(
        command or GUNICORN,
        cwd=folder,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stderr


def ask(connection, path="/", **headers):
    connection.request("GET", path, headers={"Host": "localhost", "Connection": "close"} | headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.getheader("Location")


def at_port(port, come_from="127.0.0.1", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(come_from, 0))
    try:
        return ask(connection, **headers)
    finally:
        connection.close()


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def is_connected(connection):
    with suppress(OSError):
        connection.connect()
    return connection.sock is not None


def children(pid):
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


class Running:
    """A server whose settings are in a file."""

    def __init__(self, folder, built, port):
        self.file, self.port, self.note = folder / "variables", port, folder / "pid"
        self.folder, self.built = folder, {**built, "ENV_FILE": str(self.file)}

    @contextmanager
    def serve(self):
        self.set()
        with serving([*GUNICORN, f"--pid={self.note}"], self.folder, self.port, **self.built) as self.log:
            yield self

    @property
    def master(self):
        return int(self.note.read_text())

    def set(self, **variables):
        self.file.write_text(
            "".join(f"{name}={value}\n" for name, value in {"WEB_CONCURRENCY": 1, **variables}.items())
        )

    def hang_up(self, sign):
        told = self.log.read_text().count(sign)
        os.kill(self.master, signal.SIGHUP)
        until(lambda: self.log.read_text().count(sign) > told)

    def wait_for_workers(self, number, instead_of):
        until(lambda: len(now := children(self.master)) == number and not now & instead_of)

    def status(self, host):
        return at_port(self.port, Host=host)[0]


@pytest.fixture
def running(tmp_path, built):
    with Running(tmp_path, built, free_port()).serve() as server:
        yield server


NEW = "Serving with new settings."
KEPT = "The settings stay as they were."


def test_hup_takes_new_settings_and_keeps_good_ones_where_the_new_are_broken(running):
    assert running.status("clinic.example") == 400
    running.set(ALLOWED_HOSTS="clinic.example", WEB_CONCURRENCY=2)
    first = children(running.master)
    running.hang_up(NEW)
    running.wait_for_workers(2, instead_of=first)
    assert [running.status("clinic.example") for _ in range(5)] == [200] * 5
    for content in ("ALLOWED_HOSTS = x\n", "DEBUG=x\n"):
        running.file.write_text(content)
        running.hang_up(KEPT)
    until(lambda: len(children(running.master)) == 2)
    killed = children(running.master)
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    running.wait_for_workers(2, instead_of=killed)
    assert [running.status("clinic.example") for _ in range(5)] == [200] * 5
    log = running.log.read_text()
    assert "The settings stay as they were. Configuration: DEBUG must be true or false.\n" in log
    assert "Traceback" not in log
    running.set()
    second = children(running.master)
    running.hang_up(NEW)
    running.wait_for_workers(1, instead_of=second)
    assert running.status("clinic.example") == 400


def test_hup_keeps_the_address_and_says_so(running):
    running.set(BIND="0.0.0.0", PORT=free_port(), ALLOWED_HOSTS="clinic.example")
    running.hang_up("BIND and PORT stay as they were: they need a restart.")
    until(lambda: running.status("clinic.example") == 200)


def test_hup_loses_no_request(running):
    old, statuses = children(running.master), []
    running.set(ALLOWED_HOSTS="clinic.example")
    os.kill(running.master, signal.SIGHUP)

    def is_over():
        statuses.append(running.status("localhost"))
        now = children(running.master)
        return len(now) == 1 and not now & old and running.status("clinic.example") == 200

    until(is_over)
    assert set(statuses) == {200}


def test_new_master_takes_new_settings_after_a_hup_too(running):
    running.set(ALLOWED_HOSTS="old.example")
    running.hang_up(NEW)
    running.set(ALLOWED_HOSTS="new.example")
    old = running.master
    told = running.log.read_text().count("Serving http")
    os.kill(old, signal.SIGUSR2)
    until(lambda: running.log.read_text().count("Serving http") > told)
    os.kill(old, signal.SIGTERM)

    def has_new_master():
        with suppress(FileNotFoundError):  # the newer master gives its file the older one's name
            return running.master != old

    until(has_new_master)
    assert [running.status(host) for host in ("new.example", "old.example")] == [200, 400]
    assert "Traceback" not in running.log.read_text()


def test_proxy_that_is_named_in_the_file_is_believed(tmp_path, built):
    site = built | {"SITE_URL": "https://www.example.com"}
    proxied = {"Host": "www.example.com", "X-Forwarded-Proto": "https"}
    for trusted, status in (("127.0.0.2", 200), ("192.0.2.7", 400)):
        (tmp_path / "variables").write_text(f"FORWARDED_ALLOW_IPS={trusted}\nWEB_CONCURRENCY=1\n")
        port = free_port()
        with serving(GUNICORN, tmp_path, port, **site | {"ENV_FILE": str(tmp_path / "variables")}) as log:
            assert at_port(port, come_from="127.0.0.2", **proxied)[0] == status
            assert at_port(port, **proxied)[0] == 200
        assert ("FORWARDED_ALLOW_IPS" in log.read_text()) == (status == 400)


@pytest.mark.parametrize("bind", ["::1", "[::1]", "::", "0.0.0.0", "localhost"])
def test_address_is_served_as_it_is_written(tmp_path, built, bind):
    port = free_port()
    site = built | {"BIND": bind, "ALLOWED_HOSTS": "clinic.example", "WEB_CONCURRENCY": "1"}
    with serving(GUNICORN, tmp_path, port, **site):
        host = "::1" if ":" in bind else "127.0.0.1"
        connection = http.client.HTTPConnection(host, port, timeout=30)
        assert ask(connection, Host="clinic.example")[0] == 200
        connection.close()


def test_socket_is_served_as_it_is_written(tmp_path, built):
    path = tmp_path / "site.sock"
    site = built | {"BIND": f"unix:{path}", "ALLOWED_HOSTS": "clinic.example", "WEB_CONCURRENCY": "1"}
    with serving(GUNICORN, tmp_path, 8000, sign=f"Serving unix:{path}", **site):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            connection = http.client.HTTPConnection("localhost")
            connection.sock = client
            assert ask(connection, Host="clinic.example")[0] == 200
        assert start(ROOT, site) == (1, f"Cannot serve on unix:{path}: another server does. See BIND.\n")


@pytest.mark.parametrize("port", [[], ["{port}"]])
def test_developer_is_served_at_an_address_of_ipv6(tmp_path, built, port):
    free = free_port()
    command = [
        sys.executable,
        str(ROOT / "manage.py"),
        "runserver",
        "--noreload",
        *(one.format(port=free) for one in port),
    ]
    site = built | {"BIND": "::1", "DEBUG": "true", "PYTHONUNBUFFERED": "1"}
    with serving(command, tmp_path, free, sign="Starting development server at http://[::1]", **site):
        connection = http.client.HTTPConnection("::1", free, timeout=30)
        until(lambda: is_connected(connection))
        assert ask(connection)[0] == 200
        connection.close()
    assert start(ROOT, site | {"BIND": "unix:/x/y"}, *command) == (
        1,
        "CommandError: A developer's server has no socket: BIND must be an address.\n",
    )


def test_place_that_cannot_be_served_is_one_line(tmp_path, built):
    site = built | {"ALLOWED_HOSTS": "clinic.example"}
    missing = f"unix:{tmp_path}/none/site.sock"
    told = {
        missing: f"Cannot serve on {missing}: its folder is not there, or must not be written. See BIND.\n",
        f"unix:{ROOT}/README.md": f"Cannot serve on unix:{ROOT}/README.md: there is something else. See BIND.\n",
        "192.0.2.1": "Cannot serve on 192.0.2.1:8000: Cannot assign requested address. See BIND and PORT.\n",
        "no-such-host.invalid": None,
        "unix:relative": None,
    }
    for bind, line in told.items():
        status, error = start(ROOT, site | {"BIND": bind})
        assert status == 1
        assert error == line or (line is None and error.count("\n") == 1), bind


def test_gunicorn_that_does_not_know_the_settings_does_not_serve(tmp_path, built):
    blind = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "clinic_site.wsgi"]
    status, error = start(tmp_path, built | {"PORT": str(free_port())}, *blind)
    assert status != 0
    line = f"Start gunicorn in the site's own folder, or with -c {ROOT}/gunicorn.conf.py: its settings were not read.\n"
    assert error.count(line) == 1


def test_read_only_checkout_needs_a_folder_to_gather_static_files_in(tmp_path):
    checkout = copy_project(tmp_path / "checkout")
    prepare = [*AS_USER, sys.executable, "manage.py", "prepare", "-v0"]
    site = OWN | {"DATA_DIR": str(tmp_path / "data"), "PYTHONDONTWRITEBYTECODE": "1"}
    checkout.chmod(0o500)
    try:
        assert start(checkout, site, *prepare) == (
            1,
            f"CommandError: Cannot use {checkout}/build: Permission denied. The user who starts the site must own its "
            "files and folders, and be allowed to write them. BUILD_DIR names another folder for static files.\n",
        )
        assert start(checkout, site | {"BUILD_DIR": str(tmp_path / "build")}, *prepare) == (0, "")
        assert (tmp_path / "build/static/staticfiles.json").exists()
    finally:
        checkout.chmod(0o700)
