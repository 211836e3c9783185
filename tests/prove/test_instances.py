"""Two servers, each with a folder of its own, on one PostgreSQL and one store: they act as one site."""

import copy
import subprocess
import time
import urllib.error
import urllib.request
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

EDITS = 25  # in each way
PATHS = ("/", SERVICE, "/services/", "/faq/", "/contact/")
PICTURE = "from pictures.models import Picture; print(*[picture.file.url for picture in Picture.objects.all()])"
PASSWORD = "correct horse battery staple"
PERSON = f"""
from django.contrib.auth import get_user_model
get_user_model().objects.create_superuser("casey", password="{PASSWORD}")
"""
RELEASED = """
from django.contrib.admin.models import LogEntry
print(LogEntry.objects.filter(change_message__startswith="Went live as planned").count())
"""


class Instance(NamedTuple):
    site: Site
    port: int

    def editor(self):
        return logged_in(self.site, self.port, 1)[0]


@pytest.fixture(scope="module")
def store():
    with running_store() as store:
        yield store


@pytest.fixture
def instances(postgresql, store, tmp_path):
    database, address = postgresql.new_database(), store.new_bucket()
    with ExitStack() as stack:
        found = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            site, port = Site(tmp_path / name, database, address), free_port()
            assert site.run("prepare").wait(300) == 0
            stack.enter_context(site.serving(port, "--workers=2", application="tests.prove.counted"))
            found.append(Instance(site, port))
        yield found


def test_no_answer_of_one_is_older_than_a_commit_through_the_other(instances, capsys):
    one, two = instances
    editor = one.editor()
    with closing(one.site.other_program()) as program, one.site.typing() as typed:
        ways, edits = Ways(one.site, editor, program, typed), Edits("lead", "name", "swap")
        others = copy.copy(ways)
        others.editor = Editor(two.port, editor.key)  # signed in at the other one
        with reading(one.port, [SERVICE], edits, 2) as first, reading(two.port, [SERVICE], edits, 2) as second:
            for turn in range(EDITS):
                for name, edit in (("lead", (ways, others)[turn % 2].form), ("name", ways.sql), ("swap", others.move)):
                    with edits.edit(name) as number:
                        edit(number)
                for tally in (first, second):
                    tally.wait_for((turn + 1) * 40)
    answers, stale = (sum(getattr(one, name).value for one in (first, second)) for name in ("answers", "faults"))
    with capsys.disabled():
        print(f"\nTwo servers: {answers} answers, {stale} stale, {3 * EDITS} edits")
    assert stale == 0, first.first_faults() + second.first_faults()


def test_dated_content_is_neither_early_nor_late_on_either_and_released_once(instances):
    one, two = instances
    moments = Moments(DATED)
    with one.site.typing() as typed:
        typed("from tests.prove.dated import plan, set_dates; plan()")
        with reading(one.port, PATHS, moments, 2) as first, reading(two.port, PATHS, moments, 2) as second:
            first.wait_for(100)
            second.wait_for(100)
            moments.start.value = time.time() + 3
            typed(f"set_dates({moments.start.value!r})")
            moments.committed_at.value = time.time()
            time.sleep(moments.start.value + DATED[-1].after - time.time())
            for tally in (first, second):
                tally.wait_for(tally.answers.value + 50)
    assert (first.faults.value, second.faults.value) == (0, 0), first.first_faults() + second.first_faults()
    assert one.site.shell(RELEASED) == str(len(DRAFTS))


def status(port, path):
    """(status, body, headers), of bytes."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_picture_that_one_took_is_shown_and_deleted_by_the_other(instances, store):
    one, two = instances
    editor = one.editor()
    other = Editor(two.port, editor.key)
    assert sent(editor, photo("JPEG", 2000, 1500)) == LIST
    (path,) = one.site.shell(PICTURE).split()
    answers = [status(instance.port, path) for instance in instances]
    assert [answer[0] for answer in answers] == [200, 200]
    assert answers[0][1] == answers[1][1]
    for _, body, headers in answers:
        assert body[8:12] == b"WEBP"
        assert (headers["Content-Length"], headers["Content-Type"]) == (str(len(body)), "image/webp")
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    key = two.site.shell("from pictures.models import Picture; print(Picture.objects.get().pk)")
    assert other.ask(f"{LIST}{key}/delete/", {"post": "yes"})[0] == 200
    assert [status(instance.port, path)[0] for instance in instances] == [404, 404]
    assert store.keys(one.site.store) == []


def test_pages_are_served_and_staff_are_told_while_the_store_is_away(instances, store):
    one = instances[0]
    editor = one.editor()
    assert sent(editor, photo("JPEG", 800, 600)) == LIST
    (path,) = one.site.shell(PICTURE).split()
    store.stop()
    try:
        for instance in instances:
            assert [status(instance.port, place)[0] for place in ("/", SERVICE, path)] == [200, 200, 503]
        assert sent(editor, photo("JPEG", 800, 600)) == f"{LIST}add/"
        assert one.site.run("prepare", stderr=subprocess.DEVNULL).wait(300) == 0
    finally:
        store.start()
    assert [status(instance.port, path)[0] for instance in instances] == [200, 200]
    assert sent(editor, photo("JPEG", 800, 600)) == LIST


def test_who_signs_in_or_out_at_one_does_so_at_the_other(instances):
    one, two = instances
    one.site.shell(PERSON)
    stranger = Editor(one.port, "")
    data = urlencode({"username": "casey", "password": PASSWORD, "csrfmiddlewaretoken": CSRF}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{one.port}/admin/login/", data, {"Cookie": f"csrf={CSRF}"}, method="POST"
    )
    opener = urllib.request.build_opener(Unmoved)
    with pytest.raises(urllib.error.HTTPError) as moved:
        opener.open(request, timeout=60)
    cookies = dict(cookie.partition(";")[0].split("=") for cookie in moved.value.headers.get_all("Set-Cookie"))
    keys = cookies["session"]
    for instance in instances:
        assert Editor(instance.port, keys).ask(LIST)[1].endswith(LIST)
        assert "login" in Editor(instance.port, stranger.key).ask(LIST)[1]
    assert Editor(two.port, keys).ask("/admin/logout/", {})[0] == 200
    for instance in instances:
        assert "login" in Editor(instance.port, keys).ask(LIST)[1]


class Unmoved(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


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
