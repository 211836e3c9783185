"""What `make status` tells: what is wrong first, then how things are."""

import http.client
import json
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import WARNING, CheckMessage, run_checks
from django.db import Error, connection
from django.utils import timezone
from django.utils.formats import date_format

from backups.state import last_good
from clinic_site.health import READY, migrations
from pagecache.content import next_change

UNITS = Path("/etc/systemd/system")
TIMERS = ("clinic-tick.timer", "clinic-backup.timer")
# In the command line of each of gunicorn's processes; setproctitle makes it "gunicorn: worker [clinic_site.wsgi]".
SERVER = re.compile(rb"[\0\[]clinic_site\.wsgi[\0\]]")


def faults() -> Iterator[str]:
    """Tell what is wrong, the worst first."""
    if found := site_fault():
        yield found
    yield from unit_faults()
    try:
        messages = run_checks(include_deployment_checks=True)
    except Error as error:
        messages = []
        yield f"The database: {one_line(error)}"
    if not settings.HTTPS:
        yield "SITE_URL has no https: whoever is on the way can read passwords"
    for message in messages:
        # Django's own are about https as well, each.
        if message.level >= WARNING and not message.is_silenced() and (settings.HTTPS or not is_of_https(message)):
            yield one_line(message.msg)


def facts() -> Iterator[tuple[str, str]]:
    sources: dict[str, Callable[[], str]] = {
        "Version": version,
        "Address": lambda: f"{settings.SITE_URL}, behind {settings.BIND} {settings.PORT}",
        "Processes": processes,
        "Database": database,
        "Disk": disk,
        "Last backup": last_backup,
        "Next change": next_dated_change,
        "E-mail": lambda: "set" if settings.HAS_EMAIL else "not set",
        "Time": lambda: f"{shown(timezone.now())}, {settings.TIME_ZONE}",
    }
    for name, source in sources.items():
        try:
            yield name, source()
        except (Error, OSError) as error:
            yield name, f"unknown: {one_line(error)}"


def is_of_https(message: CheckMessage) -> bool:
    return str(message.id).startswith("security.")


def one_line(text: object) -> str:
    return " ".join(str(text).split())


def site_fault() -> str:
    """Return why the site that runs here is not well, or an empty text."""
    try:
        status, body = ask(READY)
        if status != 200:
            found = json.loads(body) if body.startswith(b"{") else {}
            parts = [f"{name}: {fault}" for name, fault in found.items() if fault not in ("ok", "failing")]
            return f"The site is not well: {', '.join(parts) or f'{READY} answers {status}'}"
        for path in ("/", "/admin/login/"):
            if (status := ask(path)[0]) != 200:
                return f"The site answers {status} at {path}"
    except (OSError, http.client.HTTPException) as error:
        return f"The site does not answer: {getattr(error, 'strerror', None) or type(error).__name__}"
    return ""


def ask(path: str) -> tuple[int, bytes]:
    """Ask the server itself, as a proxy would."""
    site = urlsplit(settings.SITE_URL)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.BIND, settings.BIND).strip("[]")  # noqa: S104
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=30)
    if host.startswith("unix:"):
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(host.removeprefix("unix:"))
    try:
        connection.request("GET", path, headers={"Host": site.netloc, "X-Forwarded-Proto": site.scheme})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def unit_faults() -> Iterator[str]:
    """Tell which of systemd's units are not those of this release, or do not run, on a server that has them."""
    units = settings.BASE_DIR / "deploy/systemd"
    for unit in sorted(units.rglob("*")):
        installed = UNITS / unit.relative_to(units)
        if unit.is_file() and installed.exists() and installed.read_bytes() != unit.read_bytes():
            yield f"{installed} is not that of this release: copy deploy/systemd anew, then systemctl daemon-reload"
    for timer in TIMERS:
        if (UNITS / timer).exists() and printed("systemctl", "is-active", timer) != "active":
            yield f"{timer} does not run: systemctl enable --now {timer}"


def printed(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return ""
    return done.stdout.strip()


def version() -> str:
    described = printed("git", "describe", "--tags", "--always", "--dirty=, with local changes")
    return " of ".join(filter(None, (described, printed("git", "log", "-1", "--format=%cs")))) or settings.BASE_DIR.name


def processes() -> str:
    found = [memory for memory in map(memory_of, Path("/proc").glob("[0-9]*")) if memory]
    return f"{len(found)}, with {', '.join(f'{memory // 1024} MB' for memory in sorted(found))}" if found else "none"


def memory_of(process: Path) -> int:
    """Return the kilobytes of one of the server's processes, or 0 of another."""
    try:
        if not SERVER.search((process / "cmdline").read_bytes()):
            return 0
        fields = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    except OSError:  # it has ended, or is somebody else's
        return 0
    return int(fields.get("VmRSS", "0").split()[0])


def database() -> str:
    queries = {
        "sqlite": "SELECT sqlite_version(), page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        "postgresql": "SELECT current_setting('server_version'), pg_database_size(current_database())",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor])
        number, size = cursor.fetchone()
    behind = migrations() or "all applied"
    return f"{connection.display_name} {number}, {megabytes(size)}; migrations: {behind}"


def disk() -> str:
    usage = shutil.disk_usage(settings.DATA_DIR)
    return f"{megabytes(usage.free)} of {megabytes(usage.total)} free for {settings.DATA_DIR}"


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB" if size < 1_000_000_000 else f"{size / 1_000_000_000:,.1f} GB"


def last_backup() -> str:
    return shown(last_good())


def next_dated_change() -> str:
    return shown(next_change(timezone.now()))


def shown(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "none"
