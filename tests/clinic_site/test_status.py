"""make status: one screen, what is wrong first."""

import shutil
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.core.checks import Warning as CheckWarning
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from clinic_site import status
from pages.models import Page


@pytest.fixture
def server(settings):
    """A server in the site's place: what it answers to a path, and what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        answers, asked = {}, []

        def do_GET(self):
            code, body = self.answers.get(self.path, (200, b"{}"))
            self.asked.append((self.path, self.headers["Host"], self.headers["X-Forwarded-Proto"]))
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as found:
        settings.BIND, settings.PORT, settings.SITE_URL = (
            "127.0.0.1",
            found.server_address[1],
            "https://www.example.com",
        )
        Thread(target=found.serve_forever, daemon=True).start()
        yield Handler
        found.shutdown()


def test_site_is_asked_as_a_proxy_would(server):
    assert status.site_fault() == ""
    assert server.asked == [(path, "www.example.com", "https") for path in ("/health/ready", "/", "/admin/login/")]


@pytest.mark.parametrize(
    ("path", "answer", "told"),
    [
        (
            "/health/ready",
            (503, b'{"status": "failing", "database": "x", "triggers": "ok"}'),
            "is not well: database: x",
        ),
        ("/health/ready", (404, b"<html>"), "is not well: /health/ready answers 404"),
        ("/", (500, b""), "answers 500 at /"),
        ("/admin/login/", (301, b""), "answers 301 at /admin/login/"),
    ],
)
def test_site_that_is_not_well_is_told(server, path, answer, told):
    server.answers = {path: answer}
    assert status.site_fault() == f"The site {told}"


def test_site_that_does_not_answer_is_told_and_waited_for(settings):
    settings.BIND, settings.PORT = "127.0.0.1", 1
    assert status.site_fault() == "The site does not answer: Connection refused"
    with pytest.raises(CommandError, match="does not answer"):
        call_command("status", "--wait=0.1")


def test_wait_ends_when_the_site_is_well(server, monkeypatch):
    found = iter(["not yet", ""])
    monkeypatch.setattr("clinic_site.management.commands.status.site_fault", lambda: next(found))
    call_command("status", "--wait=60")


def test_all_facts_are_on_one_screen_and_what_is_wrong_comes_first(
    clinic, server, settings, tmp_path, monkeypatch, capsys
):
    settings.DATA_DIR, settings.HTTPS = tmp_path, True
    server.answers = {"/": (500, b"")}
    Page.objects.create(title="Later", slug="later", publish_at=timezone.now() + timedelta(days=400))
    monkeypatch.setattr(status, "run_checks", lambda **options: [CheckWarning("No\n backup.", id="clinic.W009")])
    with pytest.raises(SystemExit):
        call_command("status")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["! The site answers 500 at /", "! No backup."]
    assert len(lines) < 24
    names = ["Version", "Address", "Processes", "Database", "Disk", "Last backup", "Next change", "E-mail", "Time"]
    assert [name for name in names if not any(line.startswith(f"{name}:") for line in lines)] == []
    told = dict(line.split(":", 1) for line in lines[2:])
    assert "migrations: all applied" in told["Database"]
    assert str((timezone.now() + timedelta(days=400)).year) in told["Next change"]
    assert "free for" in told["Disk"]


def test_site_that_is_well_is_told_in_one_line(db, server, settings, tmp_path, monkeypatch, capsys):
    settings.DATA_DIR, settings.HTTPS = tmp_path, True
    monkeypatch.setattr(status, "run_checks", lambda **options: [])
    call_command("status")
    assert capsys.readouterr().out.startswith("All is well.\nVersion:")


def test_https_that_is_missing_is_one_line(db, server, settings):
    settings.HTTPS = False
    found = [fault for fault in status.faults() if "https" in fault]
    assert found == ["SITE_URL has no https: whoever is on the way can read passwords"]


def test_database_that_does_not_answer_is_a_fact_among_the_others(server, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path

    def fail():
        raise OperationalError("no\n server")

    monkeypatch.setattr(connection, "cursor", fail)
    told = dict(status.facts())
    assert told["Database"] == "unknown: no server"
    assert "free for" in told["Disk"]


def test_units_that_are_not_those_of_the_release_and_timers_that_do_not_run_are_told(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(status, "UNITS", tmp_path)
    assert list(status.unit_faults()) == []
    shutil.copytree(settings.BASE_DIR / "deploy/systemd", tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(status, "printed", lambda *command: "active")
    assert list(status.unit_faults()) == []
    (tmp_path / "clinic-tick.timer").write_text("older")
    monkeypatch.setattr(status, "printed", lambda *command: "inactive")
    (tmp_path / "clinic-.service.d/bounds.conf").write_text("older")
    bounds, unit, *timers = status.unit_faults()
    assert bounds.startswith(f"{tmp_path}/clinic-.service.d/bounds.conf is not that of this release")
    assert unit.startswith(f"{tmp_path}/clinic-tick.timer is not that of this release")
    assert timers == [f"{name} does not run: systemctl enable --now {name}" for name in status.TIMERS]


def test_memory_is_of_processes_of_the_server_alone(tmp_path):
    commands = ("python\0gunicorn\0clinic_site.wsgi", "vi\0clinic_site.wsgi.py", "gunicorn: worker [clinic_site.wsgi]")
    for number, command in enumerate(commands):
        process = tmp_path / str(number)
        process.mkdir()
        (process / "cmdline").write_bytes(f"{command}\0".encode())
        (process / "status").write_text("Name:\tpython\nVmRSS:\t  51200 kB\n")
    assert [status.memory_of(tmp_path / name) for name in ("0", "1", "2", "3")] == [51200, 0, 51200, 0]


def test_sizes_are_told_in_millions_and_billions():
    assert [status.megabytes(size) for size in (400_000, 12_345_678_900)] == ["0.4 MB", "12.3 GB"]
