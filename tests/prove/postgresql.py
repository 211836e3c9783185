"""A PostgreSQL server that lives as long as the tests: in a folder of its own, on a socket in it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psycopg

OWNER = "clinic"
# It is thrown away, so it need not survive a power cut; two that wait for each other are told at once.
OPTIONS = {"listen_addresses": "", "fsync": "off", "deadlock_timeout": "100ms", "log_statement": "ddl"}


class Server(NamedTuple):
    folder: Path
    log: Path
    process: int
    numbers: count

    def new_database(self):
        """The address of an empty database."""
        name = f"clinic_{next(self.numbers)}"
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgres://{OWNER}@/{self.folder}/{name}"


def program(name):
    """Where a program of the server is: Debian keeps each version's in a folder that is not in PATH."""
    found = Path(os.environ.get("POSTGRESQL", "/usr/lib/postgresql")).glob(f"*/bin/{name}")
    return shutil.which(name) or max(found, key=lambda path: int(path.parts[-3]), default=None)


@contextmanager
def throwaway_server():
    # PostgreSQL refuses to run as root.
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="clinic-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, "postgres", "postgres")
        data, log = folder / "data", folder / "log"
        create = [program("initdb"), "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(create, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        with log.open("w") as output:
            command = [program("postgres"), "-D", data, "-k", folder, *settings]
            process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, **user)
        try:
            wait_for(process, log)
            yield Server(folder, log, process.pid, count(1))
        finally:
            process.send_signal(signal.SIGQUIT)  # at once, whoever is connected
            process.wait(30)


def wait_for(process, log):
    deadline = time.monotonic() + 60
    while "ready to accept connections" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
