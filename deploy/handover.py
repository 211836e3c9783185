"""How one release takes over from another: first alone, at a port of its own, then in the place of the other.

gunicorn starts a second master from the link `current`, and that one's first worker that serves ends the older master
(gunicorn.conf.py). Both have the same socket, so no request is lost.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from deploy.commands import Refused, clean_environment, manage, python

PATIENCE = 120  # seconds to read its settings, as many to serve and for the older one to answer what it has begun
START = 20  # seconds until the newer release has a process, and until it is well once it serves
GRACE = 40  # seconds to end: gunicorn lets requests finish for 30
PIDFILE = Path(os.environ.get("PIDFILE", "/run/clinic-site/pid"))


def rehearse(release: Path) -> None:
    """Let the release serve at a port of its own, and see whether it is well."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    serve_alone = {"BIND": "127.0.0.1", "PORT": port, "WEB_CONCURRENCY": "1"}
    # Ended with this process, even where that is killed.
    command = ["setpriv", "--pdeathsig", "TERM", str(python(release)), ".venv/bin/gunicorn", "clinic_site.wsgi"]
    environment = clean_environment() | serve_alone
    with subprocess.Popen(command, cwd=release, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until_well(release, process, serve_alone)
        finally:
            process.terminate()


def wait_until_well(release: Path, process: "subprocess.Popen[bytes]", environment: dict[str, str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        try:
            manage(release, "status", "--wait=10", environment=environment)
            return
        except Refused:
            if time.monotonic() > deadline:
                raise
    raise Refused("The newer release does not start: why is told above.")


def pid(path: Path = PIDFILE) -> int:
    """The process that the file names, or 0 where there is none."""
    try:
        number = int(path.read_text())
        os.kill(number, 0)
    except (OSError, ValueError):
        return 0
    return number


def serve_again(process: int) -> None:
    """Start the release behind the link, unless the process that served before is there still."""
    if (now := pid()) not in (0, process):
        hand_over(now)


def hand_over(older: int) -> None:
    """Start gunicorn anew from the link: its first worker that serves ends the older one (gunicorn.conf.py)."""
    before = children(older)
    os.kill(older, signal.SIGUSR2)
    try:
        follow(older, before)
    except BaseException:  # Ctrl+C as well: the newer one must not serve after all once things are undone
        end(children(older) - before, older)
        raise


def follow(older: int, before: set[int]) -> None:
    """Wait until the newer master serves in the place of the older one."""
    newer = PIDFILE.with_name(f"{PIDFILE.name}.2")

    def is_started() -> bool:
        return bool(pid(newer)) or pid() != older

    wait_for(lambda: is_started() or children(older) - before, time.monotonic() + START)
    # It reads its settings before it writes its pid, or ends.
    wait_for(lambda: is_started() or not children(older) - before, time.monotonic() + PATIENCE)
    if not is_started():
        raise Refused("The newer release did not start: the log tells why.")
    # The older one goes as soon as the newer one serves, and has then answered what it had begun.
    deadline = time.monotonic() + PATIENCE
    wait_for(lambda: pid() not in (0, older) or (pid(newer) == 0 and pid() == older), deadline)
    if pid() in (0, older):
        raise Refused("The newer release did not serve: the log tells why.")


def children(process: int) -> set[int]:
    try:
        return set(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))
    except OSError:
        return set()


def end(processes: set[int], parent: int) -> None:
    """End what was started meanwhile: the newer master, and perhaps a worker, in whose place another one comes."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGTERM)
    wait_for(lambda: not processes & children(parent), time.monotonic() + GRACE)


def wait_for(is_so: Callable[[], object], deadline: float) -> bool:
    while not (found := bool(is_so())) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found
