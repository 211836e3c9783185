"""Bounds of the log."""

import json
import logging
import os
import re
import sys

import pytest

from clinic_site import logs
from clinic_site.logs import MOST, PERIOD, Bounded, JsonLine, request_id, with_request_id
from clinic_site.places import Places


@pytest.fixture
def log(monkeypatch):
    """A log whose lines are collected, and a clock to be set."""
    lines, clock = [], [1000.0]
    monkeypatch.setattr(logs, "monotonic", lambda: clock[0])
    bounded = Bounded()

    def write(name="site", message="A fault", *args, exc_info=None, level=logging.ERROR):
        record = logging.LogRecord(name, level, __file__, 1, message, args, exc_info)
        if bounded.filter(record):
            lines.append(logging.Formatter("%(levelname)s %(message)s").format(record))

    return write, lines, clock


def fault(error):
    try:
        raise error
    except type(error):
        return sys.exc_info()


def test_minute_holds_few_lines_of_a_kind_and_the_next_tells_how_many_more_there_were(log):
    write, lines, clock = log
    for number in range(MOST + 7):
        write("site", "A fault at %s", number)
    assert len(lines) == MOST
    clock[0] += PERIOD
    write("site", "A fault at %s", "noon")
    assert lines[-1] == "ERROR A fault at noon (And 7 more before.)"
    clock[0] += PERIOD
    write("site", "A fault at %s", "one")
    assert lines[-1] == "ERROR A fault at one"


def test_other_kinds_are_told_meanwhile(log):
    write, lines, _ = log
    for _ in range(MOST + 1):
        write("site", "One")
    write("site", "Two")
    write("other", "One")
    write("site", "One", exc_info=fault(ValueError()))
    assert [line.splitlines()[0] for line in lines[MOST:]] == ["ERROR Two", "ERROR One", "ERROR One"]


def test_kinds_that_ended_are_forgotten(log):
    write, _, clock = log
    bounded = write.__closure__[0].cell_contents
    for number in range(1000):
        write("site", f"Fault {number}")
    clock[0] += PERIOD
    write("site", "Another")
    assert len(bounded.periods) == 1


def test_malformed_request_is_told_without_its_address_and_words(log):
    write, lines, _ = log
    write("gunicorn.error", "Invalid request from ip=192.0.2.7: Invalid Method 'Jane'", level=logging.WARNING)
    assert lines == ["WARNING Refused a malformed request."]


@pytest.mark.parametrize("error", [BlockingIOError(11, "again"), TimeoutError(), ConnectionResetError()])
def test_client_that_leaves_is_no_fault_of_ours(log, error):
    write, lines, _ = log
    write("gunicorn.error", "Socket error processing request.", exc_info=fault(error))
    assert lines == ["WARNING A client stalled or left."]


@pytest.mark.parametrize("error", [FileNotFoundError("gone"), OSError(24, "Too many open files")])
def test_fault_of_the_machine_is_not_laid_on_clients(log, error):
    write, lines, _ = log
    write("gunicorn.error", "Exception in worker process", exc_info=fault(error))
    write("gunicorn.error", "Socket error processing request.", exc_info=fault(error))
    assert all("Traceback" in line for line in lines)
    assert len(lines) == 2


def test_suspicious_request_is_one_line(log):
    write, lines, _ = log
    write("django.security.TooManyFieldsSent", "The number of ... %s", "x", exc_info=fault(ValueError("Jane")))
    assert lines == ["ERROR Refused a request: TooManyFieldsSent."]


def test_fault_of_the_site_is_told_in_full(log):
    write, lines, _ = log
    write("django.request", "Internal Server Error: %s", "/contact/", exc_info=fault(ValueError("a fault")))
    assert "Traceback" in lines[0]
    assert "ValueError: a fault" in lines[0]


def asked(**environ):
    """The id during a request, in a place for Django."""
    place = Places(lambda environ, start_response: [request_id.get()], 1, 1, "test")
    return with_request_id(place)(environ, None)[0]


def test_each_request_has_an_id_of_its_own():
    first, second = asked(), asked()
    assert re.fullmatch("[0-9a-f]{8}", first)
    assert first != second
    assert request_id.get() == ""


@pytest.mark.parametrize("given", ["0f8fad5b-d9cb-469f-a165-70867728950e", "B" * 32])
def test_id_that_a_proxy_gave_is_kept(given):
    assert asked(HTTP_X_REQUEST_ID=given) == given.lower()


@pytest.mark.parametrize("given", ["Jane Doe", "", "a" * 37, "abcdefg", "0f8fad5b\nfault"])
def test_id_that_is_none_is_replaced(given):
    assert re.fullmatch("[0-9a-f]{8}", asked(HTTP_X_REQUEST_ID=given))


def test_fault_is_one_line_of_json_with_the_id_of_its_request():
    record = logging.LogRecord("site", logging.ERROR, __file__, 1, "A %s\nfault", ("bad",), fault(ValueError("x")))
    site = with_request_id(lambda environ, start_response: [JsonLine().format(record)])
    (line,) = site({"HTTP_X_REQUEST_ID": "0123456789abcdef"}, None)
    told = json.loads(line)
    assert "\n" not in line
    assert "ValueError: x" in told.pop("traceback")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", told.pop("time"))
    known = {"level": "ERROR", "logger": "site", "process": os.getpid(), "request": "0123456789abcdef"}
    assert told == known | {"message": "A bad\nfault"}


def test_line_of_no_request_has_no_empty_names():
    record = logging.makeLogRecord({"msg": "Serving", "name": "site", "levelname": "INFO"})
    assert set(json.loads(JsonLine().format(record))) == {"time", "level", "logger", "process", "message"}
