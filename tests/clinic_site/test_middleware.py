from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import Client
from pytest_django.asserts import assertContains

from tests.everywhere.walk import picture
from tests.pictures.images import quarters


def answer(method, path):
    """(status, headers, body) as a server gets them: the test client removes a body by itself."""
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "testserver", "wsgi.input": BytesIO()}
    setup_testing_defaults(environ)
    told = []
    result = get_wsgi_application()(environ, lambda status, headers: told.extend((status, dict(headers))))
    try:
        return *told, b"".join(result)
    finally:
        result.close()


@pytest.mark.parametrize("path", ["/", "/no-such-page/", "/sitemap.xml", "picture"])
def test_answer_to_head_is_that_to_get_without_its_body(clinic, path):
    path = picture(quarters()).file.url if path == "picture" else path
    status, headers, body = answer("GET", path)
    assert body
    assert answer("HEAD", path) == (status, headers, b"")


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8"])
def test_form_in_utf_8_is_read(clinic, client, charset):
    form = f"application/x-www-form-urlencoded{charset}"
    answer = client.post("/admin/login/", b"username=a&password=b", content_type=form)
    assertContains(answer, "Please enter the correct username")


def test_form_that_cannot_be_parsed_is_refused_in_our_words_at_any_host(clinic):
    client = Client(enforce_csrf_checks=True)
    client.get("/admin/login/")
    for host in ("testserver", "elsewhere.example"):
        for path in ("/admin/login/", "/static/%00", "/no/such/page"):
            answer = client.post(path, b"--x", content_type="multipart/form-data", headers={"host": host})
            assert answer.status_code in (400, 403, 404), (host, path)
            assertContains(answer, "<h1>", status_code=answer.status_code)


@pytest.mark.parametrize("path", ["/", "/contact/", "/sitemap.xml"])
def test_method_that_no_page_has_is_refused_in_our_words(clinic, client, path):
    answer = client.put(path)
    assertContains(answer, "This was not understood.", status_code=405)
    assert "GET" in answer.headers["Allow"]


def test_form_of_too_many_fields_is_refused_in_our_words(clinic, client):
    data = "&".join(f"f{number}=" for number in range(10_002)).encode()
    answer = client.post("/admin/login/", data, content_type="application/x-www-form-urlencoded")
    assertContains(answer, "This was not understood.", status_code=400)
