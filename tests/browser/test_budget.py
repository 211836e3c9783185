"""What a first visit costs before any scrolling, served as in production: gathered, hashed and compressed."""

import threading
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler

from pagecache.page import compressed as packed
from tests.everywhere.walk import SERVICE

MOST_BYTES, MOST_REQUESTS = 60_000, 8


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def compressing(application):
    """The site as its page cache sends it: Whitenoise has compressed the files, and this does the pages."""

    def compressed(environ, start_response):
        begun = []
        answer = application(environ, lambda *head: begun.append(head))
        body = b"".join(answer)
        answer.close()
        status, headers = begun[0][:2]
        if dict(headers)["Content-Type"].startswith("text/html"):
            body = packed(body, "br")
            headers = [(name, value) for name, value in headers if name != "Content-Length"]
            headers += [("Content-Encoding", "br"), ("Content-Length", str(len(body)))]
        start_response(status, headers)
        return [body]

    return compressed


@pytest.fixture
def address(transactional_db, clinic, collected):
    """Where the site is served with the clinic's own content."""
    server = make_server("127.0.0.1", 0, compressing(WSGIHandler()), Server, Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def weight(sizes):
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]


@pytest.mark.parametrize("size", [(360, 740), (1440, 900)], ids=["phone", "desk"])
@pytest.mark.parametrize("path", ["/", SERVICE, "/services/", "/faq/", "/testimonials/", "/contact/"])
def test_first_sight_costs_little(address, page, path, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    answers = []
    page.on("requestfinished", lambda request: answers.append(request) if "icon" not in request.url else None)
    page.goto(address + path, wait_until="networkidle")
    assert len(answers) <= MOST_REQUESTS, [request.url for request in answers]
    sizes = {request.url: weight(request.sizes()) for request in answers}
    assert len(sizes) >= 3
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    for request in (request for request in answers if request.resource_type != "document"):
        headers = request.response().headers
        assert "immutable" in headers["cache-control"]
        assert "max-age=315360000" in headers["cache-control"]
        assert headers.get("content-encoding") == "br" or request.url.endswith(".woff2")
