"""What the processes of a server have used, from the kernel's own books."""

import os
import re
import time
from pathlib import Path

TICK = 1000 / os.sysconf("SC_CLK_TCK")  # milliseconds


def books():
    """{process: (its parent, its milliseconds of processor time, user and system)} of this machine.

    The time includes that of its children that have ended.
    """
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        found[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) * TICK
    return found


def family(process, everyone):
    """The process and all that descend from it."""
    children = [child for child, (parent, _) in everyone.items() if parent == process]
    return [process, *(one for child in children for one in family(child, everyone))]


def used(process):
    """Milliseconds of processor time of the process and its family, once they are at rest."""
    before = -1.0
    while True:
        everyone = books()
        now = sum(everyone[one][1] for one in family(process, everyone))
        if now == before:
            return now
        before = now
        time.sleep(0.05)


def peak(process):
    """The most memory, in MB, that the largest of the family has held."""
    statuses = [Path(f"/proc/{one}/status").read_text() for one in family(process, books())]
    return max(int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) for status in statuses) / 1024


def held(process):
    """The memory of a process and all below it, in MB: what they share counts once."""
    found = 0
    for one in family(process, books()):
        try:
            found += int(re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.MULTILINE)[1])
        except (FileNotFoundError, ProcessLookupError, TypeError):  # has just ended
            continue
    return found / 1024
