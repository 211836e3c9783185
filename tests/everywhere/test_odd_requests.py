"""Whatever is sent to the site, as its server would hand it on: an answer of our own, and no fault."""

import re
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic_site.address import OneAddress
from clinic_site.front import behind_cache
from clinic_site.places import close_connections, with_own_errors
from pagecache.cache import PageCache
from pagecache.sqlite import Reader
from tests.everywhere.walk import ADDRESSES, DOWNLOADS, MISSING

pytestmark = pytest.mark.django_db(transaction=True)
FEW = settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
# What Django says to who sent a session that there is not, or a token that is none
TAKEN_BACK = re.compile(r'\s*session=""; expires=Thu, 01 Jan 1970|\s*csrf=')
BODILESS = {405, 416}  # of files, by whitenoise
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data; boundary=x"

LATIN = st.text(st.characters(max_codepoint=255), max_size=40)
ODD_PATHS = (
    "",
    "*",
    "//",
    "/.",
    "//elsewhere.example/",
    "http://elsewhere.example/",
    "elsewhere.example:443",
    "/static/../manage.py",
    "/static//etc/passwd",
    "/static/css/..\\..\\manage.py",
    "/static/\x00",
    "/media/../site.sqlite3",
    "/media/" + "0" * 32 + "-1.webp",
    "/draft/x/",
    "/draft/1:x:y/",
    "/favicon.ico",
    "/apple-touch-icon.png",
    "/services/" + "x" * 5000 + "/",
    "/\xff\xfe/",
    "/contact/\r\nSet-Cookie: a=b/",
    "/contact",
    "/admin",
    "/admin/login/",
    "/admin/logout/",
    "/admin/services/service/add/",
    "/admin/jsi18n/",
)
PATHS = st.one_of(
    st.sampled_from([address.split("?")[0] for address in (*ADDRESSES, *DOWNLOADS, MISSING)]),
    st.sampled_from(ODD_PATHS),
    LATIN.map("/{}".format),
)
QUERIES = st.one_of(
    st.just(""),
    st.sampled_from(["page=2", "page=%00", "page=" + "9" * 5000, "question=x", "%", "&&==", "next=//x", "\xff=\xff"]),
    LATIN,
)
METHODS = (
    "GET",
    "GET",
    "HEAD",
    "POST",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "PROPFIND",
    "X" * 99,
)
CHARSETS = ("utf-8", "utf-16", "unknown", "utf-7", "latin-1", "\xff", "", '"utf-8')
TYPES = st.one_of(
    st.sampled_from([FORM, f"{FORM}; charset=UTF-8", FILES, ";", "a/b/c", ""]),
    st.tuples(st.sampled_from([FILES, "text/plain", "application/json"]), st.sampled_from(CHARSETS)).map(
        "; charset=".join
    ),
    LATIN,
)
HEADERS = {
    "HTTP_HOST": (
        "elsewhere.example",
        "testserver:99999",
        "testserver:x",
        "",
        "[::1",
        "TESTSERVER",
        ".testserver",
        "\xff",
    ),
    "HTTP_COOKIE": (
        "session=x; csrf=y",
        "session=" + "x" * 8000,
        "=",
        ";;;",
        'a="',
        "session=\xff",
        "csrf=" + "a" * 32,
    ),
    "HTTP_ACCEPT_LANGUAGE": ("xx", "*", "en;q=x", "de-" * 500, "\xff"),
    "HTTP_ACCEPT_ENCODING": ("br;q=x", "gzip;q=0, *;q=0", "x" * 5000, "\xff"),
    "HTTP_CONTENT_ENCODING": ("gzip", "x"),
    "HTTP_TRANSFER_ENCODING": ("chunked", "xchunked"),
    "HTTP_X_FORWARDED_FOR": ("1.2.3.4", "x"),
    "HTTP_X_FORWARDED_HOST": ("elsewhere.example",),
    "HTTP_X_FORWARDED_PROTO": ("https", "x"),
    "HTTP_X_FORWARDED_PREFIX": ("/x",),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE",),
    "HTTP_RANGE": ("bytes=0-1", "bytes=-1", "bytes=9-1", "bytes=0-0,1-1", "x=1", "bytes=" + "9" * 99 + "-"),
    "HTTP_IF_NONE_MATCH": ("*", '"', 'W/"x"', "x" * 5000, "\xff"),
    "HTTP_IF_MODIFIED_SINCE": ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Jan 99999 00:00:00 GMT"),
    "HTTP_EXPECT": ("100-continue", "x"),
    "HTTP_ORIGIN": ("null", "http://elsewhere.example", "x"),
    "HTTP_REFERER": ("http://elsewhere.example/", "\xff", "http://[::1"),
    "HTTP_X_REQUESTED_WITH": ("XMLHttpRequest",),
    "HTTP_CONNECTION": ("upgrade",),
    "HTTP_UPGRADE": ("websocket", "h2c"),
}
SOME_HEADERS = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in HEADERS.items()})
BODIES = st.one_of(
    st.just(b""),
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"username=a&password=b",
            b"csrfmiddlewaretoken=%00",
            b"&" * 20_000,
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="../a"\r\n\r\nx\r\n--x--\r\n',
            b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\n=\r\n--x--',
            b"--x\r\n\r\n--x",
        ]
    ),
)
LENGTHS = ("right", "right", "", "0", "7", "999999")  # gunicorn hands on digits alone


@pytest.fixture
def application(full_site, monkeypatch):
    """The whole site as its server calls it; `full_site` is committed."""
    monkeypatch.setitem(connections.databases, "default", dict(connections.databases["default"]))
    monkeypatch.setattr("clinic_site.front.atexit.register", lambda function: None)
    django = get_wsgi_application()
    site = behind_cache(django)
    assert isinstance(site, PageCache)
    yield with_own_errors(OneAddress(site, django), django)
    close_connections()
    if isinstance(site.read_version, Reader):
        site.read_version.close()


def asked(application, environ):
    """(status, headers, body) of an answer, as a server reads it to its end."""
    setup_testing_defaults(environ)
    told = []
    result = application(environ, lambda status, headers, exc_info=None: told.extend((status, headers)))
    try:
        body = b"".join(result)
    finally:
        if hasattr(result, "close"):
            result.close()
    return int(told[0][:3]), told[1], body


def judge(environ, status, headers, body):
    told = (status, {name: environ[name] for name in environ if not name.startswith("wsgi.")})
    assert 200 <= status < 500, told
    assert b"Traceback" not in body, told
    assert not any(re.search(r"[\r\n\x00]", value) for _, value in headers), told
    if not environ["PATH_INFO"].startswith("/admin"):
        cookies = [value for name, value in headers if name.lower() == "set-cookie"]
        may_be_taken_back = status != 200 and "HTTP_COOKIE" in environ
        assert not [value for value in cookies if not (may_be_taken_back and TAKEN_BACK.match(value))], told
    if status >= 400 and (body or status not in BODILESS) and environ["REQUEST_METHOD"] != "HEAD":
        assert dict(headers)["Content-Type"].startswith("text/html"), told
        assert b'<html lang="en-US">' in body, told
        assert b"<h1>" in body, told
    if environ["REQUEST_METHOD"] == "HEAD":
        assert body == b"", told


def environ_of(path, query, method, kind, headers, body_and_length):
    body, length, has_token = body_and_length
    if has_token:
        body += b"&csrfmiddlewaretoken=" + b"a" * 32
        headers = headers | {"HTTP_COOKIE": "csrf=" + "a" * 32}
    length = str(len(body)) if length == "right" else length
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "testserver"}
    return environ | headers | {"CONTENT_TYPE": kind, "CONTENT_LENGTH": length, "wsgi.input": BytesIO(body)}


BODIES_AND_LENGTHS = st.tuples(BODIES, st.sampled_from(LENGTHS), st.booleans())


@FEW
@given(st.builds(environ_of, PATHS, QUERIES, st.sampled_from(METHODS), TYPES, SOME_HEADERS, BODIES_AND_LENGTHS))
def test_odd_request_gets_an_answer_of_our_own(application, caplog, environ):
    caplog.clear()
    judge(environ, *asked(application, environ))
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")], caplog.text


def test_page_after_odd_requests_is_that_before(application):
    def home():
        return asked(application, {"PATH_INFO": "/", "HTTP_HOST": "testserver"})

    before = home()
    for name, values in HEADERS.items():
        for value in values:
            environ = {"PATH_INFO": "/", "HTTP_HOST": "testserver", name: value}
            judge(environ, *asked(application, environ))
            assert home() == before, (name, value)
    assert before[0] == 200
    assert Client().get("/").content == before[2]
