"""What of the log one minute may hold, what of a client it may not, and its form as JSON."""

import json
import logging
import re
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from secrets import token_hex
from threading import Lock
from time import monotonic
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

MOST = 10  # lines of a kind in a period, of each process
PERIOD = 60  # seconds
OF_CLIENTS = "Invalid request from ip="  # how gunicorn's line of a malformed request begins
OF_SOCKETS = "Socket error processing request."
ID = re.compile(r"[0-9a-f-]{8,36}")  # of a request, as a proxy gives it: a UUID, or nginx's $request_id

request_id = ContextVar("request_id", default="")


class Bounded(logging.Filter):
    """Let MOST records of a kind pass in a PERIOD; the next one tells how many did not.

    A record is one line without an address where a client alone is at fault, who can cause any number of them.
    """

    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock()
        self.periods: dict[tuple[str, str, object], tuple[float, int]] = {}  # of each kind: its start, and how many

    def filter(self, record: logging.LogRecord) -> bool:
        simplify(record)
        fault = record.exc_info[0] if record.exc_info else None
        kind = (record.name, str(record.msg), fault)
        with self.lock:
            start, number = self.periods.get(kind, (float("-inf"), 0))
            if is_over := monotonic() - start >= PERIOD:
                self.forget_old()
                start, left_out, number = monotonic(), number - MOST, 0
            self.periods[kind] = start, number + 1
        if is_over and left_out > 0:
            record.msg, record.args = f"{record.getMessage()} (And {left_out} more before.)", ()
        return number < MOST

    def forget_old(self) -> None:
        """Keep no kind that came no more than MOST times in a period that is over: there may be many kinds."""
        now = monotonic()
        self.periods = {
            kind: (start, number)
            for kind, (start, number) in self.periods.items()
            if now - start < PERIOD or number > MOST
        }


def simplify(record: logging.LogRecord) -> None:
    fault = record.exc_info[1] if record.exc_info else None
    if str(record.msg).startswith(OF_CLIENTS):
        record.msg, record.args = "Refused a malformed request.", ()
    elif str(record.msg) == OF_SOCKETS and isinstance(fault, ConnectionError | BlockingIOError | TimeoutError):
        record.msg, record.args = "A client stalled or left.", ()
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.exc_info = record.exc_text = None
    elif record.name.startswith("django.security"):
        record.msg, record.args = f"Refused a request: {record.name.rpartition('.')[2]}.", ()
        record.exc_info = record.exc_text = None


def with_request_id(application: WSGIApplication) -> WSGIApplication:
    """Return the application during whose requests `request_id` is the proxy's X-Request-ID, or a random one."""

    def identified(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "").lower()
        token = request_id.set(given if ID.fullmatch(given) else token_hex(4))
        try:
            return application(environ, start_response)
        finally:
            request_id.reset(token)

    return identified


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "request": request_id.get(),
            "message": record.getMessage(),
            "traceback": self.formatException(record.exc_info) if record.exc_info else "",
        }
        return json.dumps({name: value for name, value in told.items() if value})
