import sqlite3

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, connection
from django.test import Client
from pytest_django.asserts import assertContains, assertTemplateUsed

from clinic_site.logs import request_id
from pagecache.middleware import DATABASE_DOWN
from pages.models import Clinic
from tests.everywhere.walk import picture
from tests.pictures.images import quarters


@pytest.fixture
def failing(monkeypatch):
    """A client for a site whose pages all meet this fault."""

    def make(fault):
        def fail(*args):
            raise fault

        monkeypatch.setattr(Clinic, "current", fail)
        return Client(raise_request_exception=False)

    return make


@pytest.mark.parametrize("fault", [OperationalError("gone"), InterfaceError("closed"), DatabaseError("not a database")])
def test_database_that_does_not_answer_is_told_as_soon_over(db, failing, fault):
    response = failing(fault).get("/contact/")
    assert response.status_code == 503
    assertTemplateUsed(response, "503.html")
    assert response.headers["Retry-After"] == "30"
    assert response.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "noindex" in response.content.decode()


@pytest.mark.parametrize("fault", [ZeroDivisionError(), IntegrityError("taken")])
def test_any_other_fault_is_ours(db, failing, fault):
    response = failing(fault).get("/contact/")
    assert response.status_code == 500
    assertTemplateUsed(response, "500.html")
    assert "this number finds it" not in response.content.decode()


def test_fault_has_a_number_to_tell_us(db, failing):
    token = request_id.set("1a2b3c4d")
    try:
        assertContains(failing(ZeroDivisionError()).get("/contact/"), "in our records: 1a2b3c4d", status_code=500)
    finally:
        request_id.reset(token)


@pytest.mark.parametrize(
    "change",
    ["ALTER TABLE testimonials_testimonial RENAME COLUMN quote TO other", "DROP TABLE testimonials_testimonial"],
)
def test_column_or_table_that_is_missing_is_ours(clinic, client, change, caplog):
    connection.check_constraints()  # PostgreSQL changes no table while triggers wait for the commit
    with connection.cursor() as cursor:
        cursor.execute(change)
    client.raise_request_exception = False
    assert client.get("/testimonials/").status_code == 500
    assert "Internal Server Error: /testimonials/" in caplog.text


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR])
def test_file_that_cannot_be_read_is_told_as_soon_over(db, failing, code):
    fault, cause = OperationalError("as SQLite says"), sqlite3.OperationalError("as SQLite says")
    fault.__cause__, cause.sqlite_errorcode = cause, code
    assert failing(fault).get("/contact/").status_code == 503


@pytest.mark.parametrize("path", ["/", "/no-such-page/", "/admin/", "/admin/login/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_waits_for_a_database_that_was_found_not_to_answer(db, client, method, path, django_assert_num_queries):
    client.raise_request_exception = False
    with django_assert_num_queries(0):
        response = getattr(client, method)(path, **{DATABASE_DOWN: True})
    assert response.status_code == 503
    assertTemplateUsed(response, "503.html")


def test_pictures_need_no_database(db, client):
    path = picture(quarters()).file.url
    response = client.get(path, **{DATABASE_DOWN: True})
    assert response.status_code == 200
    response.close()


def test_page_for_an_outage_needs_no_database(db, failing, django_assert_num_queries):
    client = failing(OperationalError("gone"))
    client.get("/contact/")
    with django_assert_num_queries(1):  # whether a dated change is due; in an outage that is the one to fail
        client.get("/contact/")
