"""The reader of the version at a server that answers late, wrongly or never; `make prove` has a real one."""

import select
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psycopg
import pytest
from psycopg.pq import ExecStatus, PollingStatus

from pagecache import postgresql
from pagecache.postgresql import RETRY_TIMEOUT, TIMEOUT, Reader
from pagecache.version import DatabaseDown


@pytest.fixture
def waits(monkeypatch):
    """The seconds for which the reader is ready to wait, each time in vain. None of them pass."""
    found = []
    poll = SimpleNamespace(poll=lambda milliseconds: found.append(milliseconds / 1000))
    monkeypatch.setattr(postgresql, "monotonic", lambda: 0)
    monkeypatch.setattr(Reader, "watch", lambda reader, server, events: setattr(reader, "poll", poll))
    return found


class Server:
    """A connection that is open: it owes an answer to each question until it gets one from `answers`."""

    socket = 0

    def __init__(self):
        self.questions, self.owed, self.answers, self.sent = 0, 0, [], None
        self.prepared, self.unprepared = 0, 0

    def connect_poll(self):
        return PollingStatus.OK

    def send_prepare(self, *question):
        self.prepared += 1
        self.owed += 1

    def send_query_prepared(self, *question):
        self.questions += 1
        self.owed += 1

    def send_query_params(self, *question):
        self.send_query_prepared()
        self.unprepared += 1

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


def row(value, status=ExecStatus.TUPLES_OK, code=None):
    return SimpleNamespace(status=status, ntuples=1, get_value=lambda *place: value, error_field=lambda field: code)


@pytest.fixture
def reader():
    """One that finds no other server than the one that it is connected to."""
    return Reader({"host": "/nowhere", "dbname": "clinic", "context": "not libpq's"})


@pytest.fixture
def server(reader, waits):
    """The reader's own, asked nothing yet. Its answers are there when they are looked for."""
    reader.server = Server()
    reader.poll = SimpleNamespace(poll=lambda milliseconds: waits.append(milliseconds / 1000) or reader.server.answers)
    return reader.server


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
    assert reader.server is not server
    assert isinstance(reader.server, psycopg.pq.PGconn)


@pytest.fixture
def next_server(server, monkeypatch):
    """The one that the reader connects to after the first. Its answers are there when they are looked for."""
    connected = Server()
    poll = SimpleNamespace(poll=lambda milliseconds: connected.answers)
    monkeypatch.setattr(Reader, "watch", lambda reader, server, events: setattr(reader, "poll", poll))
    monkeypatch.setattr(postgresql, "PGconn", SimpleNamespace(connect_start=lambda address: connected))
    return connected


def test_pooler_whose_session_has_the_statement_already_is_asked_without_it(server, reader, next_server):
    server.answers = [row(b"", ExecStatus.FATAL_ERROR, b"57P01")]
    next_server.answers = [row(b"", ExecStatus.FATAL_ERROR, b"42P05"), row(b"one"), row(b"two")]
    assert [reader(), reader()] == ["one", "two"]
    assert (next_server.prepared, next_server.unprepared) == (1, 2)


def test_pooler_whose_session_has_no_such_statement_is_asked_again_at_once_without_it(server, reader):
    server.answers = [row(b"", ExecStatus.FATAL_ERROR, b"26000"), row(b"one"), row(b"two")]
    assert [reader(), reader()] == ["one", "two"]
    assert (server.questions, server.unprepared) == (3, 2)


def test_statement_is_prepared_again_after_another_fault(server, reader, next_server):
    server.answers = [row(b"", ExecStatus.FATAL_ERROR, b"57P01")]
    next_server.answers = [row(b"", ExecStatus.COMMAND_OK), row(b"one")]
    next_server.send_query_params = None
    assert reader() == "one"
    assert next_server.prepared == 1


def test_only_what_libpq_knows_is_told_to_it():
    assert Reader({"host": "a b", "dbname": "clinic", "autocommit": True, "cursor_factory": object}).address == (
        b"host='a b' dbname=clinic"
    )


def test_reader_looks_at_the_socket_of_its_server(reader):
    mine, other = socket.socketpair()
    with mine, other:
        reader.watch(SimpleNamespace(socket=mine.fileno()), select.POLLIN)
        assert not reader.poll.poll(0)
        other.send(b"x")
        assert reader.poll.poll(0)


def test_threads_that_come_during_a_question_share_the_next_one_and_never_its_answer(reader, server):
    first_asks, others_came = threading.Event(), threading.Event()

    def poll(milliseconds):
        if server.questions == 1:
            server.answers = [row(b"old")]
            first_asks.set()
            assert others_came.wait(10)
        else:
            server.answers = [row(b"new")]
        return server.answers

    class CountingLock:
        """The reader's lock, that tells when all have come."""

        def __init__(self):
            self.lock, self.came = threading.Lock(), 0

        def __enter__(self):
            self.came += 1
            if self.came == 6:
                others_came.set()
            self.lock.acquire()

        def __exit__(self, *ignored):
            self.lock.release()

    reader.poll, reader.lock = SimpleNamespace(poll=poll), CountingLock()
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(reader)
        assert first_asks.wait(10)
        others = [pool.submit(reader) for _ in range(5)]
        assert first.result(10) == "old"
        assert {other.result(10) for other in others} == {"new"}
    assert server.questions == 2
