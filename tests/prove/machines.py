"""Machines that have nothing yet: Debian 12 and 13, each in a folder of its own."""

import ast
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.prove.copies import copy_project
from tests.prove.process import clean_environment, free_port, get, serving

PACKAGES = "--include=python3,python3-venv,make,ca-certificates"
RELEASES = ("bookworm", "trixie")
PLACE = "the clinic's site"
# The mounts and all processes are gone when the first one ends.
ENTER = """
mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/dev/shm" || exit
root=$1 user=$2 umask=$3 place=$4; shift 4
exec chroot --userspec="$user" "$root" sh -c 'umask "$1" && cd "$2" && shift 2 && exec "$@"' sh "$umask" "$place" "$@"
"""
ISOLATED = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh"]


class Machine(NamedTuple):
    root: Path

    def command(self, user, command, umask="022", **environment):
        """What runs a command as this user in a copy of the project, in an environment that is empty but for this."""
        home = self.root / ("root" if user == "root" else f"home/{user}")
        if not (home / PLACE).exists():
            copy_project(home / PLACE)
            subprocess.run(
                ["chroot", self.root, "chown", "-R", f"{user}:", f"/{home.relative_to(self.root)}"], check=True
            )
        told = network() | {"PATH": "/usr/bin:/bin"} | environment
        place = f"/{(home / PLACE).relative_to(self.root)}"
        variables = [f"{name}={value}" for name, value in told.items()]
        return [*ISOLATED, str(self.root), user, umask, place, "env", "-i", *variables, *command]

    def serves(self, user, **options):
        """The status of the first page of make run."""
        port = free_port()
        command = self.command(user, ["make", "run"], PORT=port, **options)
        with serving(command, self.root, port) as log:
            assert "Traceback" not in log.read_text()
            return get(port)[0]

    def tests(self, user, only, **options):
        """(exit status, what was printed) of make test."""
        command = self.command(user, ["make", "test", f"ONLY={only}"], **options)
        done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
        return done.returncode, done.stdout + done.stderr


def network():
    """How this machine's pip reaches its packages, and programs check certificates, as variables."""
    pip = [sys.executable, "-m", "pip", "config", "list"]
    printed = subprocess.run(pip, capture_output=True, text=True, check=True).stdout
    lines = [line.partition("=") for line in printed.splitlines()]
    values = {name.rpartition(".")[2]: ast.literal_eval(value).split() for name, _, value in lines}
    # No files of this machine but the certificates, which are copied.
    values = {name: [word for word in words if name == "cert" or not is_local(word)] for name, words in values.items()}
    found = {f"PIP_{name.upper().replace('-', '_')}": " ".join(words) for name, words in values.items() if words}
    return found | {name: os.environ[name] for name in os.environ if name.lower().endswith(("_proxy", "ssl_cert_file"))}


def is_local(word):
    return word.startswith(("/", "file:"))


def mirror():
    """Where this machine's apt gets Debian from."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return next(address for address in found if "security" not in address)


def install(root):
    command = ["debootstrap", "--variant=minbase", PACKAGES, root.name, root, mirror()]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=clean_environment())
    certificates = {os.environ.get(name, "") for name in ("PIP_CERT", "SSL_CERT_FILE")}
    for path in map(Path, {"/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", *certificates}):
        if path.is_file():
            (root / path.relative_to("/")).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, root / path.relative_to("/"))
    subprocess.run(["chroot", root, "useradd", "--create-home", "developer"], check=True)
    return Machine(root)


@contextmanager
def removed(folder):
    try:
        yield
    finally:
        shutil.rmtree(folder)
