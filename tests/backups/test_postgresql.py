"""What of PostgreSQL needs no server; the rest is in tests/prove/test_backup.py."""

import subprocess
from types import SimpleNamespace

import pytest

from backups import BackupError, postgresql

PASSWORD = "it's a 'secret' \\ with=signs"


@pytest.fixture
def asked(monkeypatch):
    """Runs a program and returns its command line and its environment."""
    params = {"host": "db.example.com", "dbname": "clinic", "user": "clinic", "password": PASSWORD, "port": 5432}
    params |= {"sslmode": "require", "sslpassword": PASSWORD, "context": object(), "prepare_threshold": None}
    fake = SimpleNamespace(get_connection_params=lambda: params, settings_dict={"PASSWORD": PASSWORD})
    monkeypatch.setattr(postgresql, "connection", fake)
    monkeypatch.setattr(postgresql, "program", lambda name: f"/bin/{name}")

    def ask(status=0, told="", **options):
        found = {}

        def run(command, env, **others):
            found.update(command=command, env=env)
            return SimpleNamespace(returncode=status, stderr=told)

        monkeypatch.setattr(subprocess, "run", run)
        postgresql.run("pg_dump", "--format=custom", **options)
        return found["command"], found["env"]

    return ask


def test_password_is_in_no_command_line(asked):
    command, environment = asked()
    assert PASSWORD not in " ".join(command)
    assert "secret" not in " ".join(command)
    assert environment["PGPASSWORD"] == PASSWORD
    assert command[0] == "/bin/pg_dump"
    where = next(part for part in command if part.startswith("--dbname="))
    assert set(where.removeprefix("--dbname=").split()) == {
        "host=db.example.com",
        "dbname=clinic",
        "user=clinic",
        "port=5432",
        "sslmode=require",
    }


def test_another_database_of_the_server_can_be_named(asked):
    assert "dbname=other" in " ".join(asked(database="other")[0])


def test_failure_is_one_line_of_what_the_program_said(asked):
    with pytest.raises(BackupError, match=r"^pg_dump: error: no\.$"):
        asked(status=1, told="pg_dump: error: no.\npg_dump: detail: more\n")
    with pytest.raises(BackupError, match=r"^status 7\.$"):
        asked(status=7)


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A server of version 15, and a machine without its programs."""
    monkeypatch.setattr(postgresql, "connection", SimpleNamespace(get_database_version=lambda: (15, 3)))
    monkeypatch.setattr(postgresql, "PROGRAMS", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))


def test_program_that_is_missing_is_told_with_its_package(server):
    with pytest.raises(BackupError, match=r"pg_dump is missing\. .* apt-get install postgresql-client-15"):
        postgresql.program("pg_dump")


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (["9", "15", "17", "old"], "15"),
        (["9", "16", "17"], "16"),
        (["9", "14"], "14"),
    ],
)
def test_program_is_of_the_servers_version_or_the_nearest_one(server, tmp_path, there, taken):
    for version in there:
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "pg_dump").touch()
    assert postgresql.program("pg_dump") == str(tmp_path / taken / "bin" / "pg_dump")
