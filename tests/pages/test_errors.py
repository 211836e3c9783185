import pytest
from django.db import connection
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Clinic


@pytest.mark.parametrize(
    "address", ["/no-such-page/", "/services/no/", "/no.html", "/ü/", "/a/b/c", "/%00/", "/" + "x" * 3000]
)
def test_missing_page_is_designed(client, clinic, address):
    answer = client.get(address, follow=True)
    assertContains(answer, "This page is not here.", status_code=404)
    assertContains(answer, "lost-light.svg", status_code=404)
    assertContains(answer, '<meta name="robots" content="noindex">', status_code=404)
    assertNotContains(answer, "canonical", status_code=404)


def test_fault_page_needs_no_database(clinic):
    def gone(*args):
        raise RuntimeError("the database is gone")

    with connection.execute_wrapper(gone):
        answer = Client(raise_request_exception=False).get("/")
    assertContains(answer, "Something went wrong.", status_code=500)
    assertContains(answer, '<meta name="robots" content="noindex">', status_code=500)
    assert "Clifton" not in answer.content.decode()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_fault_is_logged_without_what_was_typed(clinic, monkeypatch, caplog):
    monkeypatch.setattr(Clinic, "current", lambda: 1 / 0)
    Client(raise_request_exception=False).get("/contact/?name=Jane+Doe")
    assert "Internal Server Error: /contact/" in caplog.text
    assert "Jane" not in caplog.text


def test_what_a_visitor_mistypes_is_not_logged(client, clinic, caplog):
    client.get("/jane-doe/?name=Jane+Doe")
    client.post("/jane-doe/")
    client.get("/", headers={"host": "jane.example"})
    assert caplog.text == ""


def test_address_without_its_slash_finds_its_page(client, clinic):
    assert client.get("/contact", follow=True).redirect_chain == [("/contact/", 301)]
