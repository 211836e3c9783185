"""A cache of public pages around Django: ready-made bytes, served only while they are what Django would answer.

Each process keeps its own. Before each answer it asks the database for the version of the content; a page is made
anew when that is another one, or when the moment has come at which something in the page changes by itself.
"""

import logging
import re
from collections import OrderedDict
from contextlib import closing
from io import BytesIO
from threading import Lock
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pagecache.middleware import DATABASE_DOWN
from pagecache.page import KeptPage
from pagecache.state import PAGE_STATE, PageState, SharedState
from pagecache.version import DatabaseDown

MOST_PAGES = 500
MOST_BYTES = 32 * 1024 * 1024
OUTAGE = 24 * 60 * 60  # seconds for which pages are served while the database is down
# What mail programs, search engines and social networks append to addresses; nothing on the site reads it.
TRACKING = re.compile(r"utm_\w+|gclid|gbraid|wbraid|fbclid|msclkid|dclid|mc_[ce]id|_ga|_gl|ref_src|srsltid")
# Headers that gunicorn adds, or that depend on the encoding.
DROPPED = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length", "etag", "vary"}
# What of a request reaches Django when a page is made that others get as well.
PASSED = {"SERVER_PROTOCOL", "PATH_INFO"}

log = logging.getLogger(__name__)


class PageCache:
    """A WSGI application in front of another.

    version: a function that tells the version of the content, or raises DatabaseDown; site: (scheme, host) under which
    pages are made; is_own: a function that tells whether a Host header is the site's; parameters: a function that
    gives the parameters of the public view at a path, as {name: pattern}, or None where there is none; limits: the
    most pages, and the most bytes, to keep.
    """

    def __init__(self, app, version, site, is_own, parameters, limits=(MOST_PAGES, MOST_BYTES)):
        self.app, self.version, self.is_own, self.parameters = app, version, is_own, parameters
        self.scheme, self.host = site
        self.most_pages, self.most_bytes = limits
        self.pages: OrderedDict[tuple[str, str], KeptPage] = OrderedDict()
        self.size = 0
        self.lock = Lock()
        self.makers: dict[tuple[str, str], Lock] = {}
        self.told_at = 0.0
        self.newest: SharedState | None = None  # of the version that the last page was made of

    def __call__(self, environ, start_response):
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ["wsgi.url_scheme"] != self.scheme:
            return self.app(environ, start_response)
        if environ.get("SCRIPT_NAME") or not self.is_own(environ.get("HTTP_HOST", "")):
            return self.app(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        key = (path, query)
        page = self.pages.get(key)
        if page is None:
            known = self.parameters(path)
            if known is None:
                return self.app(environ, start_response)
            if query:
                query = normal(query, known)
                key = (path, environ["QUERY_STRING"] if query is None else query)
                page = None if query is None else self.pages.get(key)
        try:
            version = self.version()  # before anything is made: what changes meanwhile ends it
        except DatabaseDown:
            return self.without_database(key, page, environ, start_response)
        now = time()
        if page is not None and page.version == version and now < page.until:
            page.sure_at = now
            with self.lock:
                if key in self.pages:
                    self.pages.move_to_end(key)
            return page.answer(environ, start_response)
        return self.make(key, version, query is not None, environ, start_response)

    def make(self, key, version, is_kept, environ, start_response):
        """Let Django make the page: one thread does, the others wait and take it."""
        with self.lock:
            if len(self.makers) > self.most_pages:
                self.makers.clear()  # two may then make one page at the same time, which only costs time
            maker = self.makers.setdefault(key, Lock())
        with maker:
            page = self.pages.get(key)
            version = self.latest(version)  # of now, not of when the wait began
            if page is not None and page.version == version and time() < page.until:
                return page.answer(environ, start_response)
            state = self.state_of(version)
            status, headers, response = self.asked(self.scrubbed(environ, key, state))
            if state.expires_at is not None and is_public(status, headers, response):
                made = self.page_of(state, headers, response)
                if is_kept and (made.version is not None or page is None):
                    self.keep(key, made)
                return made.answer(environ, start_response)
        return self.what_is_no_page(key, page, environ, start_response, (status, headers, response))

    def state_of(self, version):
        """The state of a page that is to be made now, with what other pages of the version have left for it."""
        state = PageState(shared=SharedState(version))
        known = self.newest
        if known and known.version == version and state.now.timestamp() < (known.next_change or 0):
            state.shared = known
        return state

    def page_of(self, state, headers, response):
        """What Django made of a version; if something was committed meanwhile, of that and another, perhaps."""
        headers = [header for header in headers if header[0].lower() not in DROPPED]
        with closing(response):
            body = b"".join(response)
        is_of_one_version = self.latest(state.shared.version) == state.shared.version
        self.newest = state.shared if is_of_one_version else None
        version = state.shared.version if is_of_one_version else None
        return KeptPage(version, state.expires_at, headers, body, time())

    def what_is_no_page(self, key, page, environ, start_response, answer):
        """The answer of Django that is not for everybody, or in its place the page of before an outage."""
        status, headers, response = answer
        if status.startswith("503") and page is not None and time() - page.sure_at < OUTAGE:
            close(response)  # the database went down meanwhile
            return self.tell_and_answer(page, environ, start_response)
        if status.startswith("200"):  # declared public, but is not: this visitor alone gets it
            close(response)
            log.error("Not kept, though declared public: %s", key[0])
            return self.app(environ, start_response)
        start_response(status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":  # it was made as if for GET
            close(response)
            return []
        return response

    def latest(self, version):
        """The version now; during an outage the one that is known."""
        try:
            return self.version()
        except DatabaseDown:
            return version

    def asked(self, environ):
        """(status, headers, response) of the application behind."""
        told: list[Any] = []

        def start_response(status, headers, exc_info=None):
            told[:] = [status, headers]

        response = self.app(environ, start_response)
        return *told, response

    def scrubbed(self, environ, key, state):
        """The request with nothing in it but the key and the state: nobody's headers shall colour what others see."""
        clean = {name: value for name, value in environ.items() if name in PASSED or name.startswith("wsgi.")}
        given = {"REQUEST_METHOD": "GET", "QUERY_STRING": key[1], "HTTP_HOST": self.host, "REMOTE_ADDR": "127.0.0.1"}
        given |= {"SCRIPT_NAME": "", "SERVER_NAME": self.host, "SERVER_PORT": "", PAGE_STATE: state}
        return clean | given | {"wsgi.input": BytesIO(), "wsgi.url_scheme": self.scheme}

    def keep(self, key, page):
        """Keep the page; those that were not asked for longest go."""
        with self.lock:
            if old := self.pages.pop(key, None):
                self.size -= old.weight
            self.pages[key] = page
            self.size += page.weight
            while self.pages and (len(self.pages) > self.most_pages or self.size > self.most_bytes):
                self.size -= self.pages.popitem(last=False)[1].weight

    def without_database(self, key, page, environ, start_response):
        if page is not None and time() - page.sure_at < OUTAGE:
            return self.tell_and_answer(page, environ, start_response)
        return self.app(environ | {DATABASE_DOWN: True}, start_response)

    def tell_and_answer(self, page, environ, start_response):
        """Serve a page of before the outage, with a line in the log once a minute."""
        if time() - self.told_at > 60:
            self.told_at = time()
            log.error("The database does not answer: pages of before are served.")
        return page.answer(environ, start_response)


def normal(query, known):
    """The query with the known parameters alone, in order; None where there is another, or one twice."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=30)
    except ValueError:
        return None
    pairs = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
    if len(dict(pairs)) != len(pairs) or any(
        name not in known or not known[name].fullmatch(value) for name, value in pairs
    ):
        return None
    return urlencode(sorted(pairs))


def is_public(status, headers, response):
    """Whether an answer may be given to others: declared so, and nothing in it is one visitor's own."""
    names = {name.lower(): value for name, value in headers}
    return (
        status.startswith("200")
        and not getattr(response, "streaming", True)
        and "set-cookie" not in names
        and "content-encoding" not in names
        and not re.search(r"private|no-store", names.get("cache-control", ""))
        and "nonce-" not in names.get("content-security-policy", "")
        and names.get("vary", "").lower() in ("", "accept-encoding")
    )


def close(response):
    if hasattr(response, "close"):
        response.close()
