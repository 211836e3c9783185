"""What gunicorn's master process knows of the site's settings: it asks another process, and imports none itself.

So the workers that follow a HUP have new settings, and new code. They get the variables of `.env` as they were when
they were good: a file that is broken or half-written meanwhile stops nobody.
"""

import ipaddress
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Address = tuple[str, int] | str | int  # (host, port), the path of a Unix socket, or an open file

PATIENCE = 60  # seconds
CHECKED = "SETTINGS_CHECKED"  # in the environment of workers whose settings were checked
UNCHECKED = "Start gunicorn in the site's own folder, or with -c {}/gunicorn.conf.py: its settings were not read."
NO_HOST = "Configuration: set SITE_URL or ALLOWED_HOSTS to the site's own host name to serve it beyond this machine."

log = logging.getLogger("gunicorn.error")
current: dict[str, Any] = {}  # what the settings said when they were good
serving: list[Address] = []  # where the master serves already


def settings() -> dict[str, Any]:
    """Return what the settings say. At HUP, keep those from before where the new ones would not do."""
    answer = ask()
    error = answer.get("error") or (current and start_error(answer, serving))
    if error and not current:
        sys.exit(error)
    if error:
        log.error("The settings stay as they were. %s", error)
        return current | {"is_new": False}
    if current and answer["bind"] != current["bind"]:
        log.warning("BIND and PORT stay as they were: they need a restart.")
        answer["bind"] = current["bind"]
    current.update(answer)
    return current | {"is_new": True}


def start_error(answer: dict[str, Any], addresses: Sequence[Address]) -> str:
    return no_host_error(addresses, answer["is_local"]) or answer["not_ready"]


def ask() -> dict[str, Any]:
    """Return what `clinic_site.serving` says; it has an `error` where they cannot be understood."""
    folder = Path(__file__).parents[1]
    command = [sys.executable, "-m", "clinic_site.serving"]
    try:
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, timeout=PATIENCE, check=True)  # noqa: S603
        answer: dict[str, Any] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return {"error": "The settings cannot be read."}
    return answer


def raw_env(answer: dict[str, Any]) -> list[str]:
    """Return the variables for the workers, which read no file themselves."""
    own = {"ENV_FILE": "", CHECKED: "1"}
    return [f"{name}={value}" for name, value in {**answer["variables"], **own}.items()]


def is_checked() -> bool:
    """Return whether this process is no worker of a gunicorn that knows nothing of the settings."""
    return CHECKED in os.environ or not os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn")


def is_loopback(address: Address) -> bool:
    """Return whether only this machine reaches the address; of a socket there is a proxy in front."""
    if not isinstance(address, tuple):
        return False
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


def no_host_error(addresses: Sequence[Address], is_local: bool) -> str:
    """Require a host name of the site's own as soon as one of the addresses is not loopback."""
    return NO_HOST if is_local and not all(map(is_loopback, addresses)) else ""


def bind_error(addresses: Sequence[Address]) -> str:
    return next(filter(None, map(error_of, addresses)), "")


def error_of(address: Address) -> str:
    if isinstance(address, int):
        return ""
    if isinstance(address, str):
        return error_of_socket(Path(address))
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        advice = "Choose another port: make run PORT=8001" if host in ("127.0.0.1", "::1") else "See BIND and PORT."
        return f"Cannot serve on {shown}: {error.strerror}. {advice}"
    return ""


def error_of_socket(path: Path) -> str:
    if path.exists() and not path.is_socket():
        return f"Cannot serve on unix:{path}: there is something else. See BIND."
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return f"Cannot serve on unix:{path}: its folder is not there, or must not be written. See BIND."
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return ""
    return f"Cannot serve on unix:{path}: another server does. See BIND."
