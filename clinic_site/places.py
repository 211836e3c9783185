"""Few threads that run Django, behind the many that wait for clients.

Each place is a thread with a connection to the database of its own. Visitors have places that staff cannot take; what
keeps a processor busy for long, such as the check of a password, has the fewest.
"""

import atexit
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.http import parse_header_parameters

from clinic_site.middleware import REFUSED

PATIENCE = 20  # seconds to wait for a place
UPLOADS_PATIENCE = 120  # the same for an upload: one is worked on at a time
IN_MEMORY = 100_000  # bytes of a body
MOST_LARGE = 20  # larger bodies at once: they take room on the disk
CHUNK = 64 * 1024
LONGEST_TYPE = 1000  # characters of a Content-Type
MOST_DISCARDED = 200_000_000  # bytes that are read only to be able to answer


class Refused(Exception):
    """A request that does not reach its view, with the status of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Places:
    """A WSGI application that runs another in so many threads; raises Refused when none gets free in time."""

    def __init__(self, application: WSGIApplication, number: int, name: str, patience: float = PATIENCE) -> None:
        self.application, self.patience = application, patience
        self.free = BoundedSemaphore(number)
        self.threads = ThreadPoolExecutor(number, name, initializer=close_connection_at_exit)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.free.acquire(timeout=self.patience):
            raise Refused(503)
        try:
            return self.threads.submit(self.application, environ, start_response).result()
        finally:
            self.free.release()


opened: list[BaseDatabaseWrapper] = []  # the connections of the places
large_bodies = BoundedSemaphore(MOST_LARGE)


def close_connection_at_exit() -> None:
    connection = connections["default"]
    connection.inc_thread_sharing()
    opened.append(connection)


@atexit.register
def close_connections() -> None:
    while opened:
        opened.pop().close()  # the last one folds SQLite's log into its file


@contextmanager
def received(environ: WSGIEnvironment, limit: int) -> Iterator[WSGIEnvironment]:
    """Provide the environ with the whole body in a file without a name; raise Refused where it does not come.

    A client that sends slowly keeps no place, and nothing stays behind of what it did not send to the end.
    """
    size = environ.get("CONTENT_LENGTH", "")
    length = int(size) if size.isdecimal() else 0
    if not length:
        yield environ
        return
    client = environ["wsgi.input"]
    if length > limit:
        discard(client, min(length, MOST_DISCARDED))
        raise Refused(413)
    with SpooledTemporaryFile(IN_MEMORY) as body, room_for(length):
        for chunk in chunks(client, length):
            write(body, chunk)
        body.seek(0)
        yield environ | {"wsgi.input": body}


@contextmanager
def room_for(length: int) -> Iterator[None]:
    if length <= IN_MEMORY:
        yield
        return
    if not large_bodies.acquire(timeout=PATIENCE):
        raise Refused(503)
    try:
        yield
    finally:
        large_bodies.release()


def chunks(client: IO[bytes], length: int) -> Iterable[bytes]:
    """Yield so many bytes of the body; raise Refused where they do not come."""
    while length:
        try:
            chunk = client.read(min(CHUNK, length))
        except OSError as error:
            raise Refused(408) from error
        if not chunk:
            raise Refused(400)
        length -= len(chunk)
        yield chunk


def write(body: "SpooledTemporaryFile[bytes]", chunk: bytes) -> None:
    try:
        body.write(chunk)
    except OSError as error:  # the disk is full
        raise Refused(503) from error


def discard(client: IO[bytes], length: int) -> None:
    for _ in chunks(client, length):
        pass


def check_charset(environ: WSGIEnvironment) -> None:
    """Raise Refused for another charset than UTF-8, or a content type of any length.

    Django would decode by it before any middleware, and once more for its error page.
    """
    kind = environ.get("CONTENT_TYPE", "")
    if len(kind) > LONGEST_TYPE or parse_header_parameters(kind)[1].get("charset", "utf-8").lower() != "utf-8":
        raise Refused(400)


def with_own_errors(application: WSGIApplication, django: WSGIApplication) -> WSGIApplication:
    """Return the application that answers what it refused by a page of Django's own making."""

    def answering(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except Refused as refused:
            unread = {"CONTENT_LENGTH": "", "CONTENT_TYPE": "", "QUERY_STRING": ""}
            return django(environ | unread | {REFUSED: refused.status}, start_response)

    return answering
