"""What of a newer release's migrations an older one, which still serves, can live with."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from clinic_site.overlap import disturbing, places, to_migrate


def migration(app, *operations):
    found = migrations.Migration("9999_newest", app)
    found.operations = list(operations)
    return found


def nothing(apps, schema_editor):
    pass


HARMLESS = [
    migrations.CreateModel("Later", [("id", models.AutoField(primary_key=True))]),
    migrations.AddField("service", "later", models.TextField(null=True)),
    migrations.AddField("service", "later", models.TextField(db_default="")),
    migrations.AddIndex("service", models.Index(fields=["id"], name="later")),
    migrations.SeparateDatabaseAndState(state_operations=[migrations.RemoveField("service", "title")]),
]
DISTURBING = [
    migrations.RemoveField("service", "title"),
    migrations.RenameField("service", "title", "later"),
    migrations.DeleteModel("Service"),
    migrations.AddField("service", "later", models.TextField(default="")),  # the older one's INSERT lacks it
    migrations.AlterField("service", "title", models.CharField(max_length=1)),
    migrations.AddConstraint("service", models.UniqueConstraint(fields=["title"], name="later")),
    migrations.RunPython(nothing, nothing),  # nobody knows what code does
    migrations.RunSQL("SELECT 1", "SELECT 1"),
    migrations.SeparateDatabaseAndState([migrations.RemoveField("service", "title")]),
]


@pytest.mark.parametrize("operation", HARMLESS, ids=lambda operation: operation.describe())
def test_what_adds_is_harmless(db, operation):
    assert list(disturbing(MigrationLoader(connection), [migration("services", operation)])) == []


@pytest.mark.parametrize("operation", DISTURBING, ids=lambda operation: operation.describe())
def test_what_takes_away_or_cannot_be_undone_is_named(db, operation):
    found = list(disturbing(MigrationLoader(connection), [migration("services", operation)]))
    assert found == [f"services.9999_newest: {operation.describe()}"]


def test_only_words_of_a_field_are_harmless(db):
    loader = MigrationLoader(connection)
    field = loader.project_state().models["services", "service"].fields["title"].clone()
    field.help_text = "Another sentence."
    assert list(disturbing(loader, [migration("services", migrations.AlterField("service", "title", field))])) == []


def test_app_that_the_older_release_does_not_know_may_do_anything(db):
    operations = [
        migrations.CreateModel("A", [("id", models.AutoField(primary_key=True))]),
        migrations.DeleteModel("A"),
    ]
    assert list(disturbing(MigrationLoader(connection), [migration("newer", *operations)])) == []


def test_place_of_the_database_is_told_app_by_app(db, capsys):
    applied = MigrationRecorder(connection).migration_qs
    call_command("migrations_behind")
    assert json.loads(capsys.readouterr().out) == {}
    applied.filter(app="services").order_by("name").last().delete()
    applied.filter(app="testimonials").delete()
    before = applied.filter(app="services").order_by("name").last().name
    call_command("migrations_behind")
    assert json.loads(capsys.readouterr().out) == {"services": before, "testimonials": "zero"}
    loader, plan = to_migrate()
    assert places(loader, plan)["services"] == before


def test_database_of_a_newer_release_is_refused(db):
    MigrationRecorder(connection).record_applied("auth", "9999_newest")
    with pytest.raises(CommandError, match=r"auth\.9999_newest"):
        call_command("migrations_behind")


def test_disturbing_migration_is_refused_only_while_the_older_release_serves(db, monkeypatch, capsys):
    from clinic_site.management.commands import migrations_behind

    loader = MigrationLoader(connection)
    plan = [migration("services", DISTURBING[0])]
    monkeypatch.setattr(migrations_behind, "to_migrate", lambda: (loader, plan))
    call_command("migrations_behind")
    assert "services" in json.loads(capsys.readouterr().out)
    with pytest.raises(
        CommandError, match=r"Remove field title from service\. Stop the site for this update: systemctl"
    ):
        call_command("migrations_behind", "--while-serving")
