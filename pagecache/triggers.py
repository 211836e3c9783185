"""The triggers by which the database itself replaces the version at each commit to a content table.

So the admin, a shell, raw SQL and other programs all count, and nothing can be lost between commit and notice.
"""

import logging
from typing import Any

from django.db import DatabaseError, connections, transaction

from pagecache.content import content_models
from pagecache.models import ContentVersion

TABLE = ContentVersion._meta.db_table
NEW_VERSION = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()::text"}
EVENTS = {"sqlite": ("INSERT", "UPDATE", "DELETE"), "postgresql": ("ROW", "TRUNCATE")}
LIST_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger",
}
# Deferred to the commit: the row is locked for a moment only, so that two editors cannot wait for each other. With the
# rights and the search path of its owner, whoever makes the change.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION content_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN
  IF current_setting('content.changed_in', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
    PERFORM set_config('content.changed_in', pg_current_xact_id()::text, true);
    UPDATE {TABLE} SET value = {NEW_VERSION["postgresql"]} WHERE id = 1;
  END IF;
  RETURN NULL;
END $$"""

log = logging.getLogger(__name__)


def content_tables() -> list[str]:
    return sorted(model._meta.db_table for model in content_models())


def expected_triggers(vendor: str) -> dict[str, tuple[str, str]]:
    return {
        f"{table}_{event.lower()}_counts": (table, event)
        for table in content_tables()
        for event in EVENTS.get(vendor, ())
    }


def trigger_sql(vendor: str, name: str, table: str, event: str) -> str:
    if vendor == "sqlite":
        change = f"UPDATE {TABLE} SET value = {NEW_VERSION[vendor]} WHERE id = 1"
        return f'CREATE TRIGGER "{name}" AFTER {event} ON "{table}" BEGIN {change}; END'
    if event == "TRUNCATE":
        return f'CREATE TRIGGER "{name}" AFTER TRUNCATE ON "{table}" EXECUTE FUNCTION content_changed()'
    return (
        f'CREATE CONSTRAINT TRIGGER "{name}" AFTER INSERT OR UPDATE OR DELETE ON "{table}" '
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION content_changed()"
    )


def create_triggers(using: str = "default", **kwargs: Any) -> None:
    """Create all triggers anew after each migration: SQLite drops those of a table that a migration remakes."""
    connection = connections[using]
    vendor = connection.vendor
    if vendor not in NEW_VERSION or TABLE not in connection.introspection.table_names():
        return
    with transaction.atomic(using), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (id, value) VALUES (1, {NEW_VERSION[vendor]}) ON CONFLICT DO NOTHING")
        if vendor == "postgresql":
            cursor.execute(FUNCTION)
        for name, (table, event) in expected_triggers(vendor).items():
            place = f' ON "{table}"' if vendor == "postgresql" else ""
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{place}')
            cursor.execute(trigger_sql(vendor, name, table, event))
        # What was changed while a trigger was missing counts too.
        cursor.execute(f"UPDATE {TABLE} SET value = {NEW_VERSION[vendor]}")


def missing_triggers(using: str = "default") -> set[str]:
    connection = connections[using]
    if connection.vendor not in LIST_TRIGGERS:
        return set()
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(LIST_TRIGGERS[connection.vendor])
        found = {name for (name,) in cursor.fetchall()}
    return {name for name, (table, _) in expected_triggers(connection.vendor).items() if table in tables} - found


def triggers_are_installed() -> bool:
    """Whether the database counts changes of content: without that no page may be cached. An outage counts as yes."""
    try:
        missing = missing_triggers()
    except DatabaseError:
        return True
    finally:
        connections.close_all()  # no connection may be shared by processes
    if missing:
        log.error(
            "No page is cached: %s triggers are missing. Run `python manage.py migrate` and start again.", len(missing)
        )
    return not missing
