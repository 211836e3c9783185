"""A cached page, and its answers."""

import ctypes
import hashlib
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

import brotli

Headers = list[tuple[str, str]]

BROTLI = {"mode": brotli.MODE_TEXT, "quality": 5, "lgwin": 16}  # under 1 ms for the longest page
# Options of mallopt(3) and their values: glibc keeps up to 4 MB that are free. That is what brotli works with, and
# asking the kernel for it anew for each page would cost as much as brotli does. More goes back, whatever a request has
# taken; left alone, glibc keeps twice as much as the largest block that was ever freed. All threads share two arenas.
MMAP_THRESHOLD, TRIM_THRESHOLD, ARENA_MAX = -3, -1, -8
MALLOC = {MMAP_THRESHOLD: 4 << 20, TRIM_THRESHOLD: 4 << 20, ARENA_MAX: 2}


def tune_malloc() -> None:
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return
    for option, value in MALLOC.items():
        mallopt(option, value)


tune_malloc()


@lru_cache(256)
def encoding_for(accepted: str) -> str:
    weights = {}
    for part in accepted.lower().split(","):
        name, _, rest = part.partition(";")
        try:
            weights[name.strip()] = float(rest.partition("q=")[2] or 1)
        except ValueError:
            weights[name.strip()] = 0.0
    return next((name for name in ("br", "gzip") if weights.get(name, weights.get("*", 0)) > 0), "")


def compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return bytes(brotli.compress(body, **BROTLI))
    packer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packer.compress(body) + packer.flush()


def strong(tag: str) -> str:
    return tag.strip().removeprefix("W/")


class Encoded(NamedTuple):
    tag: str
    headers_of_304: Headers
    headers_of_200: Headers
    body: bytes


@dataclass
class CachedPage:
    """A page made of one version of the content for `made_for`, valid from then until `expires_at`.

    It was last known to be valid at `verified_at`.

    The version is None where it may be of two: such a page is good for an outage alone. Times are in seconds since
    1970.
    """

    version: str | None
    made_for: float
    expires_at: float
    headers: Headers
    body: bytes
    verified_at: float = 0.0
    encodings: dict[str, Encoded] = field(default_factory=dict)

    def is_valid(self, version: str, now: float) -> bool:
        # A clock that ran ahead and was set right may have shown what is still to come.
        return self.version == version and self.made_for <= now < self.expires_at

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        encoding = encoding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if encoding not in self.encodings:
            self.encodings[encoding] = self.encoded(encoding)
        tag, headers_of_304, headers_of_200, body = self.encodings[encoding]
        known_tags = environ.get("HTTP_IF_NONE_MATCH")
        if known_tags and (known_tags.strip() == "*" or tag in map(strong, known_tags.split(","))):
            start_response("304 Not Modified", headers_of_304[:])
            return []
        start_response("200 OK", headers_of_200[:])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def encoded(self, encoding: str) -> Encoded:
        body = compressed(self.body, encoding) if encoding else self.body
        digest = hashlib.blake2b(self.body, digest_size=12).hexdigest()
        tag = f'"{digest}{encoding and "-"}{encoding}"'
        content_type = [header for header in self.headers if header[0].lower() == "content-type"]
        short = [header for header in self.headers if header not in content_type]
        short += [("ETag", tag), ("Vary", "Accept-Encoding")]
        full = [*short, *content_type, ("Content-Length", str(len(body)))]
        return Encoded(tag, short, full + ([("Content-Encoding", encoding)] if encoding else []), body)

    @property
    def size(self) -> int:
        return 2 * len(self.body)
