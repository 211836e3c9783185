"""Each start reads the environment anew, so each of these is a process of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection

ROOT = Path(__file__).parents[2]
SECRET = "a-random-secret-of-more-than-thirty-two-characters"


def run(*command, cwd=ROOT, **environment):
    """(exit status, standard output, standard error) of a command with these variables and no others of ours."""
    names = ("PATH", "HOME", "LANG", "SYSTEMROOT")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    ours = {"SECRET_KEY": SECRET} | ({"ENV_FILE": ""} if cwd == ROOT else {})  # a developer may have one
    done = subprocess.run(
        command, cwd=cwd, env=kept | ours | environment, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr


EMAIL = "must be an address such as smtp+tls://user:password@host:587."
WRONG = [
    ({"SECRET_KEY": ""}, "SECRET_KEY must be set"),
    ({"PORT": "http"}, "PORT must be a number from 1 to 65535."),
    ({"SITE_URL": "https://[broken"}, "SITE_URL must be a scheme and a host"),
    ({"DATABASE_URL": "postgres://user:a-password/a@host/clinic"}, "DATABASE_URL must be an address such as"),
    ({"ENV_FILE": "no-such-file"}, "no-such-file cannot be read: No such file or directory."),
    ({"MEDIA_STORE": "s3://key:a-password@host"}, "MEDIA_STORE must be an address such as"),
    ({"EMAIL_URL": "smtp://user:a-password@mail.example.com:port"}, f"EMAIL_URL {EMAIL}"),
]


@pytest.mark.parametrize(("environment", "message"), WRONG, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize(
    "command", [(sys.executable, "manage.py", "check"), (sys.executable, "-m", "gunicorn", "clinic_site.wsgi")]
)
def test_wrong_value_is_one_line(command, environment, message):
    status, output, error = run(*command, **environment)
    assert status != 0
    assert error.startswith(f"Configuration: {message}")
    assert error.count("\n") == 1
    assert "a-password" not in error
    assert "Serving" not in output


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with the settings, for a `.env` of its own."""
    shutil.copytree(ROOT / "clinic_site", tmp_path / "clinic_site")
    shutil.copy(ROOT / "manage.py", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n# Ours\nSECRET_KEY = " + SECRET.encode(), ".env, line 3: write NAME=value, without spaces around =."),
        (b"SECRET_KEY", ".env, line 1: write NAME=value, without spaces around =."),
        ("SECRET_KEY=schlüssel".encode("latin-1"), ".env must be plain text in UTF-8."),
        ("SECRET_KEY=x".encode("utf-16"), ".env must be plain text in UTF-8."),
    ],
)
def test_env_file_that_cannot_be_read_is_one_line(elsewhere, content, message):
    (elsewhere / ".env").write_bytes(content)
    status, _, error = run(sys.executable, "manage.py", "check", cwd=elsewhere)
    assert status != 0
    assert error == f"Configuration: {message}\n"


def test_env_file_may_have_comments_and_a_byte_order_mark(elsewhere):
    (elsewhere / ".env").write_bytes(
        b"\xef\xbb\xbfDATA_DIR=/srv/clinic\r\n\r\n  # Ours\r\nTIME_ZONE='Europe/Berlin' \r\n"
    )
    code = "from clinic_site import settings; print(settings.DATA_DIR, settings.TIME_ZONE)"
    done = run(sys.executable, "-c", code, cwd=elsewhere)
    assert done == (0, "/srv/clinic Europe/Berlin\n", "")


def test_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    status, _, error = run(sys.executable, "manage.py", "prepare", DATA_DIR=str(tmp_path / "file" / "data"))
    assert status != 0
    assert error == f"CommandError: DATA_DIR: cannot write in {tmp_path}/file/data: Not a directory\n"


def test_folder_is_the_projects_own_until_another_is_named(configured):
    assert configured({"DATA_DIR": "/srv/clinic"})["DATABASES"]["default"]["NAME"] == Path("/srv/clinic/site.sqlite3")
    assert configured()["DATA_DIR"] == ROOT / "data"
    assert configured({"DATA_DIR": "other"})["DATA_DIR"] == ROOT / "other"
    assert configured()["STATIC_ROOT"] == ROOT / "build/static"
    assert configured({"BUILD_DIR": "/srv/build"})["STATIC_ROOT"] == Path("/srv/build/static")


def test_database_is_a_file_until_an_address_names_another(configured):
    address = "postgres://user:p%40ss@host:5433/clinic?sslmode=require"
    named = configured({"DATABASE_URL": address})["DATABASES"]["default"]
    parts = {"USER": "user", "PASSWORD": "p@ss", "HOST": "host", "PORT": 5433, "NAME": "clinic"}
    assert {name: named[name] for name in parts} == parts
    assert named["OPTIONS"]["sslmode"] == "require"
    assert named["OPTIONS"]["isolation_level"].name == "READ_COMMITTED"
    assert named["CONN_HEALTH_CHECKS"] is True
    assert named["DISABLE_SERVER_SIDE_CURSORS"] is True


def test_options_that_django_documents_for_poolers_are_taken(configured):
    address = "postgres://user@host/clinic?disable_server_side_cursors=true&conn_max_age=0&conn_health_checks=false"
    named = configured({"DATABASE_URL": address})["DATABASES"]["default"]
    wanted = {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "DISABLE_SERVER_SIDE_CURSORS": True}
    assert {name: named[name] for name in wanted} == wanted


def test_tests_leave_the_sites_own_database_alone():
    code = "from tests import settings; print(settings.DATABASES['default']['ENGINE'])"
    _, engine, _ = run(sys.executable, "-c", code, DATABASE_URL="postgres://user:a-password@host/clinic")
    assert engine == "django.db.backends.sqlite3\n"


def test_postgresql_without_its_driver_is_one_line(tmp_path):
    (tmp_path / "psycopg.py").write_text("raise ImportError")
    environment = {"DATABASE_URL": "postgres://user:a-password@host/clinic", "PYTHONPATH": str(tmp_path)}
    status, _, error = run(sys.executable, "manage.py", "check", **environment)
    assert status != 0
    assert error == "Configuration: DATABASE_URL needs psycopg: pip install -r requirements/postgres.txt\n"


@pytest.mark.parametrize("option", ["", "?no_such_option=1"])
def test_server_that_does_not_answer_is_one_line(tmp_path, option):
    environment = {"DATABASE_URL": f"postgres://user:a-password@127.0.0.1:1/clinic{option}", "DATA_DIR": str(tmp_path)}
    status, _, error = run(sys.executable, "manage.py", "prepare", **environment)
    assert status != 0
    assert error.startswith("CommandError: The database: ")
    assert error.count("\n") == 1
    assert "a-password" not in error


def test_https_makes_cookies_and_redirects_strict(configured):
    names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_HSTS_SECONDS")
    names += ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")
    strict = configured({"SITE_URL": "https://www.example.com"})
    assert [strict[name] for name in names] == [True, True, True, 31_536_000, "__Host-session", "__Host-csrf"]
    plain = configured()
    assert [plain[name] for name in names] == [False, False, False, 0, "session", "csrf"]


def test_policy_is_the_same_text_in_each_process():
    code = """if True:
        from csp.decorators import csp
        from csp.middleware import CSPMiddleware
        from django.conf import settings
        from django.http import HttpResponse
        from django.test import RequestFactory
        from clinic_site.middleware import security_headers
        page = csp(settings.ADMIN_CONTENT_SECURITY_POLICY)(lambda request: HttpResponse())
        print(security_headers(CSPMiddleware(page))(RequestFactory().get("/")).headers["Content-Security-Policy"])
    """
    environment = {"DJANGO_SETTINGS_MODULE": "clinic_site.settings"}
    first, second = (run(sys.executable, "-c", code, PYTHONHASHSEED=seed, **environment) for seed in "12")
    assert first == second
    assert "script-src 'self'" in first[1]


def test_secret_of_32_characters_will_do(configured):
    assert configured({"SECRET_KEY": "x" * 32})["SECRET_KEY"] == "x" * 32


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Xk3-pq", "password_too_short"),
        ("password123", "password_too_common"),
        ("84629017365", "password_entirely_numeric"),
        ("bianca.moreno", "password_too_similar"),
    ],
)
def test_weak_password_is_refused(db, django_user_model, password, code):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, django_user_model(username="bianca.moreno"))
    assert [error.code for error in refused.value.error_list] == [code]


def shown_by_database(command):
    with connection.cursor() as cursor:
        cursor.execute(command)
        return cursor.fetchone()[0]


def test_database_waits_for_its_turn(db):
    if connection.vendor == "postgresql":
        assert shown_by_database("SHOW lock_timeout") == "20s"
        assert shown_by_database("SHOW transaction_isolation") == "read committed"
    else:
        assert shown_by_database("PRAGMA journal_mode") == "wal"
        assert shown_by_database("PRAGMA busy_timeout") == 20_000
        assert connection.transaction_mode == "IMMEDIATE"


def test_secret_that_make_writes_is_for_its_owner_alone(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / ".venv/python").touch()
    assert run("make", ".env", cwd=tmp_path)[0] == 0
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"SECRET_KEY=[\w-]{60,}\n", (tmp_path / ".env").read_text())


def test_debug_is_off_unless_asked_for(configured):
    assert configured()["DEBUG"] is False
    assert configured({"DEBUG": "on"})["DEBUG"] is True


def test_start_before_the_static_files_are_gathered_is_one_line(tmp_path):
    command = (sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "clinic_site.wsgi")
    status, output, error = run(*command, BUILD_DIR=str(tmp_path))
    assert status != 0
    assert (output, error) == (
        "",
        "The static files are not gathered yet. Before each start: python manage.py prepare\n",
    )


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-m", "gunicorn", "--bind", "0.0.0.0:8999", "clinic_site.wsgi"),
        (sys.executable, "-m", "gunicorn", "--bind", "unix:/tmp/never-made.sock", "clinic_site.wsgi"),
        (sys.executable, "manage.py", "runserver", "--noreload", "0.0.0.0:8999"),
    ],
    ids=["address", "socket", "runserver"],
)
def test_only_this_machine_is_served_until_the_host_is_known(command):
    status, _, error = run(*command)
    assert status != 0
    assert "Configuration: set SITE_URL or ALLOWED_HOSTS" in error
    assert "Traceback" not in error
