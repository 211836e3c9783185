"""nginx with deploy/nginx.conf: on ports of its own, with a certificate that it signed itself."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.prove.process import ROOT, free_port

HOST = "www.example.com"
# As Debian's: with compression, and a log that names who came.
MAIN = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
include /etc/nginx/modules-enabled/*.conf;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    access_log {folder}/access.log;
    gzip on;
    {paths}
    include {folder}/site.conf;
}}
"""
PATHS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Answer(NamedTuple):
    status: int
    headers: dict
    body: bytes


class Nginx(NamedTuple):
    folder: Path
    http: int
    https: int

    def plain(self, path="/", host=HOST):
        return ask(http.client.HTTPConnection("127.0.0.1", self.http, timeout=60), path, {"Host": host})

    def tls(self, host=HOST):
        """A connection with TLS to the host, whoever signed for it."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2", "http/1.1"] if host == "h2" else ["http/1.1"])
        connection = socket.create_connection(("127.0.0.1", self.https), 60)
        return context.wrap_socket(connection, server_hostname=HOST if host == "h2" else host)

    def ask(self, path="/", headers=None, **options):
        connection = http.client.HTTPSConnection(HOST, timeout=60)
        connection.sock = self.tls()
        return ask(connection, path, headers or {}, **options)


def ask(connection, path, headers, method="GET", body=None):
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, answer.read())
    finally:
        connection.close()


def program():
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def certificate(folder):
    subject = ["-subj", f"/CN={HOST}", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run(command, check=True, capture_output=True)


def configure(folder, ports, upstream, build):
    """Write deploy/nginx.conf with other ports and folders, and nothing else that is another."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    assert "brotli_static" in text
    if not Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so").exists():
        text = text.replace("brotli_static on;", "")
    text = re.sub(r"listen \[::\].*\n", "", text)
    text = text.replace("listen 80", f"listen 127.0.0.1:{ports[0]}").replace(
        "listen 443", f"listen 127.0.0.1:{ports[1]}"
    )
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}").replace("/srv/clinic/current/build", str(build))
    text = text.replace(f"/etc/letsencrypt/live/{HOST}", str(folder)).replace("/var/log/nginx", str(folder))
    (folder / "site.conf").write_text(text)
    paths = " ".join(f"{name}_temp_path {folder}/{name};" for name in PATHS)
    user = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user, paths=paths))


@contextmanager
def nginx(folder, upstream, build):
    """nginx in front of the site at the port `upstream`, until the end of the block."""
    ports = free_port(), free_port()
    folder.mkdir()
    certificate(folder)
    configure(folder, ports, upstream, build)
    with subprocess.Popen([program(), "-c", folder / "nginx.conf"], start_new_session=True) as process:
        try:
            wait_for(process, ports[1])
            yield Nginx(folder, *ports)
        finally:
            process.send_signal(signal.SIGTERM)


def wait_for(process, port):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx does not listen")
