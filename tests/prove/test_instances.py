"""Two servers, each with a folder of its own, on one PostgreSQL and one store: they act as one site."""

import copy
import socket
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from tests.everywhere.walk import SERVICE
from tests.pictures.stores import running_store
from tests.prove.dated import DATED, DRAFTS
from tests.prove.process import Site, free_port
from tests.prove.readers import Edits, Moments, reading
from tests.prove.staff import CSRF, Editor, logged_in
from tests.prove.test_memory import LIST, photo, sent
from tests.prove.test_pagecache import Ways

EDITS = 15  # in each way
PATHS = ("/", SERVICE, "/services/", "/faq/", "/contact/")
PICTURE = """
from pictures.models import Picture
picture = Picture.objects.latest("updated_at")
print(picture.pk, picture.file.url)
"""
PASSWORD = "correct horse battery staple"
PERSON = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("casey", password="{PASSWORD}")
"""
RELEASED = """
from django.contrib.admin.models import LogEntry
print(LogEntry.objects.filter(change_message__startswith="Went live as planned").count())
"""


@pytest.fixture(scope="module")
def store():
    with running_store() as store:
        yield store


class Both(NamedTuple):
    """One site, and at each of the two ports an editor who is signed in at the first."""

    site: Site
    editors: list[Editor]

    @property
    def ports(self):
        return [editor.port for editor in self.editors]

    def answers(self, path):
        """(status, body, headers) at each."""
        return [answer(port, path) for port in self.ports]

    def statuses(self, path):
        return [status for status, _, _ in self.answers(path)]

    def picture(self):
        """(key, address) of the newest."""
        return self.site.shell(PICTURE).split()


def answer(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


@pytest.fixture(scope="module")
def both(postgresql, store, tmp_path_factory):
    database, address = postgresql.new_database(), store.new_bucket()
    with ExitStack() as stack:
        ports = []
        for name in ("one", "two"):
            site, port = Site(tmp_path_factory.mktemp(name), database, address), free_port()
            assert site.run("prepare").wait(300) == 0
            stack.enter_context(site.serving(port, "--workers=2"))
            ports.append(port)
        (editor,) = logged_in(site, ports[0], 1)
        yield Both(site, [Editor(port, editor.key) for port in ports])


def test_no_answer_of_one_is_older_than_a_commit_through_the_other(both, capsys):
    with closing(both.site.other_program()) as program, both.site.typing() as typed, ExitStack() as stack:
        one = Ways(both.site, both.editors[0], program, typed)
        two = copy.copy(one)
        two.editor = both.editors[1]
        edits = Edits("lead", "name", "swap")
        tallies = [stack.enter_context(reading(port, [SERVICE], edits, 2)) for port in both.ports]
        for turn in range(EDITS):
            for name, edit in (("lead", (one, two)[turn % 2].form), ("name", one.sql), ("swap", two.move)):
                with edits.edit(name) as number:
                    edit(number)
            for tally in tallies:
                tally.wait_for((turn + 1) * 40)
    answers, stale = (sum(getattr(tally, name).value for tally in tallies) for name in ("answers", "faults"))
    with capsys.disabled():
        print(f"\nTwo servers: {answers} answers, {stale} stale, {3 * EDITS} edits")
    assert stale == 0, [tally.first_faults() for tally in tallies]


def test_picture_that_one_took_is_shown_and_deleted_by_the_other(both, store):
    before = store.keys(both.site.store)
    assert sent(both.editors[0], photo("JPEG", 2000, 1500)) == LIST
    key, path = both.picture()
    first, second = both.answers(path)
    assert first[:2] == second[:2]
    for status, body, headers in (first, second):
        assert (status, body[8:12]) == (200, b"WEBP")
        assert (headers["Content-Length"], headers["Content-Type"]) == (str(len(body)), "image/webp")
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert both.editors[1].ask(f"{LIST}{key}/delete/", {"post": "yes"})[0] == 200
    assert both.statuses(path) == [404, 404]
    assert store.keys(both.site.store) == before


def test_pages_are_served_and_staff_are_told_while_the_store_is_away(both, store):
    editor, small = both.editors[0], photo("JPEG", 800, 600)
    assert sent(editor, small) == LIST
    _, path = both.picture()
    store.stop()
    try:
        assert [both.statuses(place) for place in ("/", SERVICE, path)] == [[200, 200], [200, 200], [503, 503]]
        assert sent(editor, small) == f"{LIST}add/"
        assert both.site.run("prepare", stderr=subprocess.DEVNULL).wait(300) == 0
    finally:
        store.start()
    assert both.statuses(path) == [200, 200]
    assert sent(editor, small) == LIST


def test_store_that_hangs_holds_up_no_page(both, store):
    _, path = both.picture()
    place = store.place.split(":")
    store.stop()
    try:
        with socket.create_server((place[0], int(place[1]))), ThreadPoolExecutor(40) as pool:
            both.site.shell("from pages.models import Clinic; Clinic.objects.update(name='Another name')")
            waiting = [pool.submit(both.statuses, path) for _ in range(40)]
            assert [both.statuses(page) for page in ("/", SERVICE, "/faq/?n=1")] == [[200, 200]] * 3
            assert not all(one.done() for one in waiting)
            assert {status for one in waiting for status in one.result()} == {503}
    finally:
        store.start()


def test_who_signs_in_or_out_at_one_does_so_at_the_other(both):
    both.site.shell(PERSON)
    data = urlencode({"username": "casey", "password": PASSWORD, "csrfmiddlewaretoken": CSRF}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{both.ports[0]}/admin/login/", data, {"Cookie": f"csrf={CSRF}"})
    with pytest.raises(urllib.error.HTTPError) as moved:
        urllib.request.build_opener(Unmoved).open(request, timeout=60)
    moved.value.close()
    cookies = dict(cookie.partition(";")[0].split("=") for cookie in moved.value.headers.get_all("Set-Cookie"))
    signed_in = [Editor(port, cookies["session"]) for port in both.ports]
    assert [editor.ask(LIST)[1].endswith(LIST) for editor in signed_in] == [True, True]
    assert signed_in[1].ask("/admin/logout/", {})[0] == 200
    assert ["/admin/login/" in editor.ask(LIST)[1] for editor in signed_in] == [True, True]


class Unmoved(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


def test_dated_content_is_neither_early_nor_late_on_either_and_released_once(both):
    moments = Moments(DATED)
    with both.site.typing() as typed, ExitStack() as stack:
        typed("from tests.prove.dated import plan, set_dates; plan()")
        tallies = [stack.enter_context(reading(port, PATHS, moments, 2)) for port in both.ports]
        for tally in tallies:
            tally.wait_for(100)
        moments.start.value = time.time() + 3
        typed(f"set_dates({moments.start.value!r})")
        moments.committed_at.value = time.time()
        time.sleep(moments.start.value + DATED[-1].after - time.time())
        for tally in tallies:
            tally.wait_for(tally.answers.value + 50)
    assert [tally.faults.value for tally in tallies] == [0, 0], [tally.first_faults() for tally in tallies]
    assert both.site.shell(RELEASED) == str(len(DRAFTS))


def test_settings_that_must_be_equal_are_told_by_name(postgresql, tmp_path):
    site = Site(tmp_path, postgresql.new_database())

    def told(**environment):
        with site.run("prepare", environment=environment, stderr=subprocess.PIPE, text=True) as process:
            error = process.communicate(timeout=300)[1]
        assert process.returncode == 0
        return error

    line = "Other than at the last start on this database: {}. Where several machines serve the site, these must be "
    line += "the same on each.\n"
    other = {"SECRET_KEY": "another-secret-of-more-than-thirty-two-characters", "TIME_ZONE": "Europe/Berlin"}
    assert told() == told() == ""
    assert told(**other) == line.format("SECRET_KEY, TIME_ZONE")
    assert told(**other) == ""
