"""Odd requests to the site as its server serves it, byte by byte."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest

from tests.everywhere.walk import SERVICE
from tests.prove.odd import SMUGGLING, Odd, answer, odd_requests
from tests.prove.process import Site, free_port, writers

NUMBER = 20_000
STATUS = re.compile(rb"HTTP/1\.[01] (?!100)(\d{3}) ")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# What gunicorn says to a coding of the body that it does not know, as RFC 9112 asks for.
UNKNOWN_CODING = b"501"


class Told(NamedTuple):
    answers: list[tuple[Odd, bytes]]
    pages: set[bytes]  # as they are while the odd requests come, on connections of their own
    page: bytes  # as it was before
    processes: tuple[set[str], set[str]]  # before and after
    log: str


def body_of(found):
    return found.partition(b"\r\n\r\n")[2]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    site, port = Site(tmp_path_factory.mktemp("site"), ""), free_port()
    assert site.run("prepare").wait(300) == 0
    host = f"localhost:{port}"  # not the address of the visitor
    good = f"GET {SERVICE} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    pages = set()

    def ask(odd):
        found = answer(port, odd.sent)
        if odd.kind == "smuggling" or len(odd.sent) % 40 == 0:
            pages.add(body_of(answer(port, good)))
        return odd, found

    with site.serving(port, SITE_URL=f"http://{host}") as log:
        page, before = body_of(answer(port, good)), writers(log)
        with ThreadPoolExecutor(4) as pool:
            answers = [*pool.map(ask, odd_requests(host, NUMBER))]
        pages.add(body_of(answer(port, good)))
        return Told(answers, pages, page, (before, writers(log)), log.read_text())


def test_odd_requests_are_no_fault(told, capsys):
    statuses = Counter()
    for odd, found in told.answers:
        status = STATUS.match(found.removeprefix(CONTINUE))
        statuses[status[1].decode() if status else "none"] += 1
        assert not status or not status[1].startswith(b"5") or status[1] == UNKNOWN_CODING, (odd, found)
        assert b"Traceback" not in found, (odd, found)
    with capsys.disabled():
        print(f"\n{len(told.answers)} odd requests: {dict(sorted(statuses.items()))}")
    assert statuses["200"] > NUMBER / 50
    assert statuses["400"] > NUMBER / 50


def test_no_connection_gets_a_second_answer(told):
    """But that what comes behind a request without a body is none."""
    for odd, found in told.answers:
        assert set(STATUS.findall(found)[1:]) <= {b"400"}, (odd, found)
        assert b"/smuggled/" not in found, (odd, found)
    assert sum(odd.kind == "smuggling" for odd, _ in told.answers) >= len(SMUGGLING)


def test_everybody_else_gets_the_right_page_meanwhile(told):
    assert b"</html>" in told.page
    assert told.pages == {told.page}


def test_server_goes_on_as_it_was(told):
    before, after = told.processes
    assert len(before) == 3
    assert before == after
    for word in ("Internal Server Error", "Error handling request", "WORKER TIMEOUT", "[CRITICAL]"):
        assert word not in told.log


def test_log_names_no_visitor_and_stays_short(told):
    assert "127.0.0.1" not in told.log.partition("Serving ")[2].partition("\n")[2]
    assert "Traceback" not in told.log
    assert len(told.log) < NUMBER
