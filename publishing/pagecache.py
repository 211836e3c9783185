"""A cache of public pages around Django: ready-made bytes, served only while they are what Django would answer.

Each process keeps its own. Before each answer it asks the database for the version of the content; a page is made
anew when that is another one, or when the moment has come at which something in the page changes by itself.
"""

import hashlib
import logging
import re
import zlib
from collections import OrderedDict
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from threading import Lock
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

import brotli

from publishing.keeping import VERSION, newest
from publishing.version import Down

MOST_PAGES = 500
MOST_BYTES = 32 * 1024 * 1024
OUTAGE = 24 * 60 * 60  # seconds for which pages are served while the database is down
BROTLI = {"mode": brotli.MODE_TEXT, "quality": 5, "lgwin": 16}  # under 1 ms; a larger window costs memory to clear
# What mail programs, search engines and social networks append to addresses; nothing on the site reads it.
TRACKING = re.compile(r"utm_\w+|gclid|gbraid|wbraid|fbclid|msclkid|dclid|mc_[ce]id|_ga|_gl|ref_src|srsltid")
# Headers that gunicorn adds, or that depend on the encoding.
DROPPED = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length", "etag", "vary"}
# What of a request reaches Django when a page is made that others get as well.
PASSED = {"SERVER_PROTOCOL", "PATH_INFO"}

log = logging.getLogger(__name__)


@lru_cache(256)
def encoding_for(accepted):
    """The encoding to use for the value of an Accept-Encoding header: "br", "gzip" or ""."""
    weights = {}
    for part in accepted.lower().split(","):
        name, _, rest = part.partition(";")
        try:
            weights[name.strip()] = float(rest.partition("q=")[2] or 1)
        except ValueError:
            weights[name.strip()] = 0.0
    return next((name for name in ("br", "gzip") if weights.get(name, weights.get("*", 0)) > 0), "")


def compressed(body, encoding):
    if encoding == "br":
        return brotli.compress(body, **BROTLI)
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()


@dataclass
class KeptPage:
    """A page of one version of the content, whole until the moment `until`; `sure_at` is when that was last known.

    The version is None where it may be of two: such a page is good for an outage alone.
    """

    version: Any
    until: float
    headers: list[tuple[str, str]]
    body: bytes
    sure_at: float = 0.0
    encoded: dict[str, tuple] = field(default_factory=dict)

    def answer(self, environ, start_response):
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if encoding not in self.encoded:
            self.encoded[encoding] = self.prepared(encoding)
        tag, short, full, body = self.encoded[encoding]
        asked = environ.get("HTTP_IF_NONE_MATCH")
        if asked and (asked.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in asked.split(",")]):
            start_response("304 Not Modified", short[:])
            return []
        start_response("200 OK", full[:])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def prepared(self, encoding):
        """(the entity tag, the headers of a 304, those of a 200, the body) in an encoding."""
        body = compressed(self.body, encoding) if encoding else self.body
        digest = hashlib.blake2b(self.body, digest_size=12).hexdigest()
        tag = f'"{digest}{encoding and "-"}{encoding}"'
        kind = [header for header in self.headers if header[0].lower() == "content-type"]
        short = [header for header in self.headers if header not in kind]
        short += [("ETag", tag), ("Vary", "Accept-Encoding")]
        full = [*short, *kind, ("Content-Length", str(len(body)))]
        return tag, short, full + ([("Content-Encoding", encoding)] if encoding else []), body


class PageCache:
    """A WSGI application in front of another.

    version: a function that tells the version of the content, or raises Down; site: (scheme, host) under which pages
    are made; is_own: a function that tells whether a Host header is the site's; parameters: a function that gives the
    parameters of the public view at a path, as {name: pattern}, or None where there is none; limits: the most pages,
    and the most bytes, to keep.
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
        except Down:
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
            status, headers, response = self.asked(self.scrubbed(environ, key, version))
            if is_public(status, headers, response):
                made = self.page_of(version, headers, response)
                if is_kept and (made.version is not None or page is None):
                    self.keep(key, made)
                return made.answer(environ, start_response)
        return self.what_is_no_page(key, page, environ, start_response, (status, headers, response))

    def page_of(self, version, headers, response):
        """What Django made of this version; if something was committed meanwhile, of that and another, perhaps."""
        headers = [header for header in headers if header[0].lower() not in DROPPED]
        with closing(response):
            body = b"".join(response)
        if self.latest(version) != version:
            newest.clear()
            version = None
        return KeptPage(version, response.kept_until, headers, body, time())

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
        except Down:
            return version

    def asked(self, environ):
        """(status, headers, response) of the application behind."""
        told: list[Any] = []

        def start_response(status, headers, exc_info=None):
            told[:] = [status, headers]

        response = self.app(environ, start_response)
        return *told, response

    def scrubbed(self, environ, key, version):
        """The request with nothing in it but the key and the version: nobody's headers shall colour what others see."""
        clean = {name: value for name, value in environ.items() if name in PASSED or name.startswith("wsgi.")}
        given = {"REQUEST_METHOD": "GET", "QUERY_STRING": key[1], "HTTP_HOST": self.host, "REMOTE_ADDR": "127.0.0.1"}
        given |= {"SCRIPT_NAME": "", "SERVER_NAME": self.host, "SERVER_PORT": "", VERSION: version}
        return clean | given | {"wsgi.input": BytesIO(), "wsgi.url_scheme": self.scheme}

    def keep(self, key, page):
        """Keep the page; those that were not asked for longest go."""
        with self.lock:
            if old := self.pages.pop(key, None):
                self.size -= weight(old)
            self.pages[key] = page
            self.size += weight(page)
            while self.pages and (len(self.pages) > self.most_pages or self.size > self.most_bytes):
                self.size -= weight(self.pages.popitem(last=False)[1])

    def without_database(self, key, page, environ, start_response):
        if page is not None and time() - page.sure_at < OUTAGE:
            return self.tell_and_answer(page, environ, start_response)
        return self.app(environ, start_response)

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
        and hasattr(response, "kept_until")
        and not getattr(response, "streaming", True)
        and "set-cookie" not in names
        and "content-encoding" not in names
        and not re.search(r"private|no-store", names.get("cache-control", ""))
        and "nonce-" not in names.get("content-security-policy", "")
        and names.get("vary", "").lower() in ("", "accept-encoding")
    )


def weight(page):
    """What a page takes, in bytes: its body, and about as much for its compressed forms."""
    return 2 * len(page.body)


def close(response):
    if hasattr(response, "close"):
        response.close()
