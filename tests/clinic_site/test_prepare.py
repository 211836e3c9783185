import errno

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, transaction
from django.db.migrations.recorder import MigrationRecorder

from clinic_site.management.commands import prepare
from clinic_site.serving import newer_database_error


def test_checks_wait_for_the_folder_of_the_database(db, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path / "data"
    found = []
    monkeypatch.setattr(prepare, "call_command", lambda *args, **options: None)
    monkeypatch.setattr(prepare.Command, "check", lambda self, **options: found.append(settings.DATA_DIR.exists()))
    prepare.Command().execute(force_color=False, no_color=True, skip_checks=False, verbosity=0)
    assert found == [True]


def test_static_files_that_cannot_be_written_are_told(db, settings, tmp_path, monkeypatch):
    def call(name, **options):
        if name == "collectstatic":
            raise PermissionError(errno.EACCES, "Permission denied", "build/static")

    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(prepare, "call_command", call)
    with pytest.raises(CommandError, match=r"^Cannot use build/static: Permission denied\. The user who starts"):
        call_command("prepare", verbosity=0)


def test_fault_of_the_code_keeps_its_traceback(db, settings, tmp_path, monkeypatch):
    def call(name, **options):
        with prepare.connection.cursor() as cursor:
            cursor.execute("SELECT nothing")

    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(prepare, "call_command", call)
    with pytest.raises(DatabaseError), transaction.atomic():
        call_command("prepare", verbosity=0)


def test_refused_password_is_told_with_how_to_write_it():
    fault = OperationalError('connection failed: FATAL:  password authentication failed for user "clinic"')
    assert str(prepare.database_fault(fault)).endswith("a sign such as % must be written there as %25.")
    assert prepare.advice_for(OperationalError("anything else")) is None


def test_database_of_a_newer_release_is_refused(db, settings, tmp_path):
    assert newer_database_error() == ""
    settings.DATA_DIR = tmp_path
    recorder = MigrationRecorder(prepare.connection)
    recorder.record_applied("auth", "9999_newest")
    recorder.record_applied("an_app_of_old", "9999_newest")
    assert "this one lacks: auth.9999_newest. Start that release" in newer_database_error()
    with pytest.raises(CommandError, match=r"auth\.9999_newest"):
        call_command("prepare", verbosity=0)


def test_migration_before_the_last_one_that_is_known_was_squashed(db):
    recorder = MigrationRecorder(prepare.connection)
    last = recorder.migration_qs.filter(app="auth").order_by("pk").last()
    recorder.record_applied("auth", "0000_old")
    last.delete()
    recorder.record_applied("auth", last.name)
    assert newer_database_error() == ""


def test_database_that_does_not_answer_is_no_newer_one(db, monkeypatch):
    def fail():
        raise OperationalError

    monkeypatch.setattr("clinic_site.serving.applied_migrations", fail)
    assert newer_database_error() == ""


def test_file_that_is_not_there_is_not_made(settings, tmp_path, monkeypatch):
    monkeypatch.setitem(prepare.connection.settings_dict, "NAME", tmp_path / "none.sqlite3")
    monkeypatch.setattr("clinic_site.serving.connection.vendor", "sqlite", raising=False)
    assert newer_database_error() == ""
    assert list(tmp_path.iterdir()) == []


def test_pages_for_a_proxy_to_answer_with_are_gathered(db, settings, tmp_path, monkeypatch):
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    monkeypatch.setattr(prepare, "call_command", lambda *args, **options: None)
    call_command("prepare", verbosity=0)
    told = {path.name: path.read_text() for path in (tmp_path / "errors").iterdir()}
    assert sorted(told) == ["400.html", "413.html", "503.html"]
    assert "Back soon." in told["503.html"]
    assert not any("{" in text for text in told.values())
