"""nginx as deploy/nginx.conf sets it up, in front of the real server."""

import http.client
import json
import re
import ssl
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import urlencode

import pytest

from tests.pictures.images import file_of, quarters
from tests.prove.nginx import HOST, ask, nginx
from tests.prove.process import ROOT, Site, free_port
from tests.prove.staff import CSRF, logged_in, picture_form

PROXIED = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"}
# What each server says of itself, and the time.
OWN = {"server", "date", "connection", "etag", "last-modified", "content-type", "accept-ranges", "transfer-encoding"}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """(nginx, the site's own port, the site, what takes the site away)."""
    folder = tmp_path_factory.mktemp("nginx")
    site, port = Site(folder, ""), free_port()
    assert site.run("prepare").wait(120) == 0
    with nginx(folder / "nginx", port, ROOT / "build") as proxy, ExitStack() as running:
        running.enter_context(site.serving(port, SITE_URL=f"https://{HOST}"))
        yield proxy, port, site, running.close


def directly(port, path, **headers):
    return ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), path, PROXIED | headers)


def asset(proxy):
    return re.search(r"/static/img/icon\.[0-9a-f]{12}\.svg", proxy.ask("/").body.decode())[0]


def told(answer):
    """The headers that both servers tell; of HSTS without what settings add."""
    headers = {name: value for name, value in answer.headers.items() if name not in OWN}
    return headers | {"strict-transport-security": headers["strict-transport-security"].split(";")[0]}


def test_http_leads_to_https_and_other_hosts_get_nothing(served):
    proxy = served[0]
    answer = proxy.plain("/faq/?page=2")
    assert (answer.status, answer.headers["location"]) == (301, f"https://{HOST}/faq/?page=2")
    assert answer.headers["server"] == "nginx"
    for host in ("other.example.com", "127.0.0.1", "www.example.com.other.example"):
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            proxy.plain(host=host)
    with pytest.raises(ssl.SSLError):
        proxy.tls("other.example.com")


def test_second_version_of_http_is_spoken(served):
    with served[0].tls("h2") as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() == "TLSv1.3"


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_pages_arrive_as_the_site_made_them(served, encoding):
    proxy, port, *_ = served
    for path in ("/", "/faq/", "/admin/login/", "/no-such-page/", "/media/none.webp", "/favicon.ico"):
        through = proxy.ask(path, {"Accept-Encoding": encoding})
        direct = directly(port, path, **{"Accept-Encoding": encoding})
        assert through.status == direct.status
        assert through.headers.get("content-encoding") == direct.headers.get("content-encoding")
        assert through.headers.get("etag") == direct.headers.get("etag")
        assert through.headers.keys() - OWN == direct.headers.keys() - OWN
        assert "login" in path or through.body == direct.body  # its form has a token


def test_health_is_no_page_for_visitors(served):
    proxy, port, *_ = served
    assert ask(http.client.HTTPConnection("127.0.0.1", port), "/health/ready", {}).status == 200
    assert proxy.ask("/health/ready").status == 404


@pytest.mark.parametrize(("encoding", "suffix"), [("br", ".br"), ("gzip", ".gz"), ("identity", "")])
def test_static_files_come_from_the_disk_as_the_site_compressed_them(served, encoding, suffix):
    proxy, port, *_ = served
    path = asset(proxy)
    through = proxy.ask(path, {"Accept-Encoding": encoding})
    direct = directly(port, path, **{"Accept-Encoding": encoding})
    assert through.body == direct.body == (ROOT / f"build{path}{suffix}").read_bytes()
    assert "-" in through.headers["etag"]
    assert through.headers["etag"] != direct.headers["etag"]  # nginx's own
    assert told(through) == told(direct)


def test_file_that_is_not_there_is_told_by_the_site(served):
    proxy, port, *_ = served
    for path in ("/static/css/none.0123456789ab.css", "/static/none.css", "/static/"):
        answer = proxy.ask(path)
        assert (answer.status, answer.body) == (404, directly(port, path).body)


def test_photo_of_eight_million_bytes_arrives(served):
    proxy, port, site, _ = served
    (editor,) = logged_in(site, port, 1)
    headers, body = picture_form(file_of(quarters()) + b"\0" * 8_000_000)
    headers |= {"Cookie": f"__Host-session={editor.key}; __Host-csrf={CSRF}", "Origin": f"https://{HOST}"}
    answer = proxy.ask("/admin/pictures/picture/add/", headers, method="POST", body=body)
    assert (answer.status, answer.headers.get("location")) == (302, "/admin/pictures/picture/"), answer.body


@pytest.mark.parametrize("size", [2_000_000, 40_000_000])
def test_too_much_is_told_in_our_words_by_the_site_and_by_nginx(served, size):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode({"username": "a" * size}).encode()
    answer = served[0].ask("/admin/login/", headers, method="POST", body=body)
    assert answer.status == 413
    assert b"too large" in answer.body.lower()
    assert b"nginx" not in answer.body
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["strict-transport-security"]


def test_headers_that_are_too_large_are_told_in_our_words(served):
    answer = served[0].ask(headers={"Cookie": "a" * 60_000})
    assert answer.status == 400
    assert b"nginx" not in answer.body


class Echo(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def test_outage_is_told_in_our_words_and_the_client_cannot_say_who_it_is(served):
    proxy, port, _, stop = served
    path = asset(proxy)
    stop()
    answer = proxy.ask("/faq/")
    assert answer.status == 503
    assert b"Back soon." in answer.body
    assert answer.headers["cache-control"] == "no-store"
    assert proxy.ask(path).status == 200
    lies = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "http", "Connection": "keep-alive, x-forwarded-for"}
    with HTTPServer(("127.0.0.1", port), Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            seen = json.loads(proxy.ask(headers=lies).body)
        finally:
            server.shutdown()
    wanted = {"Host": HOST, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https"}
    assert {name: value for name, value in seen.items() if name in wanted} == wanted
    # The last test: nothing that was asked for is in a log.
    assert (proxy.folder / "access.log").read_text() == ""
    assert "client:" not in (proxy.folder / "error.log").read_text()
