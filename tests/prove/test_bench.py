"""The figures of `make bench` differ from machine to machine; that it prints them all does not."""

import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from subprocess import PIPE

import pytest

from tests.bench.load import CONNECTIONS, pywrkr, wrk
from tests.bench.processes import peak, used
from tests.prove.process import PATIENCE, ROOT, clean_environment

INDEXES = ("home", "services", "testimonials", "questions")
OURS = {f"{name}{on}" for name in ("warm", "first anew", "anew") for on in ("", ", PostgreSQL")}
OURS |= {*(f"anew, {name}" for name in INDEXES)}
NAMES = {"constant", "Django hello-world", "the same, bare"} | OURS
MOST_QUERIES = 16
CHILD = """
import time
block = b"x" * 100_000_000
while time.process_time() < 0.6:
    pass
print("worked", flush=True)
input()
"""
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {CHILD!r}])
print("ended", flush=True)
input()
"""


@pytest.fixture
def listener():
    """A server that keeps the (path, accepted encoding) of each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append((self.path, self.headers["Accept-Encoding"]))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *ignored):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.handle_error = lambda *ignored: None  # wrk leaves without the last answers
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def tables(printed):
    """[{name: its figures}] of the tables of a run."""
    found = []
    for line in printed.splitlines():
        name, figures = line[:24].strip(), line[24:].split()
        if name == "constant":
            found.append({})
        if name in NAMES and len(figures) > 1:
            found[-1][name] = [float(figure) for figure in figures]
    return found


def test_bench_prints_figures_of_all_for_little_and_for_much_content():
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--seconds=1"],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    small, large = tables(done.stdout)
    assert small.keys() == large.keys() == NAMES
    for table in (small, large):
        for name, (processor, ratio, *database, per_second, p50, p99, queries, size, memory) in table.items():
            assert min(processor, ratio, per_second, p50, p99, size, memory) > 0, name
            assert p50 <= p99, name
            assert len(database) == (2 if "PostgreSQL" in name else 0), name
            assert (queries > 0) == ("anew" in name), name
            assert queries <= MOST_QUERIES, name
        assert table["constant"][1] == 1
        assert table["constant"][-2] == table["warm"][-2], "the constant's bytes are the page's"
        assert table["Django hello-world"][-2] == len("Hello, world")
    assert large["anew, testimonials"][-2] > small["anew, testimonials"][-2]


@pytest.mark.parametrize("is_varied", [False, True])
@pytest.mark.parametrize("load", [pywrkr, *([wrk] if shutil.which("wrk") else [])])
def test_load_is_told_in_full_and_varies_only_where_it_should(listener, load, is_varied):
    told = load(listener.server_port, "/page/", is_varied)
    paths = [path for path, _ in listener.asked]
    assert {accepted for _, accepted in listener.asked} == {"br"}
    assert {path.partition("?")[0] for path in paths} == {"/page/"}
    assert len(set(paths)) == (len(paths) if is_varied else 1)
    assert abs(told.served - len(paths)) <= CONNECTIONS
    assert told.per_second > 1
    assert 0 < told.p50 <= told.p99


def test_processor_time_and_memory_are_those_of_the_whole_family():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as process:
        assert process.stdout.readline() == "worked\n"
        assert used(process.pid) >= 500
        assert peak(process.pid) >= 95
        process.stdin.write("\n")
        assert process.stdout.readline() == "ended\n"
        assert used(process.pid) >= 500
