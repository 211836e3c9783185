"""A public page in ready-made bytes."""

import hashlib
import zlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import brotli

BROTLI = {"mode": brotli.MODE_TEXT, "quality": 5, "lgwin": 16}  # under 1 ms for the longest page
# Once a block as large has been freed, glibc keeps the memory that brotli works with; it would ask the kernel for it
# anew for each page, which costs a third of what brotli does. M_MMAP_THRESHOLD in mallopt(3).
bytearray(8 * 1024 * 1024)


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

    @property
    def weight(self):
        """What the page takes, in bytes: its body, and about as much for its compressed forms."""
        return 2 * len(self.body)
