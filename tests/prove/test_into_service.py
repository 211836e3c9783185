"""The README's lines from an empty Debian server to https, followed literally on a machine that boots."""

import re
import subprocess
import time

import pytest

from tests.pictures.images import file_of, quarters
from tests.prove.booted import booted
from tests.prove.copies import copy_project
from tests.prove.process import ROOT, clean_environment
from tests.prove.staff import CSRF, picture_form

TASKS = ("tick", "backup")
HOST = "clinic.example.com"
# What is done in the place of three lines: names, a certificate that nobody gives us here, questions of a terminal.
SELF_SIGNED = (
    'mkdir -p "/etc/letsencrypt/live/$host" && cd "/etc/letsencrypt/live/$host" && openssl req -x509 -nodes -days 2 '
    '-newkey rsa:2048 -subj "/CN=$host" -keyout privkey.pem -out fullchain.pem'
)
STAFF = "runuser -u clinic -- sh -c 'cd /srv/clinic/current && .venv/bin/python manage.py shell -v0 -c \"$0\"' '%s'"
LOG_IN = """
from django.contrib.auth import get_user_model
from django.test import Client
client = Client()
client.force_login(get_user_model().objects.create_superuser("manager of pictures"))
print(next(iter(client.cookies.values())).value)
""".strip()


def lines():
    section = (ROOT / "README.md").read_text().partition("## Into service")[2]
    return re.search(r"```sh\n(.+?)```", section, re.DOTALL)[1].splitlines()


def instead(line):
    if line.startswith("host="):
        return ""
    return SELF_SIGNED if line.startswith("certbot ") else line


def provide_source(root):
    """The project as a repository on the machine."""
    copy_project(root / "source")
    names = ["-c", "user.name=Clinic", "-c", "user.email=clinic@example.com"]
    for command in (["init", "-q", "-b", "main"], ["add", "--all"], [*names, "commit", "-q", "-m", "First"]):
        subprocess.run(["git", *command], cwd=root / "source", check=True, env=clean_environment())


@pytest.fixture(scope="module")
def served(machines):
    """A machine on which the lines were followed, and what each of them took."""
    machine = machines["trixie"]
    provide_source(machine.root)
    # What the smallest folder lacks and a server that one rents has.
    chroot = ["chroot", machine.root, "apt-get", "install", "-y", "-q", "systemd-sysv", "dbus", "openssl"]
    subprocess.run(chroot, check=True, capture_output=True)
    with booted(machine) as server:
        started, took = time.monotonic(), []
        for line in lines():
            if line.endswith("make -C /srv/clinic/current staff"):
                continue
            if " git clone " in line:
                server.run("git config --system safe.directory '*'")  # root's folder, read by another user
            server.run(f"host={HOST} source=/source; {instead(line)}")
            took.append(f"{time.monotonic() - started:.0f} s: {line}")
        print("\n".join(took))
        yield server


def test_ten_lines_are_enough():
    assert len(lines()) <= 10


def test_lines_lead_from_an_empty_server_to_https(served):
    status, headers, page = served.ask(HOST, headers={"Accept-Encoding": "identity"})
    assert status == 200
    assert headers["Server"] == "nginx"
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert b"</html>" in page
    assert (
        served.run("systemctl is-active clinic-site clinic-tick.timer clinic-backup.timer nginx").split()
        == ["active"] * 4
    )


def test_status_tells_that_all_is_well_but_for_what_is_not_set(served):
    printed = served.run("cd /srv/clinic/current; runuser -u clinic -- make status || true", "-n")
    wrong = [line for line in printed.splitlines() if line.startswith("!")]
    assert [line for line in wrong if "mail" not in line and "backup" not in line and "SQLite" not in line] == []
    assert f"https://{HOST}, behind 127.0.0.1" in printed
    assert "migrations: all applied" in printed


def test_pictures_are_encoded_within_the_bounds_of_the_service(served):
    key = served.run(STAFF % LOG_IN).strip()
    headers, body = picture_form(file_of(quarters()))
    headers |= {"Cookie": f"__Host-session={key}; __Host-csrf={CSRF}", "Origin": f"https://{HOST}"}
    status, headers, _ = served.ask(HOST, "/admin/pictures/picture/add/", headers, body)
    assert (status, headers.get("Location")) == (302, "/admin/pictures/picture/")


def test_tasks_run_within_the_bounds_of_the_service(served):
    for task in TASKS:
        served.run(f"systemctl start clinic-task@{task} || {{ journalctl -u clinic-task@{task} >&2; exit 1; }}")


def test_service_takes_a_newer_release_and_stays_the_same_service(served):
    before = served.run("systemctl show -P MainPID clinic-site").strip()
    served.run("kill -USR2 $(cat /run/clinic-site/pid)")
    deadline = time.monotonic() + 90
    while (now := served.run("cat /run/clinic-site/pid || true").strip()) in ("", before):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    told = [
        served.run(f"systemctl show -P {name} clinic-site").strip() for name in ("MainPID", "ActiveState", "NRestarts")
    ]
    assert told == [now, "active", "0"]
    assert served.ask(HOST)[0] == 200
