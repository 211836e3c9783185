from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application

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
