"""Threads for Django, and the bodies of requests in front of them."""

import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import RequestFactory

from clinic_site import front, places
from clinic_site.middleware import REFUSED
from clinic_site.places import Places, Refused, received, with_own_errors

FORM = "application/x-www-form-urlencoded"
CHARSETS = ["utf-16", "idna", "utf-7", "latin-1", "punycode", "utf8", "rot13", "base64", "no-such"]


class Client:
    """Sends a body in pieces, and then nothing more; a piece may be an error."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def read(self, size):
        piece = self.pieces.pop(0) if self.pieces else b""
        if isinstance(piece, Exception):
            raise piece
        assert len(piece) <= size
        return piece


def post(length, *pieces):
    return {"CONTENT_LENGTH": length, "wsgi.input": Client(*pieces)}


def asked(site, environ):
    """The status line, headers and body, in a thread that has no connection yet which Django would look after."""

    def ask():
        told = []
        answer = site(environ, lambda *args: told.extend(args))
        body = b"".join(answer).decode()
        answer.close()
        return told[0], {name.lower(): value for name, value in told[1]}, body

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ask).result()


def receive(environ, limit):
    with received(environ, limit):
        pass


def refusal(application, *args):
    with pytest.raises(Refused) as raised:
        application(*args)
    return raised.value.status


def test_no_more_requests_run_at_once_than_there_are_places():
    pair, running, most = threading.Barrier(2), [], []

    def application(environ, start_response):
        running.append(environ)
        most.append(len(running))
        pair.wait(10)
        running.pop()
        pair.wait(10)
        return [b"done"]

    two = Places(application, 2, 6, "two")
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(two, {}, None) for _ in range(6)]
        assert [one.result(10) for one in asked] == [[b"done"]] * 6
    assert max(most) == 2


def test_request_that_finds_no_place_in_time_is_refused():
    may_go, begun = threading.Event(), threading.Event()

    def application(environ, start_response):
        begun.set()
        assert may_go.wait(10)
        return [b"done"]

    one = Places(application, 1, 1, "one", patience=0.01)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(one, {}, None)
        assert begun.wait(10)
        assert refusal(one, {}, None) == 503
        may_go.set()
        assert first.result(10) == [b"done"]
    assert one({}, None) == [b"done"]


def test_no_more_wait_than_may_and_the_next_is_refused_at_once():
    may_go, begun = threading.Event(), threading.Semaphore(0)

    def application(environ, start_response):
        begun.release()
        assert may_go.wait(10)
        return [b"done"]

    one = Places(application, 1, 2, "one", patience=10)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(one, {}, None) for _ in range(3)]
        assert begun.acquire(timeout=10)
        while one.here.acquire(blocking=False):  # until the two others have come
            one.here.release()
        assert refusal(one, {}, None) == 503
        may_go.set()
        assert [each.result(10) for each in asked] == [[b"done"]] * 3
    assert one({}, None) == [b"done"]


def test_place_is_free_again_after_a_fault():
    one = Places(lambda environ, start_response: 1 / 0, 1, 0, "one")
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            one({}, None)


@pytest.mark.parametrize("size", [1, places.IN_MEMORY, 3 * places.IN_MEMORY])
def test_whole_body_is_there_before_a_place_is_taken(size):
    pieces = [b"x" * min(1000, size - start) for start in range(0, size, 1000)]
    with received(post(str(size), *pieces), size) as environ:
        assert environ["wsgi.input"].read() == b"x" * size
        assert environ["CONTENT_LENGTH"] == str(size)


@pytest.mark.parametrize("length", ["", "0", "many", "-1", "1e3"])
def test_request_without_a_body_is_left_as_it_is(length):
    environ = post(length, b"x")
    with received(environ, 100) as same:
        assert same is environ
    assert environ["wsgi.input"].pieces == [b"x"]


def test_body_that_does_not_come_whole_is_refused():
    assert refusal(receive, post("100", b"x" * 99), 100) == 400


@pytest.mark.parametrize("error", [BlockingIOError(errno.EAGAIN, ""), ConnectionResetError(), TimeoutError()])
def test_client_that_stalls_is_given_up(error):
    assert refusal(receive, post("100", b"x" * 50, error), 100) == 408


def test_body_that_is_too_large_is_read_so_that_the_answer_arrives_but_not_kept(monkeypatch):
    monkeypatch.setattr(places, "SpooledTemporaryFile", None)
    environ = post("101", b"x" * 50, b"x" * 51)
    assert refusal(receive, environ, 100) == 413
    assert environ["wsgi.input"].pieces == []


def test_endless_body_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr(places, "MOST_DISCARDED", 150)
    environ = post("1000", *[b"x" * 50] * 20)
    assert refusal(receive, environ, 100) == 413
    assert len(environ["wsgi.input"].pieces) == 17


def test_body_that_only_comes_if_it_is_wanted_is_not_waited_for():
    assert refusal(receive, post("101", AssertionError()) | {"HTTP_EXPECT": "100-continue"}, 100) == 413


def test_full_disk_is_an_outage(monkeypatch):
    class Full(places.SpooledTemporaryFile):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(places, "SpooledTemporaryFile", Full)
    assert refusal(receive, post("5", b"12345"), 100) == 503


def test_large_body_lies_in_a_file_without_a_name(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    size = 2 * places.IN_MEMORY
    with received(post(str(size), *[b"x" * 1000] * (size // 1000)), size) as environ:
        assert environ["wsgi.input"].fileno()
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "kind",
    [
        *(f"{form}; charset={charset}" for form in ("text/plain", FORM) for charset in CHARSETS),
        "multipart/form-data; boundary=x; charset=utf-16",
        "text/plain; x=" + "y" * 20_000,
        "a/b; x*=bogus''%20",
    ],
)
@pytest.mark.parametrize("path", ["/admin/login/?x==", "/", "/no/such/page"])
def test_body_in_another_charset_is_refused_in_our_words(path, kind):
    django = get_wsgi_application()
    site = with_own_errors(front.in_places(django, lambda checked_within=0: "one"), django)
    environ = RequestFactory().post(path, b"x==", content_type="text/plain").environ | {"CONTENT_TYPE": kind}
    line, _, body = asked(site, environ | {"HTTP_COOKIE": f"csrf={'a' * 32}"})
    assert line == "400 Bad Request"
    assert "This was not understood." in body


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/plain; charset=utf-8", "text/plain; charset=UTF-8", "nonsense;;="]
)
def test_body_in_utf_8_is_read(kind):
    places.check_charset({"CONTENT_TYPE": kind})
    places.check_charset({})


@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "not understood"), (408, "not understood"), (413, "too large"), (503, "Back soon")],
)
def test_refused_request_gets_a_page_of_our_own_without_a_database(status, words):
    def refuse(environ, start_response):
        raise Refused(status)

    environ = RequestFactory().post("/admin/login/", {"username": "x"}).environ
    line, headers, body = asked(with_own_errors(refuse, get_wsgi_application()), environ)
    assert line.startswith(str(status))
    assert words in body
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


def test_answer_that_was_not_refused_is_passed_on():
    assert with_own_errors(lambda environ, start_response: [environ], None)({"a": BytesIO}, None) == [{"a": BytesIO}]


def test_request_cannot_say_itself_that_it_was_refused(client, clinic):
    assert client.get("/", headers={"clinic-site.refused": "413"}).status_code == 200
    assert not REFUSED.startswith("HTTP_")
