"""Health and log of a real server: https, another host, lines of JSON, a database that is taken away."""

import json
import socket
import urllib.error
import urllib.request
from contextlib import closing

from tests.prove.process import Site, free_port


def ask(port, path):
    """(status, answer) for a watcher that names no host of ours."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": "10.0.0.7"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_health_is_told_and_each_line_is_json(tmp_path):
    site, port = Site(tmp_path, ""), free_port()
    assert site.run("prepare").wait(120) == 0
    with site.serving(port, LOG_JSON="true", SITE_URL="https://www.example.com") as log:
        assert ask(port, "/health/live") == (200, {"status": "ok"})
        assert ask(port, "/health/ready")[0] == 200
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"NONSENSE jane@example.com\r\n\r\n")
            client.recv(1000)
        with closing(site.other_program()) as database:
            database.execute("DELETE FROM django_migrations WHERE app = 'pages'")
        assert ask(port, "/health/ready")[1]["migrations"] != "ok"
        site.file.rename(site.file.with_suffix(".away"))
        status, answer = ask(port, "/health/ready")
        assert (status, answer["database"]) == (503, "does not answer")
        assert ask(port, "/health/live") == (200, {"status": "ok"})
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert lines[0]["message"].startswith("Serving http")
    assert "Refused a malformed request." in [line["message"] for line in lines]
    assert "jane" not in log.read_text()
    assert "127.0.0.1" not in "".join(line["message"] for line in lines[1:])
