"""A machine that boots: systemd as the first process of a Debian in a folder, with a network of its own.

What is run in it sees the network of this machine instead, to install packages.
"""

import ctypes
import http.client
import multiprocessing
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.prove.machines import Machine, network

BOOT = """
root=$1
mount --make-rprivate / && mount --bind "$root" "$root" && cd "$root" || exit
mount -t proc proc proc && mount -t sysfs -o ro sysfs sys && mount -t tmpfs tmpfs sys/fs && mkdir sys/fs/cgroup
mount -t cgroup2 none sys/fs/cgroup && mount -t tmpfs tmpfs run && mount -t tmpfs tmpfs tmp || exit
mount -t tmpfs -o mode=755 tmpfs dev && mkdir dev/shm dev/pts && mount -t tmpfs tmpfs dev/shm
for name in null zero full random urandom tty; do touch dev/$name && mount --bind /dev/$name dev/$name; done
ln -s /proc/self/fd dev/fd && mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts && ln -s pts/ptmx dev/ptmx
pivot_root . mnt && cd / && umount -l /mnt
exec env -i container=folder PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system >/dev/null 2>&1 </dev/null
"""
OWN = ["--mount", "--pid", "--ipc", "--uts", "--cgroup", "--net"]
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Booted(NamedTuple):
    machine: Machine
    pid: str

    def run(self, line, *own):
        """What a line of the shell prints, as root; with -n, in the machine's own network."""
        variables = [f"{name}={value}" for name, value in (network() | {"PATH": PATH, "HOME": "/"}).items()]
        variables += ["DEBIAN_FRONTEND=noninteractive"]
        inside = [
            "nsenter",
            "-t",
            self.pid,
            "-m",
            "-p",
            "-i",
            "-u",
            "-C",
            *own,
            "env",
            "-i",
            *variables,
            "sh",
            "-c",
            line,
        ]
        done = subprocess.run(inside, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout

    def ask(self, host, path="/", headers=None, body=None):
        """(status, headers, body) over https in the machine's own network, whoever signed its certificate."""
        with multiprocessing.get_context("spawn").Pool(1, enter_network, (self.pid,)) as pool:
            return pool.apply(ask, (host, path, headers or {}, body))


def enter_network(pid):
    with Path(f"/proc/{pid}/ns/net").open() as network_of_machine:
        assert ctypes.CDLL(None).setns(network_of_machine.fileno(), 0) == 0


def ask(host, path, headers, body):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = http.client.HTTPSConnection(host, timeout=60)
    connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", 443), 60), server_hostname=host)
    connection.request("POST" if body else "GET", path, body, headers)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


@contextmanager
def booted(machine):
    """The machine, running until the end of the block."""
    command = ["unshare", *OWN, "--fork", "--kill-child", "sh", "-c", BOOT, "sh", machine.root]
    with subprocess.Popen(command) as process:
        try:
            yield Booted(machine, first_process(process.pid))
        finally:
            process.kill()


def first_process(parent):
    """The process of systemd, once it takes orders."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        pid = Path(f"/proc/{parent}/task/{parent}/children").read_text().strip()
        asked = ["nsenter", "-t", pid, "-m", "-p", "systemctl", "is-system-running", "--wait"]
        if pid and not subprocess.run(asked, capture_output=True, check=False).returncode:
            return pid
        time.sleep(0.2)
    raise AssertionError("The machine does not boot.")
