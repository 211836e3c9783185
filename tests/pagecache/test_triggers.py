"""The version of the content changes with each change of content, however it is made, and with nothing else."""

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from pagecache import triggers
from pagecache.models import ContentVersion
from pagecache.triggers import content_tables, create_triggers, expected_triggers, missing_triggers
from pages.models import Page
from publishing.models import Revision, Stored
from publishing.revisions.record import record_version
from services.models import Benefit, Service
from tests.admin.rows import MAKERS


def version():
    """The version as it is at the commit: there PostgreSQL's triggers have run."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT set_config('content.changed_in', '', true)")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return ContentVersion.objects.get().value


@pytest.fixture
def changed(db):
    """Whether the version is another than when this was last asked."""
    last = [version()]

    def ask():
        last.append(version())
        return last[-1] != last[-2]

    return ask


@pytest.fixture
def sql():
    def run(statement, *values):
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


WAYS = {
    "save": lambda service: service.save(),
    "update": lambda service: Service.objects.update(title="New"),
    "bulk_update": lambda service: Service.objects.bulk_update([service], ["title"]),
    "bulk_create": lambda service: Benefit.objects.bulk_create([Benefit(service=service, text="x", position=9)]),
    "delete": lambda service: service.benefits.first().delete(),
    "delete of a queryset": lambda service: Benefit.objects.all().delete(),
    "raw delete": lambda service: Benefit.objects.all()._raw_delete("default"),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_change_content_counts(service, changed, way):
    WAYS[way](service)
    assert changed()
    assert not changed()


def test_raw_sql_counts(service, changed, sql):
    sql("UPDATE services_benefit SET text = 'x'")
    assert changed()
    sql("DELETE FROM services_claim")
    assert changed()
    sql("UPDATE services_service SET title = 'x' WHERE slug = 'none'")
    assert not changed()


def test_loaddata_counts(service, changed, tmp_path):
    file = tmp_path / "service.json"
    file.write_text(serializers.serialize("json", [service]))
    call_command("loaddata", file, verbosity=0)
    assert changed()


@pytest.mark.parametrize("model", [name for name in MAKERS if name.split("_")[0] not in ("auth", "redirects")])
def test_rows_of_each_content_model_count(changed, model):
    MAKERS[model](1)
    assert changed()


def test_dated_draft_counts_for_it_becomes_public_by_itself(service, changed, manager):
    live = record_version(Service, service.pk)
    assert changed()
    Revision.objects.filter(pk=live.pk).update(apply_at=timezone.now())
    assert changed()


def test_people_and_sessions_do_not_count(changed, client, manager):
    client.force_login(manager)
    User.objects.update(first_name="x")
    assert not changed()


def test_change_that_is_taken_back_does_not_count(changed, service):
    changed()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        Service.objects.update(title="x")
        raise ZeroDivisionError
    assert not changed()


def test_tables_of_all_content_and_of_nothing_else_are_watched():
    content = {model for model in apps.get_models() if issubclass(model, Stored)} | {Revision}
    assert set(content_tables()) == {model._meta.db_table for model in content}
    assert {"pages_openinghours", "services_faq", "pictures_picture"} < set(content_tables())
    assert not {"auth_user", "django_session", "publishing_contentversion"} & set(content_tables())


def test_table_that_a_migration_remakes_is_watched_again(service, changed, sql):
    name, (table, _) = next(
        (name, at) for name, at in expected_triggers(connection.vendor).items() if at[0] == "services_service"
    )
    sql(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))
    assert missing_triggers() == {name}
    (fault,) = [error for error in run_checks(databases=["default"]) if error.id == "pagecache.W001"]
    assert "1 triggers are missing" in fault.msg
    with pytest.raises(CommandError, match="triggers are missing"):
        call_command("check", databases=["default"], fail_level="WARNING")
    changed()
    call_command("migrate", verbosity=0, skip_checks=False)
    assert missing_triggers() == set()
    assert changed(), "what was changed meanwhile was not noticed"
    assert [error for error in run_checks(databases=["default"]) if error.id == "pagecache.W001"] == []
    Service.objects.update(title="x")
    assert changed()


def test_triggers_made_twice_are_there_once(db):
    create_triggers()
    create_triggers()
    assert missing_triggers() == set()
    assert ContentVersion.objects.count() == 1


def test_nothing_is_watched_before_the_version_has_its_table(db, monkeypatch):
    monkeypatch.setattr(triggers, "TABLE", "made_by_a_later_migration")
    create_triggers()


@pytest.mark.django_db(transaction=True)
def test_emptied_database_has_a_version_again(page_rows):
    assert ContentVersion.objects.count() == 1
    before = ContentVersion.objects.get().value
    Page.objects.all().delete()
    assert ContentVersion.objects.get().value != before


@pytest.fixture
def page_rows(transactional_db):
    call_command("flush", interactive=False, verbosity=0)
    Page.objects.create(title="One", slug="one")
