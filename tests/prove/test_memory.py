"""512 MB hold the site, whatever pictures are uploaded; and an upload that fails leaves nothing."""

import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from pictures.formats import MAX_PIXELS
from tests.bench.processes import books, family, held
from tests.everywhere.walk import SERVICE
from tests.prove.process import PATIENCE, Site, free_port
from tests.prove.readers import Statuses, reading
from tests.prove.staff import CSRF, logged_in

LIST = "/admin/pictures/picture/"
ADD = f"{LIST}add/"
PATHS = ("/", SERVICE, "/faq/", "/testimonials/")
MOST = 512
OPTIONS = {
    "JPEG": {"progressive": True, "subsampling": "4:4:4"},
    "PNG": {"compress_level": 1},
    "WEBP": {"method": 0},
    "AVIF": {"speed": 10, "subsampling": "4:4:4"},
}
COUNTED = "from pictures.models import Picture; print(Picture.objects.count())"


@cache
def photo(form, width, height):
    """A file with soft colors and some grain, below 15 MB."""
    grain = Image.effect_noise((64, 64) if form == "PNG" else (1500, 1500), 20)
    parts = [Image.radial_gradient("L"), Image.linear_gradient("L"), grain]
    image = Image.merge("RGB", [part.resize((width, height), Image.Resampling.BILINEAR) for part in parts])
    image.save(file := BytesIO(), form, **OPTIONS[form])
    return file.getvalue()


def largest(form):
    """A file of as many pixels as are taken of this format."""
    return photo(form, 8000, MAX_PIXELS[form] // 8000)


def body(content):
    """(headers, body) of a form with a picture."""
    fields = {"csrfmiddlewaretoken": CSRF, "alt": "A gradient, seen from afar"}
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in fields.items()
    ]
    file = (
        '--limit\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    data = "".join(parts).encode() + file.encode() + content + b"\r\n--limit--\r\n"
    return {"Content-Type": "multipart/form-data; boundary=limit", "Content-Length": str(len(data))}, data


def sent(editor, content):
    """The address after the redirects: of the list, if the picture was taken."""
    headers, data = body(content)
    headers["Cookie"] = f"session={editor.key}; csrf={CSRF}"
    request = urllib.request.Request(f"http://127.0.0.1:{editor.port}{ADD}", data, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.url.partition(str(editor.port))[2]


class Watch(threading.Thread):
    """Looks at the memory of a server all the time; `peak` since it was last set to 0."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.peak, self.is_over = server, 0, threading.Event()

    def run(self):
        while not self.is_over.wait(0.05):
            now = held(self.server)
            self.peak = max(self.peak, now)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.join()

    def of(self, function, *arguments):
        """The peak while the function runs, and what it returns."""
        self.peak = 0
        result = function(*arguments)
        return self.peak, result


@pytest.fixture
def one_site(tmp_path):
    site = Site(tmp_path, "")
    assert site.run("prepare").wait(120) == 0
    return site


def server_of(site):
    """The server's first process."""
    found = []
    for process in family(os.getpid(), books())[1:]:
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        found += [process] if b"gunicorn" in command else []
    return found[0]


def test_memory_of_a_small_server_is_enough(one_site, capsys):
    port = free_port()
    with one_site.serving(port, "--workers=2"), reading(port, PATHS, Statuses(200), 20, pause=0.1) as tally:
        (editor,) = logged_in(one_site, port, 1)
        tally.wait_for(1000)
        server = server_of(one_site)
        with Watch(server) as watch:
            at_first = held(server)
            ordinary = [watch.of(sent, editor, photo("JPEG", 4000, 3000)) for _ in range(30)]
            large = {form: watch.of(sent, editor, largest(form)) for form in OPTIONS}
            at_last = held(server)
        answers, faults = tally.answers.value, tally.first_faults()
    told = {"30 of 12 megapixels": max(peak for peak, _ in ordinary)} | {
        form: peak for form, (peak, _) in large.items()
    }
    with capsys.disabled():
        print(
            f"\nMB at first: {at_first:.0f}; peaks:",
            ", ".join(f"{name} {peak:.0f}" for name, peak in told.items()),
            end="",
        )
        print(f"; at last: {at_last:.0f}; answers meanwhile: {answers}")
    assert {place for _, place in (*ordinary, *large.values())} == {LIST}
    assert faults == []
    assert max(told.values()) < MOST
    assert at_last < 1.5 * at_first


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The system's temporary folder for the server."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def kept(site, temporary):
    """Files that an upload could have left."""
    media = site.data / "media"
    return [path for folder in (media, temporary) for path in folder.rglob("*") if path.is_file()]


def wait_until(is_so):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def encoders(server):
    """The processes that encode a picture now."""
    found = []
    for process in family(server, books()):
        try:
            found += [process] if b"pictures.child" in Path(f"/proc/{process}/cmdline").read_bytes() else []
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def begin(editor, content, size):
    """A connection on which so many bytes of an upload were sent."""
    headers, data = body(content)
    lines = [f"POST {ADD} HTTP/1.1", f"Host: 127.0.0.1:{editor.port}", f"Cookie: session={editor.key}; csrf={CSRF}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    connection = socket.create_connection(("127.0.0.1", editor.port), 60)
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + data[:size])
    return connection


def test_upload_that_is_cut_or_refused_leaves_nothing(one_site, temporary):
    port = free_port()
    with one_site.serving(port, "--workers=1"):
        (editor,) = logged_in(one_site, port, 1)
        for size in (300, 50_000, 3_000_000):
            begin(editor, bytes(6_000_000), size).close()
        for content in (bytes(6_000_000), bytes(16_000_000), photo("JPEG", 4000, 3000)[:-20_000]):
            assert sent(editor, content) == ADD
        assert kept(one_site, temporary) == []
        assert sent(editor, photo("JPEG", 400, 300)) == LIST
    assert one_site.shell(COUNTED) == "1"


def test_upload_whose_process_is_killed_leaves_nothing(one_site, temporary):
    port = free_port()
    with one_site.serving(port, "--workers=1"):
        (editor,) = logged_in(one_site, port, 1)
        server = server_of(one_site)
        with begin(editor, largest("JPEG"), None):
            wait_until(lambda: encoders(server))
            (encoder,), (worker,) = encoders(server), family(server, books())[1:2]
            os.kill(worker, signal.SIGKILL)
            wait_until(lambda: not Path(f"/proc/{encoder}").exists())
        assert kept(one_site, temporary) == []
        wait_until(lambda: worker not in family(server, books())[1:])
        assert sent(editor, photo("JPEG", 400, 300)) == LIST
    assert one_site.shell(COUNTED) == "1"
