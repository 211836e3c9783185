"""A pooler hands out another session for each transaction: nothing may be kept in one, or be looked for there."""

import subprocess
import time
from contextlib import closing

import pytest

from tests.admin.forms import Fields
from tests.prove.pooler import SESSIONS
from tests.prove.process import Site, free_port, get
from tests.prove.staff import logged_in

ADVISORY = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
DUE = """
from datetime import timedelta
from django.utils import timezone
from publishing.models import Revision
from publishing.revisions.record import record_version
from services.models import Service
from django.contrib.auth import get_user_model
from django.db import transaction
with transaction.atomic():
    base = record_version(Service, Service.objects.get().pk)
key = f"/{base.object_id}"
rows = base.data["rows"] | {key: base.data["rows"][key] | {"title": "Planned title"}}
values = {"content_type": base.content_type, "object_id": base.object_id, "data": base.data | {"rows": rows}}
Revision.objects.create(base=base, approved_by=get_user_model().objects.get(), apply_at=timezone.now(), **values)
"""


@pytest.fixture
def site(pooler, tmp_path):
    site = Site(tmp_path, pooler())
    assert site.run("prepare").wait(300) == 0
    return site


def in_each_session(site, query):
    with closing(site.other_program()) as program:
        return {program.execute(f"SELECT pg_backend_pid(), ({query})").fetchone() for _ in range(5 * SESSIONS)}


def test_starts_at_the_same_moment_wait_for_each_other_and_leave_no_lock(pooler, tmp_path):
    site = Site(tmp_path, pooler())
    others = [site._replace(data=tmp_path / name) for name in ("one", "two", "three", "four")]
    started = [other.run("prepare") for other in others]
    assert [one.wait(300) for one in started] == [0, 0, 0, 0]
    assert {count for _, count in in_each_session(site, ADVISORY)} == {0}


def test_sessions_that_staff_get_do_not_wait_as_briefly_as_visitors(site):
    port = free_port()
    with site.serving(port, "--workers=2") as log:
        (editor,) = logged_in(site, port, 1)
        site.shell(DUE)
        for _ in range(20):
            assert get(port)[0] == 200
            assert editor.ask("/admin/")[0] == 200
        assert "Planned title" in get(port)[1], log.read_text()
        waits = in_each_session(site, "SELECT current_setting('lock_timeout')")
        assert "200ms" not in {wait for _, wait in waits}
        assert len(waits) > 1


def test_forms_are_saved_and_all_rows_are_read_one_after_the_other(site):
    port, path = free_port(), "/admin/testimonials/testimonial/add/"
    with site.serving(port, "--workers=2") as log:
        (editor,) = logged_in(site, port, 1)
        for turn in range(5):
            data = Fields(editor.ask(path)[2]).data | {"quote": f"Quote {turn}.", "name": f"Patient {turn}"}
            status, address, _ = editor.ask(path, data)
            assert (status, address.endswith("/admin/testimonials/testimonial/")) == (200, True), log.read_text()
    assert site.run("dumpdata", "services", "testimonials", stdout=subprocess.DEVNULL).wait(300) == 0


def test_server_that_is_away_behind_its_pooler_is_an_outage_of_a_moment(site, postgresql):
    port = free_port()
    with site.serving(port, "--workers=1") as log:
        assert get(port)[0] == 200
        postgresql.stop()
        began = time.monotonic()
        assert [get(port)[0], get(port, "/no-such-page/")[0]] == [200, 503]
        assert time.monotonic() - began < 10
        postgresql.start()
        deadline = time.monotonic() + 60
        while get(port, "/no-such-page/")[0] != 404:
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
