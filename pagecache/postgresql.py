"""Asking a PostgreSQL server for the version, without ever waiting long for one that hangs."""

import select
from time import monotonic

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo, ExecStatus, PGconn, PollingStatus

from pagecache.version import ASK, PATIENCE, Down, kept, value_in

LESS_PATIENCE = 0.05  # seconds to wait for a server that did not answer the last time
EVENTS = {PollingStatus.READING: select.POLLIN, PollingStatus.WRITING: select.POLLOUT}


class Reader:
    """Tells the version at the server, or raises Down: one round trip of a prepared statement.

    What a server has not answered, be it a question or the greeting, is gone on with by the next call, and nothing new
    is begun before: so only the first waits long for one that hangs, and nobody is told what was true before.
    """

    def __init__(self, parameters):
        """parameters: those of Django's connection, of which libpq's own are taken."""
        known = {option.keyword.decode() for option in Conninfo.get_defaults()}
        self.address = make_conninfo(**{name: value for name, value in parameters.items() if name in known}).encode()

    def __call__(self):
        try:
            if kept.work:
                done(kept.work, LESS_PATIENCE)
            answer = ask()
        except (AttributeError, psycopg.Error):
            answer = self.answer_of_another_connection()
        return value_in([[answer.get_value(0, 0)]] if answer.ntuples else [])

    def answer_of_another_connection(self):
        """The server may have been started anew since the last question."""
        try:
            done(connecting(self.address), PATIENCE)
            return ask()
        except psycopg.Error as error:
            kept.work = None
            raise Down from error


def done(work, seconds):
    """What the work comes to, a generator that waits at each step for the server; Down where that takes longer."""
    kept.work = work
    deadline = monotonic() + seconds
    while True:
        try:
            next(work)
        except StopIteration as end:
            kept.work = None
            return end.value
        if not kept.sight.poll(max(deadline - monotonic(), 0) * 1000):
            raise Down("no answer yet")


def connecting(address):
    server = kept.server = PGconn.connect_start(address)
    while (status := server.connect_poll()) != PollingStatus.OK:
        if status not in EVENTS:
            raise psycopg.OperationalError(server.get_error_message())
        look_for(EVENTS[status])
        yield
    look_for(select.POLLIN)
    server.send_prepare(b"version", ASK.encode())
    yield from answer_to_come(server, ExecStatus.COMMAND_OK)


def look_for(events):
    kept.sight = select.poll()
    kept.sight.register(kept.server.socket, events)


def ask():
    """The answer to a new question: it comes in one piece, and so without the ceremony of `done`, but for trouble."""
    server = kept.server
    server.send_query_prepared(b"version", ())
    if not kept.sight.poll(PATIENCE * 1000):
        kept.work = answer_to_come(server, ExecStatus.TUPLES_OK)
        raise Down("no answer yet")
    server.consume_input()
    answer = server.get_result()
    if answer is None or answer.status != ExecStatus.TUPLES_OK or server.get_result() is not None:
        raise psycopg.OperationalError(server.get_error_message())
    return answer


def answer_to_come(server, status):
    """The server's answer, which must have this status, read to its end."""
    answer = None
    while True:
        while server.is_busy():
            yield
            server.consume_input()
        result = server.get_result()
        if result is None:
            break
        answer = result
    if answer is None or answer.status != status:
        raise psycopg.OperationalError(server.get_error_message())
    return answer
