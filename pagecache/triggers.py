"""The version of all content, which the database itself changes with each commit to a content table.

So the admin, a shell, raw SQL and other programs all count, and nothing can be lost between commit and notice.
"""

import logging

from django.core.checks import Warning as CheckWarning
from django.db import DatabaseError, connections, transaction

from pagecache.content import content_models
from pagecache.models import ContentVersion

TABLE = ContentVersion._meta.db_table
EVENTS = ("INSERT", "UPDATE", "DELETE")
ANEW = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}
# Deferred to the commit: the row is locked for a moment only, so that two editors cannot wait for each other. With the
# rights and the search path of its owner, whoever makes the change.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION content_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN
  IF current_setting('content.changed_in', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    PERFORM set_config('content.changed_in', pg_current_xact_id()::text, true);
    UPDATE {TABLE} SET value = {ANEW["postgresql"]} WHERE id = 1;
  END IF;
  RETURN NULL;
END $$"""

log = logging.getLogger(__name__)


def content_tables():
    return sorted(model._meta.db_table for model in content_models())


def names(vendor):
    """The triggers that there must be, as {name: (table, event)}."""
    events = EVENTS if vendor == "sqlite" else ("ROW", "TRUNCATE")
    return {f"{table}_{event.lower()}_counts": (table, event) for table in content_tables() for event in events}


def statement(vendor, name, table, event):
    """The SQL that makes one trigger."""
    if vendor == "sqlite":
        change = f"UPDATE {TABLE} SET value = {ANEW[vendor]} WHERE id = 1"
        return f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" BEGIN {change}; END'
    if event == "TRUNCATE":
        return f'CREATE TRIGGER "{name}" AFTER TRUNCATE ON "{table}" EXECUTE FUNCTION content_changed()'
    return (
        f'CREATE CONSTRAINT TRIGGER "{name}" AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION content_changed()"
    )


def make_triggers(using="default", **kwargs):
    """After each migration: make all triggers anew, for SQLite drops those of a table that a migration remakes."""
    connection = connections[using]
    if connection.vendor not in ANEW or TABLE not in connection.introspection.table_names():
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (id, value) VALUES (1, {ANEW[connection.vendor]}) ON CONFLICT DO NOTHING")
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for name, (table, event) in names(connection.vendor).items():
            place = f' ON "{table}"' if connection.vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{place}')
            cursor.execute(statement(connection.vendor, name, table, event))
        # What was changed while a trigger was missing counts too.
        cursor.execute(f"UPDATE {TABLE} SET value = {ANEW[connection.vendor]}")


def missing(using="default"):
    """The names of the triggers that are not there, of tables that are."""
    connection = connections[using]
    asked = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger",
    }
    if connection.vendor not in asked:
        return set()
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(asked[connection.vendor])
        there = {name for (name,) in cursor.fetchall()}
    return {name for name, (table, _) in names(connection.vendor).items() if table in tables} - there


def triggers_are_installed():
    """Whether the database counts changes of content: without that no page may be cached. An outage counts as yes."""
    try:
        gone = missing()
    except DatabaseError:
        return True
    finally:
        connections.close_all()  # no connection may be shared by processes
    if gone:
        log.error(
            "No page is cached: %s triggers are missing. Run `python manage.py migrate` and start again.", len(gone)
        )
    return not gone


def check_triggers(databases, **kwargs):
    """A system check: without its triggers a change of content would not be noticed.

    A warning, for an error would stop the migration that makes them.
    """
    found = {using: missing(using) for using in databases or ()}
    hint = "Run `python manage.py migrate`."
    told = "Changes of content in “{}” go unnoticed: {} triggers are missing."
    faults = [told.format(using, len(gone)) for using, gone in found.items() if gone]
    return [CheckWarning(text, hint=hint, id="publishing.W001") for text in faults]
