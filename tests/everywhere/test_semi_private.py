"""The parts of Django that are not documented and that the site is built on: each test fails first when one changes."""

from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.core.handlers.wsgi import get_path_info
from django.core.paginator import Paginator
from django.db import OperationalError, connection, connections
from django.db.models import SlugField, Value
from django.http.request import split_domain_port, validate_host

from pagecache.models import ContentVersion
from services.models import Service


class Placeholder(Value):
    def as_sql(self, compiler, connection):
        return "%s", (self,)


def test_sql_with_params_gives_the_compiled_query_with_expressions_as_they_are():
    """pagecache/queries.py compiles a query once."""
    placeholder = Placeholder("slug", SlugField())
    sql, parameters = Service.objects.filter(slug=placeholder).query.sql_with_params()
    assert sql.startswith("SELECT ")
    assert "%s" in sql
    assert len(parameters) == 1
    assert isinstance(parameters[0], Placeholder)
    assert parameters[0].value == "slug"
    assert isinstance(parameters[0].output_field, SlugField)


def test_converters_of_a_column_make_of_what_the_driver_returns_what_a_queryset_gives(service):
    """pagecache/queries.py reads rows by them."""
    for name, value in (("id", service.pk), ("updated_at", service.updated_at), ("title", service.title)):
        column = Service._meta.get_field(name).get_col(Service._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {name} FROM {Service._meta.db_table}")
            (found,) = cursor.fetchone()
        for convert in connection.ops.get_db_converters(column) + column.get_db_converters(connection):
            found = convert(found, column, connection)
        assert found == value
        assert type(found) is type(value)


def test_value_is_adapted_to_the_database_before_a_cursor_takes_it(service):
    """pagecache/queries.py prepares the values of a query by `get_db_prep_value`."""
    key = Service._meta.pk.get_db_prep_value(service.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT slug FROM {Service._meta.db_table} WHERE id = %s", [key])
        assert cursor.fetchall() == [(service.slug,)]


def test_driver_connection_and_settings_of_a_connection_can_be_reached(db):
    """pagecache/readers.py looks whether Django's own connection sees the version."""
    connection.ensure_connection()
    cursor = connections["default"].connection.cursor()
    cursor.execute(f"SELECT count(*) FROM {ContentVersion._meta.db_table}")
    assert cursor.fetchone() == (1,)
    assert connection.settings_dict["NAME"]
    assert connection.get_connection_params()


def test_introspection_lists_the_tables(db):
    """pagecache/triggers.py expects triggers on the tables that are there."""
    assert ContentVersion._meta.db_table in connection.introspection.table_names()


def test_settings_of_databases_can_be_changed_before_a_connection_is_made(monkeypatch):
    """clinic_site/front.py lets no server make an empty file in the place of a lost one."""
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 7)
    assert connections.create_connection("default").settings_dict["CONN_MAX_AGE"] == 7


def test_path_and_host_of_a_request_are_read_by_functions_of_django():
    """clinic_site/front.py decides before Django whose address it is."""
    assert get_path_info({"PATH_INFO": "/caf\xc3\xa9/"}) == "/café/"
    assert split_domain_port("www.Example.com:8000") == ("www.example.com", "8000")
    assert validate_host("www.example.com", ["www.example.com"])
    assert not validate_host("evil.example", ["www.example.com"])


def test_count_of_a_paginator_can_be_given():
    """pages/views.py counts the rows of a list once a version."""
    paginator = Paginator([1, 2, 3], 2)
    paginator.count = 5
    assert paginator.num_pages == 3


def test_error_of_the_driver_is_the_cause_of_djangos(db):
    """clinic_site/faults.py tells wrong SQL from an outage."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing")
    except Exception as error:
        fault = error
    assert type(fault.__cause__).__module__.partition(".")[0] in ("sqlite3", "psycopg")
    assert isinstance(fault, OperationalError) == (connection.vendor == "sqlite")


def test_message_middleware_gives_a_request_an_empty_store_again(rf):
    """clinic_site/admin_site.py drops the messages of a call that is retried."""
    request = rf.get("/")
    request.session = {}
    for text in ("first", "second"):
        MessageMiddleware(lambda request: None).process_request(request)
        messages.success(request, text)
    assert [str(message) for message in messages.get_messages(request)] == ["second"]
