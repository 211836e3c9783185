"""Patients: processes that ask for pages all the time, and judge each answer."""

import multiprocessing
import re
import socket
import time
from contextlib import contextmanager
from ctypes import c_double
from itertools import count
from typing import NamedTuple

from tests.prove.process import PATIENCE

# Anew, not forked: the tests have threads.
spawned = multiprocessing.get_context("spawn")


def ask(port, path, tag=""):
    """(status, entity tag, body) of an answer; with the tag of an earlier one, it may be 304 without a body."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close"]
    lines += [f"If-None-Match: {tag}"] if tag else []
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head, _, body = b"".join(iter(lambda: connection.recv(1 << 18), b"")).partition(b"\r\n\r\n")
    found = re.search(rb"^ETag: (\S+)", head, re.MULTILINE | re.IGNORECASE)
    return int(head.split()[1]), found[1].decode() if found else "", body


class Tally(NamedTuple):
    """What the readers tell: how many answers, how many faults, and the first fault of each."""

    answers: multiprocessing.Value
    faults: multiprocessing.Value
    told: multiprocessing.SimpleQueue
    is_over: multiprocessing.Event

    def wait_for(self, answers):
        deadline = time.monotonic() + PATIENCE
        while self.answers.value < answers:
            assert time.monotonic() < deadline, f"Only {self.answers.value} answers."
            time.sleep(0.002)

    def first_faults(self):
        return [self.told.get() for _ in iter(lambda: not self.told.empty(), False)]


def read(number, port, paths, judge, pause, tally):
    """Ask for the paths in turn; every second reader sends the tags of what it has."""
    had = {}
    for turn in count(number):
        if tally.is_over.is_set():
            return
        path = paths[turn % len(paths)]
        tag, old = had.get(path, ("", b"")) if number % 2 else ("", b"")
        before = judge.before()
        try:
            status, tag, body = ask(port, path, tag)
            had[path] = tag, old if status == 304 else body
            fault = judge.fault(before, path, 200 if status == 304 else status, had[path][1])
        except (OSError, IndexError) as error:
            fault = repr(error)
        with tally.answers:
            tally.answers.value += 1
        time.sleep(pause)
        if fault:
            with tally.faults:
                tally.faults.value += 1
                if tally.faults.value <= 5:
                    tally.told.put(f"{path}: {fault}")


def made(site):
    """(process, path) of each page that Django has made, behind `counted`."""
    file = site.data / "made"
    return [tuple(line.split()) for line in file.read_text().splitlines()] if file.exists() else []


@contextmanager
def reading(port, paths, judge, number=4, pause=0.0):
    """So many readers, until the end of the block, who rest for so many seconds after each answer."""
    tally = Tally(spawned.Value("i", 0), spawned.Value("i", 0), spawned.SimpleQueue(), spawned.Event())
    arguments = (port, paths, judge, pause, tally)
    readers = [spawned.Process(target=read, args=(number, *arguments), daemon=True) for number in range(number)]
    for reader in readers:
        reader.start()
    try:
        yield tally
    finally:
        tally.is_over.set()
        for reader in readers:
            reader.join(90)


class Edits:
    """Texts that hold the number of their last edit, as in "title-17"; each is edited by one program at a time.

    An answer is right if it shows at least what was committed before it was asked for. The text `swap` is none, but an
    order: of the questions A and B, which change places with each edit.
    """

    def __init__(self, *names):
        self.begun = {name: spawned.Value("i", 0) for name in names}
        self.committed = {name: spawned.Value("i", 0) for name in names}

    @contextmanager
    def edit(self, name):
        """The number to write; to be committed when the block ends."""
        self.begun[name].value += 1
        yield self.begun[name].value
        self.committed[name].value = self.begun[name].value

    def before(self):
        return {name: number.value for name, number in self.committed.items()}

    def fault(self, committed, path, status, body):
        if status != 200:
            return f"status {status}"
        for name, least in committed.items():
            possible = range(least, self.begun[name].value + 1)
            if name == "swap":
                shown = [int(body.find(b"question-B") < body.find(b"question-A"))]
                possible = [number % 2 for number in possible]
            else:
                shown = [int(number) for number in re.findall(rb"%s-(\d+)" % name.encode(), body)]
            if not shown or not set(shown) <= set(possible):
                return f"{name} shows {shown}, not {possible}"
        return ""


class Statuses:
    """Judges by the status alone, which is one of these."""

    def __init__(self, *right):
        self.right = right

    def before(self):
        return None

    def fault(self, before, path, status, body):
        return "" if status in self.right else f"status {status}"


class Dated(NamedTuple):
    """A text that is to appear on a page, or on all, at so many seconds after the start; or to disappear then."""

    text: bytes
    after: float
    path: str = ""
    disappears: bool = False


class Moments:
    """Judges dated texts: early if seen before their moment, late if not seen in what was asked for after it."""

    def __init__(self, dated):
        self.dated = dated
        self.start = spawned.Value(c_double, float("inf"))
        self.committed_at = spawned.Value(c_double, float("inf"))

    def before(self):
        return time.time()

    def fault(self, sent, path, status, body):
        received = time.time()
        if status not in (200, 404):
            return f"status {status}"
        for dated in self.dated:
            if dated.path in ("", path):
                at = self.start.value + dated.after
                is_done = (dated.text in body) != dated.disappears
                if is_done and received < at:
                    return f"{dated} is {at - received:.4f} s early"
                if not is_done and sent >= max(at, self.committed_at.value):
                    return f"{dated} is {sent - at:.4f} s late"
        return ""
