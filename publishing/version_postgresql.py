"""The same of a PostgreSQL server."""

import select
from time import monotonic

import psycopg
from psycopg.pq import ExecStatus

from publishing.version import ASK, PATIENCE, Down, kept, value_in

LESS_PATIENCE = 0.05  # seconds to wait for a server that has not answered the last time


class Reader:
    """Tells the version at the server, or raises Down: one round trip of a prepared statement.

    A server that has not answered is asked nothing else, so that only the first waits long for one that hangs.
    """

    def __init__(self, parameters):
        self.parameters = parameters | {"autocommit": True, "connect_timeout": PATIENCE}

    def __call__(self):
        try:
            answer = self.ask()
        except (AttributeError, psycopg.Error):
            return self.ask_anew()
        return value(answer) if answer.status == ExecStatus.TUPLES_OK else self.ask_anew()

    def ask(self):
        server = kept.connection.pgconn
        if kept.is_owed:
            self.answered(server, LESS_PATIENCE)
        server.send_query_prepared(b"version", ())
        kept.is_owed = True
        return self.answered(server, PATIENCE)

    def answered(self, server, seconds):
        """The answer to the last question; Down where it does not come within these seconds."""
        deadline, answer = monotonic() + seconds, None
        while True:
            while server.is_busy():
                if not kept.sight.poll(max(deadline - monotonic(), 0) * 1000):
                    raise Down("no answer yet")
                server.consume_input()
            result = server.get_result()
            if result is None:
                kept.is_owed = False
                return answer
            answer = result

    def ask_anew(self):
        """The server may have been started anew since the last question."""
        try:
            self.connect()
            answer = self.ask()
        except psycopg.Error as error:
            raise Down from error
        if answer.status != ExecStatus.TUPLES_OK:
            raise Down(answer.error_message)
        return value(answer)

    def connect(self):
        if hasattr(kept, "connection"):
            kept.__dict__.pop("connection").close()
        connection = psycopg.connect(**self.parameters)
        connection.pgconn.prepare(b"version", ASK.encode())
        kept.sight = select.poll()
        kept.sight.register(connection.pgconn.socket, select.POLLIN)
        kept.connection, kept.is_owed = connection, False


def value(answer):
    return value_in([[answer.get_value(0, 0)]] if answer.ntuples else [])
