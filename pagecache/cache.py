"""The WSGI application in front of Django that answers public pages from memory."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import closing
from io import BytesIO
from threading import Lock
from time import time
from typing import NamedTuple
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from pagecache.middleware import DATABASE_DOWN
from pagecache.page import CachedPage, Headers
from pagecache.query_string import QueryParameters, normalized_query
from pagecache.state import PAGE_STATE, PageState, SharedState
from pagecache.version import DatabaseDown, VersionReader

MAX_PAGES = 500
MAX_BYTES = 32 * 1024 * 1024
MAX_OUTAGE = 24 * 60 * 60  # seconds for which pages are served while the database is down
FILE_CHECKED_WITHIN = 1  # seconds: how long cached pages may outlive a file of the database that is replaced
# Headers that gunicorn adds, or that depend on the encoding.
DROPPED_HEADERS = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length", "etag", "vary"}
# What of a request reaches Django when a page is made that others get as well.
PASSED_VARIABLES = {"SERVER_PROTOCOL", "PATH_INFO"}

Key = tuple[str, str]  # path and query

log = logging.getLogger(__name__)


class Answer(NamedTuple):
    status: str
    headers: Headers
    body: Iterable[bytes]

    def close(self) -> None:
        if hasattr(self.body, "close"):
            self.body.close()


class PageStore:
    def __init__(self, max_pages: int, max_bytes: int) -> None:
        self.max_pages, self.max_bytes = max_pages, max_bytes
        self.pages: OrderedDict[Key, CachedPage] = OrderedDict()
        self.size = 0
        self.lock = Lock()

    def get(self, key: Key) -> CachedPage | None:
        return self.pages.get(key)

    def mark_used(self, key: Key) -> None:
        with self.lock:
            if key in self.pages:
                self.pages.move_to_end(key)

    def put(self, key: Key, page: CachedPage) -> None:
        with self.lock:
            if old := self.pages.pop(key, None):
                self.size -= old.size
            self.pages[key] = page
            self.size += page.size
            while self.pages and (len(self.pages) > self.max_pages or self.size > self.max_bytes):
                self.size -= self.pages.popitem(last=False)[1].size


class PageCache:
    """A WSGI application that caches the public pages of another.

    site: (scheme, host) under which pages are made; is_own_host: whether a Host header is the site's;
    query_parameters: those of the public view at a path, or None where there is none; limits: the most pages, and the
    most bytes, to cache.
    """

    def __init__(
        self,
        application: WSGIApplication,
        read_version: VersionReader,
        site: tuple[str, str],
        is_own_host: Callable[[str], bool],
        query_parameters: Callable[[str], QueryParameters | None],
        limits: tuple[int, int] = (MAX_PAGES, MAX_BYTES),
    ) -> None:
        self.application, self.read_version = application, read_version
        self.scheme, self.host = site
        self.is_own_host, self.query_parameters = is_own_host, query_parameters
        self.store = PageStore(*limits)
        self.locks: dict[Key, Lock] = {}  # one for each page that is being made
        self.lock = Lock()  # for the locks
        self.newest: SharedState | None = None  # of the version that the last page was made of
        self.outage_logged_at = 0.0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self.may_answer(environ):
            return self.application(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        key, may_store = (path, query), True
        page = self.store.get(key)
        if page is None:
            parameters = self.query_parameters(path)
            if parameters is None:
                return self.application(environ, start_response)
            if query:
                normalized = normalized_query(query, parameters)
                may_store = normalized is not None
                key = (path, query if normalized is None else normalized)
                page = self.store.get(key) if may_store else None
        try:
            version = self.read_version(FILE_CHECKED_WITHIN)
        except DatabaseDown:
            if page is not None and time() - page.verified_at < MAX_OUTAGE:
                return self.answer_in_outage(page, environ, start_response)
            return self.application(environ | {DATABASE_DOWN: True}, start_response)
        now = time()
        if page is not None and page.is_valid(version, now):
            page.verified_at = now
            self.store.mark_used(key)
            return page.answer(environ, start_response)
        return self.make(key, version, may_store, environ, start_response)

    def may_answer(self, environ: WSGIEnvironment) -> bool:
        return (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and environ["wsgi.url_scheme"] == self.scheme
            and not environ.get("SCRIPT_NAME")
            and self.is_own_host(environ.get("HTTP_HOST", ""))
        )

    def make(
        self, key: Key, version: str, may_store: bool, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        with self.lock:
            if len(self.locks) > self.store.max_pages:
                self.locks.clear()  # two may then make one page at the same time, which only costs time
            lock = self.locks.setdefault(key, Lock())
        with lock:
            page = self.store.get(key)
            version = self.version_or(version)  # of now, not of when the wait began
            if page is not None and page.is_valid(version, time()):
                return page.answer(environ, start_response)
            state = self.state_for(version)
            answer = self.call_application(self.anonymous(environ, key, state))
            if state.expires_at is not None and is_public(answer):
                made = self.page_from(answer, version, state)
                if may_store and (made.version is not None or page is None):
                    self.store.put(key, made)
                return made.answer(environ, start_response)
        return self.pass_on(answer, page, environ, start_response)

    def version_or(self, known: str) -> str:
        try:
            return self.read_version()
        except DatabaseDown:
            return known

    def state_for(self, version: str) -> PageState:
        state = PageState(shared=SharedState(version))
        newest = self.newest
        moment = state.now.timestamp()
        if newest and newest.version == version and newest.made_for <= moment < (newest.next_change or 0):
            state.shared = newest
        else:
            state.shared.made_for = moment
        return state

    def anonymous(self, environ: WSGIEnvironment, key: Key, state: PageState) -> WSGIEnvironment:
        """Return a request of nobody for the same page: no header that was sent may show in what others get."""
        passed = {name: value for name, value in environ.items() if name in PASSED_VARIABLES or name[:5] == "wsgi."}
        own: WSGIEnvironment = {PAGE_STATE: state}
        own |= {"REQUEST_METHOD": "GET", "QUERY_STRING": key[1], "HTTP_HOST": self.host, "REMOTE_ADDR": "127.0.0.1"}
        own |= {"SCRIPT_NAME": "", "SERVER_NAME": self.host, "SERVER_PORT": ""}
        return passed | own | {"wsgi.input": BytesIO(), "wsgi.url_scheme": self.scheme}

    def call_application(self, environ: WSGIEnvironment) -> Answer:
        started: list[tuple[str, Headers]] = []

        def start_response(status: str, headers: Headers, exc_info: object = None) -> Callable[[bytes], object]:
            started[:] = [(status, headers)]
            return lambda data: None

        body = self.application(environ, start_response)
        return Answer(*started[0], body)

    def page_from(self, answer: Answer, version: str, state: PageState) -> CachedPage:
        """Return the page, with no version where something was committed while it was made.

        What it shares is handed on to the next pages of its version, or forgotten with the version.
        """
        headers = [header for header in answer.headers if header[0].lower() not in DROPPED_HEADERS]
        with closing(answer):
            body = b"".join(answer.body)
        is_of_one_version = self.version_or(version) == version
        self.newest = state.shared if is_of_one_version else None
        known_version = version if is_of_one_version else None
        return CachedPage(known_version, state.now.timestamp(), state.expires_at or 0, headers, body, time())

    def pass_on(
        self, answer: Answer, page: CachedPage | None, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if answer.status.startswith("503") and page is not None and time() - page.verified_at < MAX_OUTAGE:
            answer.close()  # the database went down meanwhile
            return self.answer_in_outage(page, environ, start_response)
        if answer.status.startswith("200"):  # declared public, but is not: this visitor alone gets it
            answer.close()
            log.error("Not cached, though declared public: %s", environ["PATH_INFO"])
            return self.application(environ, start_response)
        start_response(answer.status, answer.headers)
        if environ["REQUEST_METHOD"] == "HEAD":  # it was made as if for GET
            answer.close()
            return []
        return answer.body

    def answer_in_outage(
        self, page: CachedPage, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if time() - self.outage_logged_at > 60:
            self.outage_logged_at = time()
            log.error("The database does not answer: cached pages are served.")
        return page.answer(environ, start_response)


def is_public(answer: Answer) -> bool:
    headers = {name.lower(): value for name, value in answer.headers}
    return (
        answer.status.startswith("200")
        and not getattr(answer.body, "streaming", True)
        and "set-cookie" not in headers
        and "content-encoding" not in headers
        and not re.search(r"private|no-store", headers.get("cache-control", ""))
        and "nonce-" not in headers.get("content-security-policy", "")
        and headers.get("vary", "").lower() in ("", "accept-encoding")
    )
