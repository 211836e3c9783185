"""Read the version from a PostgreSQL server, without ever waiting long for one that hangs."""

import os
import select
import threading
from collections.abc import Generator, Mapping
from time import monotonic
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo, ExecStatus, PGconn, PollingStatus, abc

from pagecache.version import SELECT_VERSION, TIMEOUT, DatabaseDown, version_in

RETRY_TIMEOUT = 0.05  # seconds to wait for a server that did not answer the last time
EVENTS = {PollingStatus.READING: select.POLLIN, PollingStatus.WRITING: select.POLLOUT}
STATEMENT = b"version"

# A generator that stops at each step which has to wait for the server.
Work = Generator[None, None, abc.PGresult | None]


class ThreadState(threading.local):
    server: abc.PGconn | None = None
    work: Work | None = None
    poll: select.poll


state = ThreadState()


def forget() -> None:
    vars(state).clear()


os.register_at_fork(after_in_child=forget)


class Reader:
    """Return the version at the server, or raise DatabaseDown: one round trip of a prepared statement.

    What the server did not answer in time, a query or the connection, is continued by the next call, and nothing new
    is begun before: only the first waits long for a server that hangs, and none gets an answer to an older query.
    """

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        known = {option.keyword.decode() for option in Conninfo.get_defaults()}
        self.address = make_conninfo(**{name: value for name, value in parameters.items() if name in known}).encode()

    def __call__(self) -> str:
        try:
            if state.work:
                finish(state.work, RETRY_TIMEOUT)
            result = query()
        except psycopg.Error:
            result = self.reconnect_and_query()
        value = result.get_value(0, 0) if result.ntuples else None
        return version_in([[value.decode()]] if value is not None else [])

    def reconnect_and_query(self) -> abc.PGresult:
        try:
            finish(connect(self.address), TIMEOUT)
            return query()
        except psycopg.Error as error:
            state.work = None
            raise DatabaseDown from error


def finish(work: Work, timeout: float) -> abc.PGresult | None:
    state.work = work
    deadline = monotonic() + timeout
    while True:
        try:
            next(work)
        except StopIteration as end:
            state.work = None
            result: abc.PGresult | None = end.value
            return result
        if not state.poll.poll(max(deadline - monotonic(), 0) * 1000):
            raise DatabaseDown("no answer yet")


def connect(address: bytes) -> Work:
    server = state.server = PGconn.connect_start(address)
    while (status := server.connect_poll()) != PollingStatus.OK:
        if status not in EVENTS:
            raise psycopg.OperationalError(server.get_error_message())
        watch(server, EVENTS[PollingStatus(status)])
        yield
    watch(server, select.POLLIN)
    server.send_prepare(STATEMENT, SELECT_VERSION.encode())
    return (yield from fetch(server, ExecStatus.COMMAND_OK))


def watch(server: abc.PGconn, events: int) -> None:
    state.poll = select.poll()
    state.poll.register(server.socket, events)


def query() -> abc.PGresult:
    server = state.server
    if server is None:
        raise psycopg.OperationalError("not connected")
    server.send_query_prepared(STATEMENT, ())
    if not state.poll.poll(TIMEOUT * 1000):
        state.work = fetch(server, ExecStatus.TUPLES_OK)
        raise DatabaseDown("no answer yet")
    server.consume_input()
    result = server.get_result()
    if result is None or result.status != ExecStatus.TUPLES_OK or server.get_result() is not None:
        raise psycopg.OperationalError(server.get_error_message())
    return result


def fetch(server: abc.PGconn, status: ExecStatus) -> Work:
    """Read the server's answer to its end, and return its last result, which must have this status."""
    last = None
    while True:
        while server.is_busy():
            yield
            server.consume_input()
        result = server.get_result()
        if result is None:
            break
        last = result
    if last is None or last.status != status:
        raise psycopg.OperationalError(server.get_error_message())
    return last
