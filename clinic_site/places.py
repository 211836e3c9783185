"""Few threads that run Django, behind the many that wait for clients.

Each place is a thread with a connection to the database of its own. Visitors have places that staff cannot take; what
keeps a processor busy for long, such as the check of a password, has the fewest.
"""

import atexit
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import IO, ParamSpec, TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.http import parse_header_parameters

from clinic_site.middleware import REFUSED

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = 20  # seconds to wait for a place
UPLOADS_PATIENCE = 120  # the same for an upload: one is worked on at a time
IN_MEMORY = 100_000  # bytes of a body
CHUNK = 64 * 1024
LONGEST_TYPE = 1000  # characters of a Content-Type
MOST_DISCARDED = 200_000_000  # bytes that are read only to be able to answer


class Refused(Exception):
    """A request that does not reach its view, with the status of the answer."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Places:
    """A WSGI application that runs another in so many threads, for which so many others may wait.

    Raises Refused for one more, and for who waited in vain for `patience` seconds.
    """

    def __init__(
        self, application: WSGIApplication, number: int, waiting: int, name: str, patience: float = PATIENCE
    ) -> None:
        self.application, self.patience = application, patience
        self.here, self.free = BoundedSemaphore(number + waiting), BoundedSemaphore(number)
        self.threads = ThreadPoolExecutor(number, name, initializer=close_connection_at_exit)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self.run(self.application, environ, start_response)

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        with taken(self.here, 0), taken(self.free, self.patience):
            # With the request's context, such as its id.
            return self.threads.submit(copy_context().run, partial(function, *args, **kwargs)).result()


@contextmanager
def taken(semaphore: BoundedSemaphore, patience: float) -> Iterator[None]:
    if not semaphore.acquire(timeout=patience):
        raise Refused(503)
    try:
        yield
    finally:
        semaphore.release()


opened: list[BaseDatabaseWrapper] = []  # the connections of the places


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
        if environ.get("HTTP_EXPECT"):  # the body comes only if it is wanted
            raise Refused(413)
        discard(client, min(length, MOST_DISCARDED))
        raise Refused(413)
    with SpooledTemporaryFile(IN_MEMORY) as body:
        for chunk in chunks(client, length):
            write(body, chunk)
        body.seek(0)
        yield environ | {"wsgi.input": body}


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
    try:
        parameters = parse_header_parameters(kind)[1]
    except ValueError as error:
        raise Refused(400) from error
    if len(kind) > LONGEST_TYPE or parameters.get("charset", "utf-8").lower() != "utf-8":
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
