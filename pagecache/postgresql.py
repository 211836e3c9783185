"""Read the version from a PostgreSQL server, without ever waiting long for one that hangs."""

import select
from collections.abc import Generator, Mapping
from threading import Lock
from time import monotonic
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo, DiagnosticField, ExecStatus, PGconn, PollingStatus, abc

from pagecache.version import SELECT_VERSION, TIMEOUT, DatabaseDown, version_in

RETRY_TIMEOUT = 0.05  # seconds to wait for a server that did not answer the last time
EVENTS = {PollingStatus.READING: select.POLLIN, PollingStatus.WRITING: select.POLLOUT}
STATEMENT, SQL = b"version", SELECT_VERSION.encode()
NO_SUCH_STATEMENT = b"26000"  # the SQLSTATE

# A generator that stops at each step which has to wait for the server.
Work = Generator[None, None, abc.PGresult | None]


class Reader:
    """Return the version at the server, or raise DatabaseDown: one round trip of a prepared statement.

    A pooler may hand the statement and the question to two sessions. Once that shows, nothing is prepared any more,
    which costs the server some more time.

    All threads share one connection. Those that come while a question is on its way wait for the next one together: an
    answer to a question that was asked before may be too old for them.

    What the server did not answer in time, a query or the connection, is continued by the next call, and nothing new
    is begun before: only the first waits long for a server that hangs, and none gets an answer to an older query.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        known = {option.keyword.decode() for option in Conninfo.get_defaults()}
        self.address = make_conninfo(**{name: value for name, value in parameters.items() if name in known}).encode()
        self.lock = Lock()
        self.asked = 0
        self.answer: str | None = None
        self.server: abc.PGconn | None = None
        self.work: Work | None = None
        self.prepares = True
        self.poll = select.poll()

    def __call__(self, checked_within: float = 0) -> str:
        asked_before = self.asked
        with self.lock:
            if self.asked == asked_before:
                self.asked += 1
                self.answer = self.ask()
            if self.answer is None:
                raise DatabaseDown("no answer yet")
            return self.answer

    def ask(self) -> str | None:
        """Return the version, or None where the server does not answer in time or at all."""
        try:
            result = self.query_or_reconnect()
        except (psycopg.Error, DatabaseDown):
            return None
        value = result.get_value(0, 0) if result.ntuples else None
        return version_in([[value.decode()]] if value is not None else [])

    def query_or_reconnect(self) -> abc.PGresult:
        try:
            if self.work:
                self.finish(self.work, RETRY_TIMEOUT)
            return self.query()
        except psycopg.Error:
            self.work = None
            self.finish(self.connect(), TIMEOUT)
            return self.query()

    def finish(self, work: Work, timeout: float) -> abc.PGresult | None:
        self.work = work
        deadline = monotonic() + timeout
        while True:
            try:
                next(work)
            except StopIteration as end:
                self.work = None
                result: abc.PGresult | None = end.value
                return result
            except psycopg.Error:
                self.work = None
                raise
            if not self.poll.poll(max(deadline - monotonic(), 0) * 1000):
                raise DatabaseDown("no answer yet")

    def connect(self) -> Work:
        server = self.server = PGconn.connect_start(self.address)
        while (status := server.connect_poll()) != PollingStatus.OK:
            if status not in EVENTS:
                raise psycopg.OperationalError(server.get_error_message())
            self.watch(server, EVENTS[PollingStatus(status)])
            yield
        self.watch(server, select.POLLIN)
        if self.prepares:
            server.send_prepare(STATEMENT, SQL)
            prepared = yield from fetch(server, ExecStatus.COMMAND_OK, ExecStatus.FATAL_ERROR)
            self.prepares = prepared.status == ExecStatus.COMMAND_OK  # a pooler's session may have it already
        return None

    def watch(self, server: abc.PGconn, events: int) -> None:
        self.poll = select.poll()
        self.poll.register(server.socket, events)

    def query(self) -> abc.PGresult:
        server = self.server
        if server is None:
            raise psycopg.OperationalError("not connected")
        if self.prepares:
            server.send_query_prepared(STATEMENT, ())
        else:
            server.send_query_params(SQL, None)
        if not self.poll.poll(TIMEOUT * 1000):
            self.work = fetch(server, ExecStatus.TUPLES_OK)
            raise DatabaseDown("no answer yet")
        server.consume_input()
        result = server.get_result()
        if result is None or server.get_result() is not None:
            raise psycopg.OperationalError(server.get_error_message())
        if self.prepares and result.error_field(DiagnosticField.SQLSTATE) == NO_SUCH_STATEMENT:
            self.prepares = False
            return self.query()
        if result.status != ExecStatus.TUPLES_OK:
            raise psycopg.OperationalError(server.get_error_message())
        return result


def fetch(server: abc.PGconn, *statuses: ExecStatus) -> Generator[None, None, abc.PGresult]:
    """Read the server's answer to its end, and return its last result, which must have one of these statuses."""
    last = None
    while True:
        while server.is_busy():
            yield
            server.consume_input()
        result = server.get_result()
        if result is None:
            break
        last = result
    if last is None or last.status not in statuses:
        raise psycopg.OperationalError(server.get_error_message())
    return last
