"""A PostgreSQL server that lives as long as the tests: in a folder of its own, on a socket in it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg

from tests.bench.processes import books, family

OWNER = "clinic"
# It is thrown away, so it need not survive a power cut; two that wait for each other are told at once.
OPTIONS = {"listen_addresses": "", "fsync": "off", "deadlock_timeout": "100ms", "log_statement": "ddl"}


@dataclass
class Server:
    folder: Path
    user: dict
    numbers: count = field(default_factory=lambda: count(1))

    @property
    def log(self):
        return self.folder / "log"

    def start(self):
        settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        command = [program("postgres"), "-D", self.folder / "data", "-k", self.folder, *settings]
        with self.log.open("a") as output:
            told = output.tell()
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=output, stderr=output, **self.user)
        wait_for(self.process, self.log, told)

    def stop(self):
        """At once, whoever is connected."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def signal(self, number):
        """To the server and all of its processes: SIGSTOP makes it hang, SIGCONT go on."""
        for process in family(self.process.pid, books()):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def new_database(self):
        """The address of an empty database."""
        name = f"clinic_{next(self.numbers)}"
        with psycopg.connect(host=str(self.folder), user=OWNER, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgres://{OWNER}@/{self.folder}/{name}"

    def is_gone(self):
        return self.process.poll() is not None


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
        data = folder / "data"
        create = [program("initdb"), "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run(create, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        server = Server(folder, user)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def wait_for(process, log, told):
    deadline = time.monotonic() + 60
    while "ready to accept connections" not in log.read_text()[told:]:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
