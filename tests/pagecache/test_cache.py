"""The page cache in front of an application that counts how often it is asked."""

import gzip
import re
import threading
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import brotli
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponse, StreamingHttpResponse

from pagecache.cache import MAX_OUTAGE, PageCache
from pagecache.decorators import FOREVER
from pagecache.middleware import DATABASE_DOWN
from pagecache.page import encoding_for
from pagecache.query_string import normalized_query
from pagecache.state import PAGE_STATE
from pagecache.version import DatabaseDown

TEXT = "Muscle scraping " * 200
PUBLIC = {"/": {}, "/faq/": {"page": re.compile(r"[1-9]\d*")}}


class Behind:
    """The application behind the cache: what it answers can be changed, and it notes what it was asked."""

    def __init__(self):
        self.asked = []
        self.until = FOREVER
        self.answer = lambda environ: HttpResponse(f"{TEXT}{environ['PATH_INFO']}?{environ['QUERY_STRING']}")
        self.is_declared = True

    def __call__(self, environ, start_response):
        self.asked.append(environ)
        response = self.answer(environ)
        if self.is_declared and response.status_code == 200 and PAGE_STATE in environ:
            environ[PAGE_STATE].expires_at = self.until
        cookies = [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.headers.items(), *cookies])
        return response


@pytest.fixture(autouse=True)
def no_database():
    """The end of a request looks after connections, which other tests may have left open."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def behind():
    return Behind()


@pytest.fixture
def version():
    """The version in the database; None while the database is down."""
    return {"now": "one"}


@pytest.fixture
def cache(behind, version):
    def read(checked_within=0):
        if version["now"] is None:
            raise DatabaseDown
        return version["now"]

    site = ("https", "www.example.com")
    return PageCache(behind, read, site, {"www.example.com", "example.com:443"}.__contains__, PUBLIC.get, (3, 100_000))


@pytest.fixture
def ask(cache):
    """(status, headers, body) of an answer."""

    def asked(path="/", query="", method="GET", **headers):
        environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method, "wsgi.url_scheme": "https"}
        environ |= {"HTTP_HOST": "www.example.com"} | headers
        setup_testing_defaults(environ)
        told = []
        body = b"".join(cache(environ, lambda status, headers, exc_info=None: told.extend((status, headers))))
        names = [name.lower() for name, _ in told[1]]
        assert len(names) == len(set(names)), "a header twice"
        return told[0], dict(told[1]), body

    return asked


def test_page_is_made_once_and_served_again(ask, behind):
    first, second = ask(), ask()
    assert first == second
    assert first[0] == "200 OK"
    assert first[2].decode() == f"{TEXT}/?"
    assert first[1]["Content-Length"] == str(len(first[2]))
    assert len(behind.asked) == 1


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpacked"),
    [("br, gzip", "br", brotli.decompress), ("gzip;q=0.5", "gzip", gzip.decompress), ("identity", "", bytes)],
)
def test_answer_is_in_an_encoding_that_the_browser_takes(ask, behind, accepted, encoding, unpacked):
    ask()
    _, headers, body = ask(HTTP_ACCEPT_ENCODING=accepted)
    assert headers.get("Content-Encoding") == (encoding or None)
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Length"] == str(len(body))
    assert unpacked(body).decode() == f"{TEXT}/?"
    assert len(behind.asked) == 1


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("", ""), ("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip", "gzip"), ("*", "br"), ("br;q=x", ""), ("BR", "br")],
)
def test_weights_of_encodings_are_heeded(accepted, encoding):
    assert encoding_for(accepted) == encoding


def test_browser_that_has_the_page_gets_no_body(ask, behind):
    for accepted in ("", "gzip", "br"):
        _, headers, _ = ask(HTTP_ACCEPT_ENCODING=accepted)
        tag = headers["ETag"]
        for asked in (tag, f'"other", W/{tag}', f'"other",{tag},"more"', "*"):
            status, short, body = ask(HTTP_ACCEPT_ENCODING=accepted, HTTP_IF_NONE_MATCH=asked)
            assert (status, body, short["ETag"]) == ("304 Not Modified", b"", tag)
            assert "Content-Length" not in short
            assert "Content-Type" not in short
    assert ask(HTTP_IF_NONE_MATCH='"other"')[0] == "200 OK"
    assert len(behind.asked) == 1


def test_each_encoding_has_a_tag_of_its_own(ask):
    assert len({ask(HTTP_ACCEPT_ENCODING=accepted)[1]["ETag"] for accepted in ("", "gzip", "br")}) == 3


def test_head_is_answered_without_a_body_from_the_same_page(ask, behind):
    _, full, body = ask()
    assert ask(method="HEAD") == ("200 OK", full, b"")
    assert full["Content-Length"] == str(len(body))
    assert len(behind.asked) == 1


def test_head_asked_first_makes_the_whole_page(ask, behind):
    assert ask(method="HEAD")[2] == b""
    assert ask()[2].decode() == f"{TEXT}/?"
    assert [environ["REQUEST_METHOD"] for environ in behind.asked] == ["GET"]


def test_changed_content_makes_the_page_anew(ask, behind, version):
    before = ask()
    version["now"] = "two"
    behind.answer = lambda environ: HttpResponse("Changed")
    assert ask()[2] == b"Changed"
    assert ask()[1]["ETag"] != before[1]["ETag"]
    assert len(behind.asked) == 2


def test_content_changed_while_the_page_is_made_counts_at_the_next_request(ask, behind, version):
    def meanwhile(environ):
        version["now"] = "two"
        return HttpResponse("Old")

    behind.answer = meanwhile
    ask()
    behind.answer = lambda environ: HttpResponse("New")
    assert ask()[2] == b"New"


def test_page_that_may_be_of_two_versions_is_cached_for_an_outage_alone(ask, behind, cache, version):
    """A backup of the first version may be put back."""

    def meanwhile(environ):
        version["now"] = "two"
        return HttpResponse("Of both")

    ask("/faq/")
    assert cache.newest.version == "one"
    behind.answer = meanwhile
    assert ask()[2] == b"Of both"
    assert cache.newest is None
    behind.answer = lambda environ: HttpResponse(status=503)
    version["now"] = None
    assert ask()[2] == b"Of both"
    version["now"] = "one"
    behind.answer = lambda environ: HttpResponse("Restored")
    assert ask()[2] == b"Restored"


def test_page_made_just_before_an_outage_is_cached(ask, behind, version):
    def last(environ):
        version["now"] = None
        return HttpResponse("Last")

    behind.answer = last
    assert ask()[2] == ask()[2] == b"Last"
    version["now"] = "one"
    assert ask()[2] == b"Last"
    assert len(behind.asked) == 1


def test_page_made_just_after_the_last_answer_of_the_database_is_cached(ask, behind, cache, version):
    read = cache.read_version

    def read_last(checked_within=0):
        found, version["now"] = read(), None
        return found

    cache.read_version = read_last
    ask()
    cache.read_version, version["now"] = read, "one"
    ask()
    assert len(behind.asked) == 1


def test_page_ends_at_its_moment(ask, behind, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    behind.until = 1772452860.0  # a minute later
    ask()
    time_machine.move_to("2026-03-02T12:00:59Z", tick=False)
    ask()
    assert len(behind.asked) == 1
    time_machine.move_to("2026-03-02T12:01:00Z", tick=False)
    ask()
    assert len(behind.asked) == 2


def test_page_made_by_a_clock_that_ran_ahead_ends_when_that_is_set_right(ask, behind, time_machine):
    time_machine.move_to("2026-03-04T12:00:00Z", tick=False)
    ask()
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    ask()
    assert len(behind.asked) == 2
    ask()
    assert len(behind.asked) == 2


@pytest.mark.parametrize("query", ["utm_source=mail", "fbclid=1&gclid=2", "utm_medium=a&utm_medium=a"])
def test_tracking_makes_no_page_of_its_own(ask, behind, version, query):
    assert ask(query=query) == ask()
    version["now"] = None
    assert ask(query=query) == ask(), "in an outage as well"
    assert [environ["QUERY_STRING"] for environ in behind.asked] == [""]


def test_declared_parameters_make_pages_of_their_own(ask, behind):
    assert ask("/faq/", "page=2")[2] == ask("/faq/", "utm_source=x&page=2")[2]
    assert ask("/faq/", "page=3")[2].decode() == f"{TEXT}/faq/?page=3"
    assert len(behind.asked) == 2


@pytest.mark.parametrize(
    "query", ["page=x", "page=1&page=2", "other=1", "page=0", "page=", "&".join(f"n{n}=1" for n in range(40)), "%FF=1"]
)
def test_anything_else_in_the_query_is_answered_but_not_cached(ask, behind, cache, query):
    for _ in range(2):
        assert ask("/faq/", query, HTTP_ACCEPT_ENCODING="br")[0] == "200 OK"
    assert [environ["QUERY_STRING"] for environ in behind.asked] == [query] * 2
    assert not cache.store.pages


def test_request_with_neither_host_nor_query_is_answered(cache, behind):
    """HTTP/1.0 asks for no host, and WSGI for no query."""
    cache.is_own_host = {""}.__contains__
    for _ in range(2):
        cache({"REQUEST_METHOD": "GET", "wsgi.url_scheme": "https", "PATH_INFO": "/"}, lambda status, headers: None)
    assert list(cache.store.pages) == [("/", "")]
    assert len(behind.asked) == 1


@pytest.mark.parametrize(("parts", "normalized"), [(30, ""), (31, None)])
def test_query_is_read_only_if_it_is_short(parts, normalized):
    assert normalized_query("&".join(["utm_x=1"] * parts), {}) == normalized


def test_query_is_put_in_order():
    known = {"a": re.compile("."), "b": re.compile(".")}
    assert normalized_query("b=2&a=1", known) == normalized_query("a=1&b=2&utm_x=1", known) == "a=1&b=2"
    assert normalized_query("a=1&b=22", known) is None


def test_nothing_of_a_request_colours_what_others_see(ask, behind):
    ask(
        HTTP_COOKIE="session=1",
        HTTP_ACCEPT_LANGUAGE="de",
        HTTP_X_FORWARDED_HOST="evil.example",
        HTTP_AUTHORIZATION="x",
        REMOTE_ADDR="203.0.113.9",
        HTTP_HOST="example.com:443",
        REMOTE_USER="x",
        SERVER_NAME="evil.example",
        SERVER_PORT="666",
        **{"wsgi.input": BytesIO(b"evil"), "wsgi.version": (1, 0)},
    )
    (seen,) = behind.asked
    assert "evil" not in str(seen)
    assert "666" not in str(seen)
    assert seen["SCRIPT_NAME"] == ""
    assert {name for name in seen if name.startswith("HTTP_")} == {"HTTP_HOST"}
    assert (seen["HTTP_HOST"], seen["REMOTE_ADDR"], seen["QUERY_STRING"]) == ("www.example.com", "127.0.0.1", "")
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("www.example.com", "")
    assert "REMOTE_USER" not in seen
    assert seen["wsgi.input"].read() == b""
    assert seen["wsgi.version"] == (1, 0), "what the server says of itself"


def test_headers_of_a_page_stay_but_for_those_of_one_answer(ask, behind):
    own = {"Content-Language": "en", "Date": "long ago", "ETag": '"x"', "Vary": "Accept-Encoding"}
    own["Content-Length"] = "9"

    def in_pieces(environ):
        response = HttpResponse("To", headers=own)
        response.write("gether")
        return response

    behind.answer = in_pieces
    _, full, body = ask()
    assert body == b"Together"
    assert (full["Content-Language"], full["Content-Length"], "Date" in full) == ("en", "8", False)
    assert full["ETag"] != '"x"'
    _, short, _ = ask(HTTP_IF_NONE_MATCH=full["ETag"])
    assert short["Content-Language"] == "en"
    assert len(behind.asked) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": ""},
        {"wsgi.url_scheme": "http"},
        {"method": "POST"},
        {"method": "PUT"},
        {"path": "/admin/"},
        {"SCRIPT_NAME": "/evil"},
    ],
)
def test_what_is_not_the_sites_own_public_page_goes_straight_to_django(ask, behind, cache, changes):
    for _ in range(2):
        ask(HTTP_COOKIE="session=1", **changes)
    assert [environ["HTTP_COOKIE"] for environ in behind.asked] == ["session=1"] * 2
    assert not cache.store.pages


def with_cookie():
    response = HttpResponse("Yours")
    response.set_cookie("csrf", "x")
    return response


UNFIT = {
    "cookie": with_cookie,
    "private": lambda: HttpResponse("x", headers={"Cache-Control": "private"}),
    "no-store": lambda: HttpResponse("x", headers={"Cache-Control": "max-age=0, no-store"}),
    "vary": lambda: HttpResponse("x", headers={"Vary": "Cookie"}),
    "nonce": lambda: HttpResponse("x", headers={"Content-Security-Policy": "script-src 'nonce-abc'"}),
    "encoded": lambda: HttpResponse("x", headers={"Content-Encoding": "gzip"}),
    "stream": lambda: StreamingHttpResponse(["x"]),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_answer_that_is_not_the_same_for_all_is_never_cached(ask, behind, cache, kind, caplog):
    behind.answer = lambda environ: UNFIT[kind]()
    assert ask(HTTP_COOKIE="session=1")[0] == "200 OK"
    assert not cache.store.pages
    assert behind.asked[-1]["HTTP_COOKIE"] == "session=1"  # this visitor's own answer, made from all that was sent
    assert "Not cached, though declared public: /" in caplog.text


def test_body_that_is_no_response_is_never_cached(ask, cache):
    """Such is a file's, which the server sends by itself."""

    def sends_a_file(environ, start_response):
        if PAGE_STATE in environ:
            environ[PAGE_STATE].expires_at = FOREVER
        start_response("200 OK", [])
        return [b"File"]

    cache.application = sends_a_file
    assert ask()[2] == b"File"
    assert not cache.store.pages


def test_answer_that_no_view_declares_public_is_never_cached(ask, behind, cache):
    behind.is_declared = False
    ask()
    assert not cache.store.pages


@pytest.mark.parametrize("status", [301, 404, 410, 500, 503])
def test_only_whole_pages_are_cached(ask, behind, cache, status):
    behind.answer = lambda environ: HttpResponse("x", status=status)
    assert ask()[0].startswith(str(status))
    assert ask(method="HEAD")[2] == b""
    assert not cache.store.pages


@pytest.mark.parametrize("status", [301, 404, 410, 500])
def test_page_that_is_no_more_is_not_answered_as_it_was(ask, behind, version, status):
    ask()
    version["now"] = "two"
    behind.answer = lambda environ: HttpResponse("x", status=status)
    assert ask()[0].startswith(str(status))


def test_pages_that_were_not_asked_for_longest_go_first(ask, behind):
    for page in (1, 2, 3):
        ask("/faq/", f"page={page}")
    ask("/faq/", "page=1")
    ask("/faq/", "page=4")
    behind.asked.clear()
    for page in (1, 3, 4):
        ask("/faq/", f"page={page}")
    assert not behind.asked
    ask("/faq/", "page=2")
    assert len(behind.asked) == 1


def test_bytes_are_bounded_as_well(ask, behind, cache):
    behind.answer = lambda environ: HttpResponse("x" * 50_000)
    ask()
    assert cache.store.size == 100_000, "as many as may be"
    behind.answer = lambda environ: HttpResponse("x" * 30_000)
    for page in (1, 2):
        ask("/faq/", f"page={page}")
    assert len(cache.store.pages) == 1
    assert cache.store.size == 60_000
    behind.answer = lambda environ: HttpResponse("x" * 60_000)
    assert len(ask()[2]) == 60_000
    assert (len(cache.store.pages), cache.store.size) == (0, 0)


def test_page_made_anew_takes_the_place_of_the_old_one(ask, behind, cache, version):
    behind.answer = lambda environ: HttpResponse("x" * 1_000)
    ask("/faq/")
    for content in ("two", "three"):
        version["now"] = content
        behind.answer = lambda environ: HttpResponse("x" * 10_000)
        ask()
    assert cache.store.size == 22_000


def test_outage_of_the_database_is_bridged_for_a_day(ask, behind, version, time_machine, caplog):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    before = ask()
    time_machine.shift(MAX_OUTAGE)  # the day counts from when the page was last known to be right
    assert ask() == before
    version["now"] = None
    behind.answer = lambda environ: HttpResponse("Back soon", status=503)
    time_machine.shift(MAX_OUTAGE - 1)
    assert ask() == ask() == before
    assert caplog.text.count("The database does not answer") == 1
    assert ask("/faq/")[0].startswith("503")
    assert behind.asked[-1][DATABASE_DOWN], "Django need not find out by itself"
    time_machine.shift(1)
    assert ask()[0].startswith("503")
    version["now"] = "one"
    assert ask() == before


def test_outage_is_logged_once_a_minute(ask, version, time_machine, caplog):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    ask()
    version["now"] = None
    for seconds, logged in [(0, 1), (60, 1), (1, 2)]:
        time_machine.shift(seconds)
        ask()
        assert caplog.text.count("The database does not answer") == logged


def test_outage_begun_while_a_page_is_made_is_bridged_too(ask, behind, version, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    before = ask()
    version["now"] = "two"
    behind.answer = lambda environ: HttpResponse("Back soon", status=503)
    time_machine.shift(MAX_OUTAGE - 1)
    assert ask() == before
    time_machine.shift(1)
    assert ask()[0].startswith("503")
    behind.answer = lambda environ: HttpResponse("New")
    assert ask()[2] == b"New"


@pytest.mark.parametrize("kind", ["cached", "unfit", "lost"])
def test_each_answer_of_django_is_closed(ask, behind, version, kind):
    if kind == "lost":
        ask()
        version["now"] = "two"
    closed = []

    def answer(environ):
        response = {"cached": HttpResponse, "unfit": with_cookie, "lost": lambda: HttpResponse(status=503)}[kind]()
        response.close = lambda: closed.append(kind)
        return response

    behind.answer = answer
    ask()
    assert closed == [kind]  # the server closes what it is given


def test_locks_of_addresses_are_bounded(ask, behind, cache):
    behind.answer = lambda environ: HttpResponse("x", status=404)
    for page in range(1, 20):
        ask("/faq/", f"page={page}")
        assert len(cache.locks) <= cache.store.max_pages + 1


def test_many_who_ask_at_once_wait_for_one_to_make_the_page(ask, behind):
    begun, go_on = threading.Event(), threading.Event()

    def slowly(environ):
        begun.set()
        assert go_on.wait(10)
        return HttpResponse("Made once")

    behind.answer = slowly
    bodies = []
    threads = [threading.Thread(target=lambda: bodies.append(ask()[2])) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    go_on.set()
    for thread in threads:
        thread.join()
    assert bodies == [b"Made once"] * 8
    assert len(behind.asked) == 1


def test_pages_are_made_beside_each_other(ask, behind):
    both = threading.Barrier(2, timeout=5)
    behind.answer = lambda environ: HttpResponse(f"Made beside the other: {both.wait() < 2}")
    bodies = []
    threads = [threading.Thread(target=lambda path=path: bodies.append(ask(path)[2])) for path in PUBLIC]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [b"Made beside the other: True"] * 2


def test_many_who_wait_while_something_is_committed_wait_for_one_more_page(ask, behind, cache, version):
    """They asked of the first version, and one of them makes the page of the second for all."""
    read, told = cache.read_version, threading.Semaphore(0)

    def counted(checked_within=0):
        found = read()
        told.release()
        return found

    def slowly(environ):
        if len(behind.asked) == 1:
            for _ in range(9):  # each of the eight, and this one once more before it makes the page
                assert told.acquire(timeout=10)
        version["now"] = "two"
        return HttpResponse(f"Made {len(behind.asked)}")

    cache.read_version, behind.answer = counted, slowly
    bodies = []
    threads = [threading.Thread(target=lambda: bodies.append(ask()[2])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(bodies) == [b"Made 1", *[b"Made 2"] * 7]
    assert len(behind.asked) == 2


def test_whole_page_is_not_given_up_for_one_of_two_versions(ask, behind, version):
    behind.answer = lambda environ: HttpResponse("Whole")
    ask()

    def meanwhile(environ):
        version["now"] = "three"
        return HttpResponse("Of both")

    version["now"], behind.answer = "two", meanwhile
    assert ask()[2] == b"Of both"
    version["now"] = None
    assert ask()[2] == b"Whole"
