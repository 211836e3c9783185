"""make update on a server: a newer release takes over while people read, or nothing changes."""

import fcntl
import os
import pwd
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest

from tests.everywhere.walk import SERVICE
from tests.prove.copies import copy_project
from tests.prove.process import ROOT, SECRET, clean_environment, free_port, get, serving
from tests.prove.readers import Statuses, reading

ADDRESSES = ("/", "/services/", SERVICE, "/testimonials/", "/faq/", "/contact/", "/privacy/", "/sitemap.xml")
PACKAGES = next(path for path in map(Path, sys.path) if path.name == "site-packages")
# In place of Python and pip: an environment that borrows the packages of the tests.
PYTHON = f"""#!/bin/sh
[ "$1 $2" = "-m venv" ] || exec {sys.executable} "$@"
{sys.executable} -m venv --without-pip "$3"
echo {PACKAGES} >"$(echo "$3"/lib/*/site-packages)/borrowed.pth"
cp {sys.executable.rpartition("/")[0]}/gunicorn "$3/bin/gunicorn"
printf '#!/bin/sh\\n' >"$3/bin/pip" && chmod +x "$3/bin/pip"
"""
MIGRATION = """
from django.db import migrations, models
class Migration(migrations.Migration):
    dependencies = [("testimonials", "{last}")]
    operations = [{operation}]
"""
SICK = """
if is_upgrade:
    def application(environ, start_response):
        start_response("500 Sick", [("Content-Length", "0")])
        return [b""]
"""
ADDING = "migrations.CreateModel('Added', [('id', models.AutoField(primary_key=True))])"
REMOVING = "migrations.RemoveField('testimonial', 'name')"


class Server(NamedTuple):
    base: Path
    port: int

    @property
    def origin(self):
        return self.base / "origin"

    @property
    def current(self):
        return (self.base / "current").resolve()

    @property
    def environment(self):
        return {"PIDFILE": str(self.base / "pid"), "PYTHON": str(self.base / "python")}

    @property
    def pid(self):
        return int((self.base / "pid").read_text())

    def git(self, *command):
        names = ["-c", "user.name=Clinic", "-c", "user.email=clinic@example.com"]
        subprocess.run(["git", *names, *command], cwd=self.origin, check=True, capture_output=True)

    def commit(self, version):
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", version)
        self.git("tag", version)

    def change(self, version, path, text, appended=True):
        """A newer version, whose file is another."""
        file = self.origin / path
        file.write_text((file.read_text() if appended else "") + text)
        self.commit(version)

    def migrate(self, version, operation):
        folder = self.origin / "testimonials/migrations"
        last = max(path.stem for path in folder.glob("0*.py"))
        text = MIGRATION.format(last=last, operation=operation)
        self.change(version, f"testimonials/migrations/{int(last[:4]) + 1:04}_{version}.py", text, appended=False)

    def forget(self, version):
        self.git("tag", "-d", version)
        self.git("reset", "--hard", "--quiet", "HEAD~1")

    def update(self, *version, folder="current", **environment):
        """(exit status, what was printed) of make update."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.update", *version],
            cwd=self.base / folder,
            env=clean_environment(**self.environment | environment),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def manage(self, *command):
        """What one of the site's commands prints."""
        command = [".venv/bin/python", "manage.py", *command]
        done = subprocess.run(command, cwd=self.current, env=clean_environment(), stdout=subprocess.PIPE, check=True)
        return done.stdout.decode()

    @contextmanager
    def serving(self):
        """The site as systemd starts it."""
        unit = (ROOT / "deploy/systemd/clinic-site.service").read_text()
        command = re.search("^ExecStart=(.+)", unit, re.MULTILINE)[1]
        for usual, ours in (("/srv/clinic", self.base), ("/run/clinic-site", self.base)):
            command = command.replace(usual, str(ours))
        command = ["sh", "-c", f"cd '{self.base}/current' && exec {command}"]
        with serving(command, self.base, self.port) as log:
            yield log
        deadline = time.monotonic() + 60  # for the last master, which is not the first one
        while (self.base / "pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)


def new_server(base):
    server = Server(base, free_port())
    copy_project(server.origin)
    (base / "python").write_text(PYTHON)
    (base / "python").chmod(0o755)
    server.git("init", "--quiet", "-b", "main")
    server.commit("v1")
    (base / ".env").write_text(f"SECRET_KEY={SECRET}\nDATA_DIR={base / 'data'}\nPORT={server.port}\n")
    server_clone = ["git", "clone", "--quiet", server.origin, base / "repository"]
    subprocess.run(server_clone, check=True, capture_output=True)
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that serves its first release."""
    server = new_server(tmp_path_factory.mktemp("server"))
    status, printed = server.update(folder="repository")
    assert status == 0, printed
    assert printed.endswith("v1 is in place. Nothing serves: systemctl start clinic-site\n")
    with server.serving():
        yield server


@contextmanager
def slow_senders(port):
    """Forms that arrive in two halves, one after the other, until the end of the block: the status of each."""
    statuses, is_over = [], Event()
    head = f"POST /admin/login/ HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 20\r\n\r\n".encode()

    def send():
        while not is_over.is_set():
            with socket.create_connection(("127.0.0.1", port), 60) as connection:
                connection.sendall(head + b"0123456789")
                time.sleep(0.5)
                connection.sendall(b"0123456789")
                statuses.append(connection.recv(12)[-3:])

    sender = Thread(target=send)
    sender.start()
    yield statuses
    is_over.set()
    sender.join()


def test_newer_release_takes_over_and_no_request_is_lost(server):
    server.change("v2", "templates/pages/faq.html", "<p>The second release</p>")
    before, older = server.pid, server.current
    assets = re.findall(r"/static/[\w/.-]+\.svg", get(server.port)[1])
    (server.origin / "static/img/icon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    server.migrate("v3", ADDING)
    started = time.monotonic()
    with (
        reading(server.port, ADDRESSES, Statuses(200), number=4, pause=0.01) as tally,
        slow_senders(server.port) as statuses,
    ):
        tally.wait_for(100)
        status, printed = server.update()
        tally.wait_for(tally.answers.value + 100)
    assert (status, printed.splitlines()[-1]) == (0, "v3 is in place."), printed
    print(f"{tally.answers.value} requests, {tally.faults.value} lost, in {time.monotonic() - started:.0f} s")
    assert tally.first_faults() == []
    assert tally.answers.value >= 900
    assert set(statuses) == {b"403"}
    assert len(statuses) > 5
    assert server.current.name == "v3"
    assert server.pid != before
    assert server.manage("migrations_behind") == "{}\n"
    assert {get(server.port, path)[0] for path in assets} == {200}
    assert get(server.port, "/static/" + "no.svg")[0] == 404
    assert older.exists()
    assert server.update() == (0, "v3 is in place, and there is nothing newer.\n")


def unchanged(server):
    """What an update that fails leaves as it was."""
    releases = sorted(path.name for path in (server.base / "releases").iterdir())
    return server.current, releases, server.manage("showmigrations", "testimonials"), get(server.port)[0]


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("clinic_site/wsgi.py", "raise OSError", "The newer release does not start: why is told above."),
        # Well until it is to take over
        ("gunicorn.conf.py", "assert not is_upgrade", "The newer release did not start: the log tells why."),
        # Not well once it serves
        ("clinic_site/wsgi.py", SICK, "This failed in v4: python manage.py status --wait=20."),
    ],
)
def test_release_that_does_not_serve_changes_nothing(server, path, text, told):
    server.migrate("v4a", ADDING.replace("Added", "Later"))
    server.change("v4", path, text.replace("is_upgrade", 'os.environ.get("GUNICORN_PID")'))
    before = unchanged(server)
    try:
        status, printed = server.update()
    finally:
        server.forget("v4")
        server.forget("v4a")
    lines = printed.splitlines()
    assert (status, lines[-1]) == (1, f"{told} {server.current.name} is in place, as before."), printed
    assert "Going back." in lines
    assert unchanged(server) == before


def test_migration_that_the_older_release_cannot_live_with_is_refused_while_it_serves(server):
    server.migrate("v4", REMOVING)
    before = unchanged(server)
    try:
        status, printed = server.update()
    finally:
        server.forget("v4")
    assert "v4: Remove field name from testimonial. Stop the site for this update" in printed
    assert (status, ".tar" in printed) == (1, False)
    assert unchanged(server) == before


def test_update_that_is_killed_after_it_migrated_is_made_good_by_the_next_one(server):
    settings_of_gunicorn = (server.origin / "gunicorn.conf.py").read_text()
    rehearsing = server.base / "rehearsing"
    server.migrate("v5", ADDING.replace("Added", "Killed"))
    stuck = f"open({str(rehearsing)!r}, 'x').write(str(os.getpid())); signal.pause()"
    server.change("v6", "gunicorn.conf.py", stuck)
    command = [sys.executable, "-m", "deploy.update"]
    environment = clean_environment(**server.environment)
    with subprocess.Popen(command, cwd=server.current, env=environment) as process:
        deadline = time.monotonic() + 120
        while not rehearsing.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        process.kill()
    server.change("v7", "gunicorn.conf.py", settings_of_gunicorn, appended=False)
    status, printed = server.update()
    assert (status, printed.splitlines()[-1]) == (0, "v7 is in place."), printed
    assert server.current.name == "v7"
    assert "Good backup" in printed
    assert server.manage("migrations_behind") == "{}\n"
    assert not Path(f"/proc/{rehearsing.read_text()}").exists()


def test_update_that_cannot_begin_is_one_line(server):
    one = server.current.name
    (server.current / "README.md").write_text("changed")
    assert server.update() == (1, f"Files were changed in {server.current}, and would be lost: README.md\n")
    (server.current / "README.md").write_text((server.origin / "README.md").read_text())
    with (server.base / "update.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert server.update() == (1, "Another update is running.\n")
    assert server.update(PATH="") == (
        1,
        "make update needs git, and a site that came by it: README.md, Into service.\n",
    )
    assert server.update("none") == (1, f"There is no version none in {server.base}/repository.\n")
    assert server.update(folder="origin")[1].startswith("make update is for a server that was set up by README.md")
    (server.base / ".env").rename(server.base / "away")
    assert server.update()[1].startswith(f"The settings are missing: write {server.base}/.env as README.md tells")
    (server.base / "away").rename(server.base / ".env")
    assert server.current.name == one


def test_another_user_is_told_whose_command_it_is(server):
    owner = server.current.stat().st_uid
    if os.getuid() == 0:  # only root can try it
        os.chown(server.current, pwd.getpwnam("nobody").pw_uid, -1)
        assert server.update() == (1, "Run it as the user of the site: runuser -u nobody -- make update\n")
        os.chown(server.current, owner, -1)
