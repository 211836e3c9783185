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
from pathlib import Path

from deploy.commands import Refused, clean_environment, manage, python

PATIENCE = 120  # seconds for a newer release to serve, and for the older one to answer what it has begun
START = 20  # seconds until it says that it starts, and until it is well once it serves
PIDFILE = Path(os.environ.get("PIDFILE", "/run/clinic-site/pid"))


def rehearse(release: Path) -> None:
    """Let the release serve at a port of its own, and see whether it is well."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
    serve_alone = {"BIND": "127.0.0.1", "PORT": port, "WEB_CONCURRENCY": "1"}
    command = [str(python(release)), ".venv/bin/gunicorn", "clinic_site.wsgi"]
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
            manage(release, "status", "--wait=10", **environment)
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
    os.kill(older, signal.SIGUSR2)
    newer, deadline = PIDFILE.with_name(f"{PIDFILE.name}.2"), time.monotonic() + PATIENCE
    if not wait_for(lambda: pid(newer) or pid() != older, time.monotonic() + START):
        raise Refused("The newer release did not start: the log tells why.")
    # The older one goes as soon as the newer one serves, and has then answered what it had begun.
    wait_for(lambda: pid() not in (0, older) or (pid(newer) == 0 and pid() == older), deadline)
    if pid() in (0, older):
        if hanging := pid(newer):
            os.kill(hanging, signal.SIGTERM)
        raise Refused("The newer release did not serve: the log tells why.")


def wait_for(is_so: Callable[[], bool | int], deadline: float) -> bool:
    while not (found := bool(is_so())) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found
