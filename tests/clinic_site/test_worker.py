"""gunicorn's worker as the site needs it; `make prove` has it at work."""

import logging
import socket
import struct
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidChunkSize, InvalidHeaderName, LimitRequestHeaders
from gunicorn.workers.gthread import ThreadWorker

from clinic_site.worker import STALL, Worker


@pytest.fixture
def worker():
    worker = Worker.__new__(Worker)
    worker.cfg, worker.log = Config(), logging.getLogger("gunicorn.error")
    worker.log.access = lambda *args: None
    return worker


@pytest.fixture
def connection():
    mine, other = socket.socketpair()
    closed = []
    conn = SimpleNamespace(sock=mine, close=lambda graceful=False: closed.append(graceful))
    with mine, other:
        yield conn, closed


@pytest.mark.parametrize(("result", "times"), [(False, [True]), (True, []), (object(), [])])
def test_thread_closes_what_is_not_kept_and_the_main_loop_does_not_wait(worker, connection, monkeypatch, result, times):
    conn, closed = connection
    monkeypatch.setattr(ThreadWorker, "handle", lambda worker, conn: result)
    assert worker.handle(conn) is result
    assert closed == times
    if result is False:
        conn.close(graceful=True)
        assert closed == times


def test_client_must_send_or_take_something_within_a_time(worker, connection, monkeypatch):
    conn, _ = connection
    monkeypatch.setattr(ThreadWorker, "handle", lambda worker, conn: True)
    worker.handle(conn)
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        set_to = conn.sock.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("ll"))
        assert struct.unpack("ll", set_to) == (STALL, 0)


@pytest.mark.parametrize(
    ("method", "names", "is_closed"),
    [
        ("GET", ["HOST"], False),
        ("HEAD", ["HOST"], False),
        ("POST", ["HOST"], True),
        ("GET", ["HOST", "TRANSFER-ENCODING"], True),
        ("GET", ["CONTENT-LENGTH"], True),
    ],
)
def test_nothing_is_read_behind_a_body(worker, monkeypatch, method, names, is_closed):
    monkeypatch.setattr(ThreadWorker, "handle_request", lambda worker, req, conn: not req.closed)
    req = SimpleNamespace(method=method, headers=[(name, "x") for name in names], closed=False)
    req.force_close = lambda: setattr(req, "closed", True)
    assert worker.handle_request(req, None) is not is_closed


@pytest.mark.parametrize("error", [InvalidChunkSize(b"x"), ConnectionResetError()])
def test_request_whose_body_ends_badly_gets_no_second_answer(worker, connection, monkeypatch, error):
    def finish_body(deadline):
        raise error

    conn, _ = connection
    conn.parser = SimpleNamespace(finish_body=finish_body)
    assert worker._keepalive_after(conn, True) is False


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (InvalidHeaderName("Jane Doe"), b"400 Bad Request", b"This was not understood."),
        (LimitRequestHeaders("Jane Doe"), b"431 Request Header Fields Too Large", b"This was not understood."),
        (ValueError("Jane Doe"), b"500 Internal Server Error", b"Something went wrong."),
    ],
)
def test_what_is_no_request_gets_a_page_of_our_own(worker, settings, error, status, words):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    mine, other = socket.socketpair()
    with mine, other:
        worker.handle_error(None, mine, ("192.0.2.7", 1), error)
        mine.close()
        head, _, body = b"".join(iter(lambda: other.recv(9999), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert b"frame-ancestors 'none'" in head
    for line in (b"X-Content-Type-Options: nosniff", b"Cross-Origin-Resource-Policy: same-origin", b"max-age=31536000"):
        assert line in head
    assert words in body
    assert b"Jane" not in head + body


def test_client_that_left_before_its_error_page_is_no_fault(worker):
    mine, other = socket.socketpair()
    with mine:
        other.close()
        worker.handle_error(None, mine, ("192.0.2.7", 1), InvalidHeaderName("x"))
