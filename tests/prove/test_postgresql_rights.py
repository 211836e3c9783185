"""A PostgreSQL server that does not let us: one line says what to do."""

import psycopg
import pytest

from tests.prove.process import Site
from tests.prove.test_unusable_data import prepare


@pytest.fixture
def stranger(postgresql, tmp_path):
    """The site of a role that does not own its database."""
    address = postgresql.new_database()
    name = address.rpartition("/")[2]
    with psycopg.connect(host=str(postgresql.folder), user="clinic", dbname=name, autocommit=True) as connection:
        connection.execute("CREATE ROLE stranger LOGIN")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        yield Site(tmp_path, address.replace("clinic@", "stranger@")), connection
        connection.execute("DROP OWNED BY stranger")
        connection.execute("DROP ROLE stranger")


def test_role_that_may_create_nothing_is_told_who_must_own_the_database(stranger):
    site, connection = stranger
    for allowed in ("", "CREATE TABLE django_migrations (id bigserial, app text, name text, applied timestamptz)"):
        connection.execute(allowed or "SELECT 1")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger")
        status, printed = prepare(site)
        assert status == 1
        assert printed.startswith("CommandError: The database: ")
        assert "The role must own the database" in printed
        assert printed.count("\n") == 1
