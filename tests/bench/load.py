"""A second of load on one address: from wrk where it is installed, otherwise from pywrkr."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

# Two for each worker: none of them ever waits for the generator.
CONNECTIONS = 4
SCRIPT = Path(__file__).with_name("load.lua")
# What a patient's browser says that decides on the bytes of the answer.
HEADERS = {"Accept-Encoding": "br"}
SENT = [part for name, value in HEADERS.items() for part in ("-H", f"{name}: {value}")]


class Load(NamedTuple):
    """What the generator saw, and how many it made the server answer. Times are in milliseconds."""

    served: int
    per_second: float
    p50: float
    p99: float


def wrk(port, path, is_varied=False):
    """The load; a varied one gives each request a query that no page knows."""
    address = f"http://127.0.0.1:{port}{path}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", "-d1s", "--timeout=10s", *SENT, "-s", SCRIPT, address]
    told = run(command + ["--", path] * is_varied).splitlines()[-1]
    answers, duration, p50, p99, failed = map(float, told.split())
    assert answers and not failed, f"{address}: {told}"
    # When its time is up it leaves, but the server still answers a request on each connection.
    return Load(int(answers) + CONNECTIONS, answers / duration * 1e6, p50 / 1e3, p99 / 1e3)


def pywrkr(port, path, is_varied=False):
    """The same."""
    address = f"http://127.0.0.1:{port}{path}"
    with tempfile.NamedTemporaryFile() as file:
        command = [sys.executable, "-m", "pywrkr", "-t1", f"-c{CONNECTIONS}", "-d1", *SENT]
        run([*command, "--no-keepalive", "--json", file.name, *["-R"] * is_varied, address])
        told = json.load(file)
    assert told["status_codes"].keys() == {"200"} and not told["total_errors"], f"{address}: {told}"
    percentiles = told["percentiles"]
    return Load(told["total_requests"], told["requests_per_sec"], percentiles["p50"] * 1e3, percentiles["p99"] * 1e3)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


load = wrk if shutil.which("wrk") else pywrkr
