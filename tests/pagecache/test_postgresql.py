"""The reader of the version at a server that answers late, wrongly or never; `make prove` has a real one."""

import select
import socket
from types import SimpleNamespace

import psycopg
import pytest
from psycopg.pq import ExecStatus

from pagecache import postgresql
from pagecache.postgresql import RETRY_TIMEOUT, TIMEOUT, Reader, forget, state
from pagecache.version import DatabaseDown


@pytest.fixture(autouse=True)
def no_connection():
    forget()
    yield
    forget()


@pytest.fixture
def waits(monkeypatch):
    """The seconds for which the reader is ready to wait, each time in vain. None of them pass."""
    found = []
    poll = SimpleNamespace(poll=lambda milliseconds: found.append(milliseconds / 1000))
    monkeypatch.setattr(postgresql, "monotonic", lambda: 0)
    monkeypatch.setattr(postgresql, "watch", lambda server, events: setattr(state, "poll", poll))
    return found


class Server:
    """A connection that is open: it owes an answer to each question until it gets one from `answers`."""

    def __init__(self):
        self.questions, self.owed, self.answers, self.sent = 0, 0, [], None

    def send_query_prepared(self, *question):
        self.questions += 1
        self.owed += 1

    def is_busy(self):
        return self.sent is None and self.owed > 0

    def consume_input(self):
        if self.answers:
            self.sent = [self.answers.pop(0), None]

    def get_result(self):
        if self.owed and self.sent and len(self.sent) == 2:
            return self.sent.pop(0)
        self.owed, self.sent = self.owed - 1, None
        return None

    def get_error_message(self):
        return "an error"


def row(value, status=ExecStatus.TUPLES_OK):
    return SimpleNamespace(status=status, ntuples=1, get_value=lambda *place: value)


@pytest.fixture
def server(waits):
    """The reader's own, asked nothing yet. Its answers are there when they are looked for."""
    state.server, state.work = Server(), None
    state.poll = SimpleNamespace(poll=lambda milliseconds: waits.append(milliseconds / 1000) or state.server.answers)
    return state.server


@pytest.fixture
def reader():
    """One that finds no other server than the one that it is connected to."""
    return Reader({"host": "/nowhere", "dbname": "clinic", "context": "not libpq's"})


def test_version_is_what_the_server_answers(server, reader):
    server.answers = [row(b"one"), row(b"two")]
    assert [reader(), reader()] == ["one", "two"]
    assert server.questions == 2


def test_server_that_owes_an_answer_is_waited_for_once_and_asked_nothing_else(server, reader, waits):
    for _ in range(4):
        with pytest.raises(DatabaseDown):
            reader()
    assert waits == [TIMEOUT, *[RETRY_TIMEOUT] * 3]
    assert server.questions == 1


def test_answer_that_comes_late_is_not_taken_for_that_of_now(server, reader):
    with pytest.raises(DatabaseDown):
        reader()
    server.answers = [row(b"then"), row(b"now")]
    assert reader() == "now"
    assert server.questions == 2


def test_server_that_greets_nobody_is_waited_for_once(waits):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        reader = Reader({"host": "127.0.0.1", "port": silent.getsockname()[1], "dbname": "clinic"})
        for _ in range(4):
            with pytest.raises(DatabaseDown):
                reader()
        assert waits == [TIMEOUT, *[RETRY_TIMEOUT] * 3]
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()


def test_server_that_refuses_is_not_waited_for(reader, waits):
    for _ in range(2):
        with pytest.raises(DatabaseDown):
            reader()
    assert waits == []


def test_answer_that_is_an_error_is_asked_for_on_another_connection(server, reader):
    server.answers = [row(b"", ExecStatus.FATAL_ERROR)]
    with pytest.raises(DatabaseDown):
        reader()
    assert state.server is not server
    assert isinstance(state.server, psycopg.pq.PGconn)


def test_only_what_libpq_knows_is_told_to_it():
    assert Reader({"host": "a b", "dbname": "clinic", "autocommit": True, "cursor_factory": object}).address == (
        b"host='a b' dbname=clinic"
    )


def test_reader_looks_at_the_socket_of_its_server():
    mine, other = socket.socketpair()
    with mine, other:
        postgresql.watch(SimpleNamespace(socket=mine.fileno()), select.POLLIN)
        assert not state.poll.poll(0)
        other.send(b"x")
        assert state.poll.poll(0)
