"""gunicorn's threaded worker, made patient with clients in its threads alone."""

import socket
import struct
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

STALL = 20  # seconds in which a client must send or take something
TIME = struct.pack("ll", STALL, 0)  # struct timeval
SAFE = ("GET", "HEAD")
OF_BODIES = ("CONTENT-LENGTH", "TRANSFER-ENCODING")
HEADERS = """\
Connection: close\r
Content-Type: text/html; charset=utf-8\r
Content-Security-Policy: {policy}\r
X-Content-Type-Options: nosniff\r
X-Frame-Options: DENY\r
Referrer-Policy: same-origin\r
Cross-Origin-Opener-Policy: same-origin\r
Cross-Origin-Resource-Policy: same-origin\r
Cache-Control: no-store\r
"""


class Worker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Threads that give up a client that stalls, and wait themselves for it to close the connection.

    gunicorn would wait for ever for the rest of a request, and in its main loop, which accepts connections, for a
    client that has got its answer. What is not HTTP gets a page of the site's own as well.
    """

    def handle(self, conn: TConn) -> Any:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, option, TIME)
        kept = super().handle(conn)
        if kept is False:
            conn.close(graceful=True)
            conn.close = lambda graceful=False: None  # gunicorn's main loop calls it as well
        return kept

    def handle_request(self, req: Any, conn: TConn) -> Any:
        if req.method not in SAFE or any(name in OF_BODIES for name, _ in req.headers):
            req.force_close()  # a proxy may not agree on where the body ends: what follows it is no request
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        try:
            return bool(super()._keepalive_after(conn, keepalive))
        except (OSError, ParseException):  # the rest of the body is none, and the answer is sent already
            return False

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        told = Told()
        super().handle_error(req, told, addr, exc)
        status = told.data.split(b"\r\n")[0].decode("latin-1").removeprefix("HTTP/1.1 ")
        try:
            client.sendall(error_answer(status))
        except OSError:
            self.log.debug("Failed to send an error page.")


class Told:
    """Takes what gunicorn would send in place of an answer."""

    data = b""

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, data: bytes) -> None:
        self.data += data


def error_answer(status: str) -> bytes:
    body = render_to_string("400.html" if status[0] == "4" else "500.html").encode()
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    headers = HEADERS.format(policy="; ".join(f"{name} {' '.join(values)}" for name, values in directives.items()))
    if settings.SECURE_HSTS_SECONDS:
        headers += f"Strict-Transport-Security: max-age={settings.SECURE_HSTS_SECONDS}\r\n"
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body
