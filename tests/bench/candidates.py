"""Who is measured: each asks one address of a server of its own; all servers have equal settings."""

import json
import sys
import urllib.request
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import NamedTuple

from tests.bench.load import HEADERS
from tests.prove import postgresql
from tests.prove.process import ROOT, Site, free_port, serving

SETTINGS = ["--workers=2", "--worker-class=clinic_site.worker.Worker", "--threads=100", "--log-level=info"]
SETTINGS += ["--no-control-socket"]
SERVICE = "/services/muscle-scraping-therapy/"
INDEXES = {"home": "/", "services": "/services/", "testimonials": "/testimonials/", "questions": "/faq/"}
# What gunicorn adds to every answer by itself.
ADDED = {"server", "date", "connection", "transfer-encoding"}
COLLECT = "from tests.prove.decades import collect; collect()"
QUERIES = "from tests.bench.queries import queries; print(*[queries(path, path == '%s') for path in %s])"


class Server(NamedTuple):
    port: int
    gunicorn: int  # the process; its workers are its children
    database: int | None = None  # the same of PostgreSQL


class Candidate(NamedTuple):
    name: str
    server: Server
    path: str = "/"
    is_varied: bool = False
    queries: int = 0

    def answer(self):
        """(headers, body)."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.server.port}{self.path}", headers=HEADERS)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.getheaders(), answer.read()


class Grounds(NamedTuple):
    """Where sites and servers live, until the stack unwinds; `databases` is PostgreSQL where it is installed."""

    stack: ExitStack
    folder: Path
    databases: postgresql.Server | None
    numbers: count

    def new_folder(self):
        folder = self.folder / str(next(self.numbers))
        folder.mkdir()
        return folder

    def serve(self, application, **environment):
        folder, port = self.new_folder(), free_port()
        command = [sys.executable, "-m", "gunicorn", "--chdir", str(ROOT), f"--bind=127.0.0.1:{port}"]
        command += [*SETTINGS, f"--pid={folder}/pid", application]
        self.stack.enter_context(serving(command, folder, port, sign="Listening at", **environment))
        return Server(port, int((folder / "pid").read_text()))

    def serve_site(self, site, application="clinic_site.wsgi"):
        note, port = self.new_folder() / "pid", free_port()
        self.stack.enter_context(site.serving(port, *SETTINGS, f"--pid={note}", application=application))
        return Server(port, int(note.read_text()), self.databases.process.pid if site.database else None)

    def sites(self, is_large):
        """The site on each database, ready to be served."""
        for address in ("", self.databases.new_database()) if self.databases else ("",):
            site = Site(self.new_folder(), address)
            assert site.run("prepare").wait(300) == 0
            if is_large:
                site.shell(COLLECT)
            yield site

    def constant(self, candidate):
        """One that answers as the candidate does."""
        headers, body = candidate.answer()
        headers = [(name, value) for name, value in headers if name.lower() not in ADDED]
        file = self.new_folder() / "answer.json"
        file.write_text(json.dumps({"headers": headers, "body": body.decode("latin-1")}))
        return Candidate("constant", self.serve("tests.bench.constant", ANSWER=str(file)))

    def hellos(self):
        yield Candidate("Django hello-world", self.serve("tests.bench.hello"))
        yield Candidate("the same, bare", self.serve("tests.bench.hello", BARE="1"))

    def ours(self, is_large):
        """The service's page ready-made, rendered anew, and the first of a version; on SQLite each index anew."""
        for site in self.sites(is_large):
            on = ", PostgreSQL" if site.database else ""
            anew = {f"anew{on}": SERVICE}
            if not site.database:
                anew |= {f"anew, {name}": path for name, path in INDEXES.items()}
            first = f"{SERVICE}?n=0"
            asked = [SERVICE, first, *(f"{path}?n=1" for path in anew.values())]
            counts = map(int, site.shell(QUERIES % (first, asked)).split())
            yield Candidate(f"warm{on}", self.serve_site(site), SERVICE, False, next(counts))
            server = self.serve_site(site, "tests.bench.first")
            yield Candidate(f"first anew{on}", server, SERVICE, True, next(counts))
            server = self.serve_site(site)
            for name, path in anew.items():
                yield Candidate(name, server, path, True, next(counts))
