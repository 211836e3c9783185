"""The site as processes of their own, as a clinic's server runs it."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psycopg

ROOT = Path(__file__).parents[2]
PATIENCE = 300
SECRET = "a-random-secret-of-more-than-thirty-two-characters"
GUNICORN = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), "-c", str(ROOT / "gunicorn.conf.py")]


def clean_environment(**ours):
    """This process's environment without the variables that configure the site or make."""
    own = {"SECRET_KEY", "DEBUG", "DATA_DIR", "SITE_URL", "ALLOWED_HOSTS", "TIME_ZONE", "PORT", "BIND"}
    own |= {"DATABASE_URL", "TEST_DATABASE_URL", "WEB_CONCURRENCY", "PICTURE_MEMORY_MB", "PICTURE_SECONDS"}
    own |= {"BUILD_DIR", "ENV_FILE", "LOG_JSON", "FORWARDED_ALLOW_IPS", "HSTS_PRELOAD", "HSTS_SUBDOMAINS"}
    own |= {"MEDIA_STORE", "BACKUP_DIR", "BACKUP_COPY_DIR", "BACKUP_KEY", "NOT_FOUND_COUNTS"}
    dropped = own | {"DJANGO_SETTINGS_MODULE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV", "PYTHONUNBUFFERED"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | ours


class Site(NamedTuple):
    """A site by its folder of data and the addresses of its database, empty for SQLite, and of its store."""

    data: Path
    database: str
    store: str = ""

    @property
    def environment(self):
        ours = {"SECRET_KEY": SECRET, "DATA_DIR": str(self.data)}
        return ours | {"DATABASE_URL": self.database, "MEDIA_STORE": self.store}

    def run(self, *command, **options):
        """One of the site's commands, as a process."""
        environment = clean_environment(**self.environment | options.pop("environment", {}))
        return subprocess.Popen([sys.executable, "manage.py", *command, "-v0"], cwd=ROOT, env=environment, **options)

    def shell(self, code):
        """What the code prints in the site's shell."""
        with self.run("shell", "-c", code, stdout=subprocess.PIPE, text=True) as process:
            printed = process.communicate(timeout=PATIENCE)[0]
        assert process.returncode == 0
        return printed.strip()

    @contextmanager
    def typing(self):
        """A shell that is kept open: a function that runs a line of code in it, and returns when that is done."""
        loop = "import sys\nfor line in sys.stdin: exec(line); print('done', flush=True)"
        with self.run("shell", "-c", loop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

            def run(line):
                process.stdin.write(f"{line}\n")
                process.stdin.flush()
                assert process.stdout.readline() == "done\n"

            try:
                yield run
            finally:
                process.stdin.close()

    @property
    def file(self):
        """The file of SQLite."""
        return self.data / "site.sqlite3"

    def other_program(self):
        """A connection to the database that has nothing to do with Django."""
        if not self.database:
            return sqlite3.connect(self.file, timeout=60, isolation_level=None, check_same_thread=False)
        owner, place = self.database.removeprefix("postgres://").split("@/")
        folder, _, name = place.rpartition("/")
        # Nothing prepared, for a pooler may be in between.
        return psycopg.connect(host=folder, user=owner, dbname=name, autocommit=True, prepare_threshold=None)

    def serving(self, port, *options, application="clinic_site.wsgi", **environment):
        """The site behind gunicorn at a port, until the end of the block."""
        environment |= self.environment | {"PYTHONPATH": str(ROOT)}
        return serving([*GUNICORN, *options, application], self.data, port, **environment)


def writers(log):
    """The processes that write this log: the server and its workers."""
    found = set()
    for output in Path("/proc").glob("[0-9]*/fd/1"):
        with suppress(OSError):  # it has ended
            found |= {int(output.parts[2])} if output.readlink() == log else set()
    return found


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
