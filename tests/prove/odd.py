"""Odd requests, as bytes for a socket: those that anyone can think of, and any others."""

import errno
import random
import socket
from typing import NamedTuple

from tests.everywhere.walk import SERVICE

TOKEN = "a" * 32
COOKIE = f"Cookie: csrf={TOKEN}"
FORM = f"csrfmiddlewaretoken={TOKEN}&username=a&password=b"
SMUGGLED = "GET /smuggled/ HTTP/1.1\r\nHost: smuggled\r\n\r\n"
TARGETS = (
    "/",
    SERVICE,
    "/faq/?page=1",
    "/contact/clinic.vcf",
    "/robots.txt",
    "/no-such-page/",
    "/admin/login/",
    "/admin/",
    "/favicon.ico",
    "/media/" + "0" * 32 + "-40.webp",
    "/draft/1:x:y/",
    "http://{host}/faq/",
    "http://elsewhere.example/",
    "https://{host}/",
    "HTTP://{host}",
    "{host}",
    "elsewhere.example:443",
    "*",
    "",
    "//",
    "//elsewhere.example/",
    "/%00",
    "/%",
    "/%zz",
    "/%c3%28/",
    "/\xff\xfe",
    "/\x01\x7f",
    "/a b",
    "/a\tb",
    "/../../etc/passwd",
    "/static/..%2f..%2fmanage.py",
    "/static/%2e%2e/manage.py",
    "/#x",
    "/?" + "x=1&" * 900,
    "/" + "x" * 3000,
    "/" + "x" * 9000,
    "/contact",
)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get", "G", "")
METHODS += ("G@T", "GE\tT", "X" * 30)
VERSIONS = (*(f"HTTP/{text}" for text in ("1.1", "1.0", "0.9", "2.0", "9.9", "1", "1.1 ", "1.10", "x")), "X", "")
LINES = (
    "X_Under_Score: 1",
    "Content_Length: 5",
    "Transfer_Encoding: chunked",
    "Name : blank",
    " Name: led",
    "Na me: in",
    ": none",
    "NoColon",
    "Empty:",
    "X: a\r\n folded",
    "X: a\r\n\tfolded",
    "X: a\nLine: bare",
    "X: a\rb",
    "X: \x00",
    "X: \x01\x02\x7f",
    "X\x00: a",
    "X: \xff\xfe",
    "\xff: a",
    "Host: elsewhere.example",
    "Host: a\r\nHost: b",
    "Host:",
    "Host: a@b",
    "Host: [::1",
    "Host: " + "a" * 3000,
    "Connection: keep-alive",
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
    "Connection: host, cookie",
    "Upgrade: websocket\r\nConnection: upgrade",
    "Expect: 100-continue",
    "Expect: x",
    "TE: trailers",
    "Trailer: Content-Length",
    "Range: bytes=0-0,1-1",
    "If-None-Match: *",
    "If-Modified-Since: x",
    "Accept-Encoding: br;q=x",
    "Accept-Language: " + "de," * 900,
    "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Host: elsewhere.example",
    "Forwarded: for=1.2.3.4;proto=https",
    "SCRIPT_NAME: /x",
    "SCRIPT-NAME: /x",
    "PATH-INFO: /admin/",
    "REMOTE-USER: manager",
    "Proxy: http://elsewhere.example/",
    "X-HTTP-Method-Override: DELETE",
    "Cookie: session=" + "x" * 8000,
    "Cookie: session=\x00",
    "Cookie: " + "a=b; " * 1500,
    "Content-Type: application/x-www-form-urlencoded; charset=utf-16",
    "Content-Type: multipart/form-data; boundary=" + "x" * 300,
    "Content-Encoding: gzip",
    "X: " + "x" * 100_000,
    "\r\n".join(f"X-{number}: x" for number in range(1000)),
)
# Bodies that lie: header lines and what is sent.
LIES = (
    ("Content-Length: 999", FORM),
    ("Content-Length: 3", FORM),
    ("Content-Length: 0", FORM),
    ("Content-Length: -5", FORM),
    ("Content-Length: +5", FORM),
    ("Content-Length: 5_0", FORM),
    ("Content-Length: 0x10", FORM),
    ("Content-Length: 1e3", FORM),
    ("Content-Length: ٥", FORM),
    ("Content-Length:", FORM),
    ("Content-Length: 99999999999999999999", FORM),
    ("Content-Length: 9999999999", FORM),
    ("Content-Length: " + "9" * 5000, FORM),
    ("Content-Length: 5\r\nContent-Length: 5", FORM),
    ("Content-Length: 5\r\nContent-Length: 50", FORM),
    ("Content-Length: 5, 5", FORM),
    ("Transfer-Encoding: chunked", f"{len(FORM):x}\r\n{FORM}\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", f"{len(FORM):x};x=y\r\n{FORM}\r\n0\r\nX: trailer\r\n\r\n"),
    ("Transfer-Encoding: chunked", "0\r\n"),
)
# In a body that Django reads, gunicorn finds these when it is too late for an answer of its own.
BAD_CHUNKS = (
    "5\r\nabc",
    "zz\r\nabc\r\n0\r\n\r\n",
    "-1\r\nabc\r\n0\r\n\r\n",
    "+3\r\nabc\r\n0\r\n\r\n",
    "0x3\r\nabc\r\n0\r\n\r\n",
    "3\nabc\n0\n\n",
    "3\r\nabcd\r\n0\r\n\r\n",
    "3 \r\nabc\r\n0\r\n\r\n",
    "ffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    "f" * 5000,
    "",
    "3;" + "x" * 9000 + "\r\nabc\r\n0\r\n\r\n",
)
SMUGGLING = (
    ("Content-Length: {all}\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding: chunked\r\nContent-Length: 4", "5c\r\n" + SMUGGLED + "\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding: xchunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding: chunked, identity", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding: chunked, chunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding: gzip, chunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding : chunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding:\tchunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer-Encoding:\x0bchunked", "0\r\n\r\n" + SMUGGLED),
    ('Transfer-Encoding: "chunked"', "0\r\n\r\n" + SMUGGLED),
    ("X: x\nTransfer-Encoding: chunked", "0\r\n\r\n" + SMUGGLED),
    ("X: x\r\n Transfer-Encoding: chunked", "0\r\n\r\n" + SMUGGLED),
    ("Transfer_Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n" + SMUGGLED),
    ("Content-Length: 0", SMUGGLED),
    ("Content-Length: 0\r\nConnection: keep-alive", SMUGGLED),
    ("Content-Length: 5\r\nContent-Length: 0", "0\r\n\r\n" + SMUGGLED),
    ("X: y", SMUGGLED),
)
PREFACES = (
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\x00" * 9,
    "GET /\r\n",
    "GET /\r\n\r\n",
    "GET / HTTP/1.1\r\n",
    "GET / HTTP/1.1\n\n",
    "\r\n\r\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: {host}\r\n\r\n",
    "\r\n\r\n\x00\r\nQUIT\n!T!\x11\x00\x0c",
    "X" * 100_000,
    "\n" * 1000,
    "",
)
CLOSED = (errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN)


class Odd(NamedTuple):
    kind: str
    sent: bytes


def request(host, line, *lines, body=""):
    text = "\r\n".join([line, f"Host: {host}", *lines]) + "\r\n\r\n" + body
    return text.replace("{host}", host).replace("{all}", str(len(body))).encode("latin-1", "replace")


def listed(host):
    """Each of the lists above, once."""
    for target in TARGETS:
        yield from (Odd("target", request(host, f"{method} {target} HTTP/1.1")) for method in ("GET", "POST"))
    for method in METHODS:
        yield from (Odd("line", request(host, f"{method} / {version}")) for version in VERSIONS)
    for path in ("/", "/no-such-page/", "/admin/login/"):
        yield from (Odd("header", request(host, f"GET {path} HTTP/1.1", line)) for line in LINES)
        chunked = [("Transfer-Encoding: chunked", body) for body in BAD_CHUNKS]
        for kind, lies in (("lie", LIES), ("chunk", chunked), ("smuggling", SMUGGLING)):
            for line, body in lies:
                typed = "Content-Type: application/x-www-form-urlencoded"
                yield Odd(kind, request(host, f"POST {path} HTTP/1.1", line, COOKIE, typed, body=body))
                yield Odd(kind, request(host, f"GET {path} HTTP/1.1", line, body=body))
    yield from (Odd("preface", text.replace("{host}", host).encode("latin-1")) for text in PREFACES)


def mutated(sent, chance):
    """A request with some bytes changed, doubled, or lost."""
    data = bytearray(sent[:20_000])
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(data) + 1)
        piece = chance.choice(
            [b"", b"\x00", b"\n", b" ", b":", b"\xff", b"0", b"x", b"%", data[at : at + chance.randint(1, 30)]]
        )
        data[at : at + chance.choice([0, 1, 3])] = piece
    return bytes(data)


def odd_requests(host, number, seed=0):
    """As many: the listed, any of their parts together, and these with bytes that are lost or changed."""
    chance, known = random.Random(seed), [*listed(host)]
    yield from known
    changed = [odd for odd in known if odd.kind in ("target", "lie", "chunk")]
    short = [line for line in LINES if len(line) < 4000]
    for turn in range(number - len(known)):
        if turn % 2:
            line = f"{chance.choice(METHODS[:10])} {chance.choice(TARGETS)} {chance.choice(VERSIONS[:2])}"
            lines = chance.sample(short, chance.choice([1, 1, 2, 3]))
            yield Odd("mixed", request(host, line, *lines, body=chance.choice(["", "", FORM, SMUGGLED])))
        else:
            yield Odd("mutated", mutated(chance.choice(changed).sent, chance))


def answer(port, sent):
    """All that the site says before it closes the connection, whose other half is closed once the request is sent."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        found = b""
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while data := connection.recv(1 << 18):
                found += data
        except OSError as error:
            if error.errno not in CLOSED:  # it was answered before all was read
                raise
        return found
