"""A plugin of pytest: of the tests, only those that ask a database."""

import pytest
from django.db import connection

FIXTURES = {"db", "transactional_db"}


def pytest_collection_modifyitems(config, items):
    of_database = [item for item in items if FIXTURES & set(item.fixturenames) or item.get_closest_marker("django_db")]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(of_database)])
    items[:] = of_database


@pytest.fixture(scope="session", autouse=True)
def end_sessions(django_db_setup, django_db_blocker):
    """PostgreSQL drops no database to which somebody is connected, as a thread is until it is collected."""
    yield
    own = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f"{own} AND pid <> pg_backend_pid()")
