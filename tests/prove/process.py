"""The site as processes of their own, as a clinic's server runs it."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 300


def clean_environment(**ours):
    """This process's environment without the variables that configure the site or make."""
    own = {"SECRET_KEY", "DEBUG", "DATA_DIR", "SITE_URL", "ALLOWED_HOSTS", "TIME_ZONE", "PORT", "BIND"}
    dropped = own | {"DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | ours


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def get(port, path="/"):
    """(status, body) of an answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextmanager
def serving(command, folder, port, sign="Serving http", **environment):
    """The command, running in the folder until the end of the block, once it has printed the sign."""
    log = folder / f"serving-{port}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean_environment(PORT=str(port), **environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while sign not in log.read_text():
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)
            yield log
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
