"""Processes that end at any moment, and many at the same one."""

import os
import signal
import time

from tests.prove.process import PATIENCE, Site, free_port, get, writers

TABLES = ("pages.Clinic", "services.Service", "services.Benefit", "services.FAQ", "testimonials.Testimonial")
COUNTED = f"from django.apps import apps; print(*(apps.get_model(name).objects.count() for name in {TABLES}))"
KILLS = int(os.environ.get("KILLS", "50"))  # 200 for the record
WHOLE, NONE = "1 1 5 4 4", "0 0 0 0 0"


def rows(site):
    return site.shell(COUNTED)


def test_content_is_whole_or_absent_when_its_loading_is_killed(empty_site):
    assert empty_site.run("migrate").wait(60) == 0
    start = time.monotonic()
    assert empty_site.run("load_clinic").wait(60) == 0
    whole_time = time.monotonic() - start
    assert rows(empty_site) == WHOLE
    seen = set()
    for step in range(12):
        assert empty_site.run("flush", "--no-input").wait(60) == 0
        loading = empty_site.run("load_clinic")
        time.sleep(whole_time * (0.6 + 0.05 * step))
        loading.kill()
        loading.wait(60)
        seen.add(rows(empty_site))
    assert seen <= {NONE, WHOLE}
    assert empty_site.run("load_clinic").wait(60) == 0
    assert rows(empty_site) == WHOLE


def test_save_that_is_killed_leaves_the_old_or_the_new_content_whole(site, capsys):
    old, new = map(int, site.shell(f"from tests.prove.killed_saves import kill_saves; kill_saves({KILLS})").split())
    database = "PostgreSQL" if site.database else "SQLite"
    with capsys.disabled():
        print(f"\n{database}: {KILLS} saves killed, {old} left the old content, {new} the new")
    assert old and new


def test_content_is_loaded_once_by_many_at_once(empty_site):
    assert empty_site.run("migrate").wait(60) == 0
    loading = [empty_site.run("load_clinic") for _ in range(8)]
    assert [process.wait(120) for process in loading] == [0] * 8
    assert rows(empty_site) == WHOLE


def test_many_starts_at_once_prepare_one_database(empty_site):
    """On a server they are on machines of their own, that share nothing but the database."""
    starts = [empty_site] * 8
    if empty_site.database:
        starts = [Site(empty_site.data / str(number), empty_site.database) for number in range(8)]
    # Without the static files, of which this checkout has one folder.
    started = [start.run("prepare", environment={"DEBUG": "true"}) for start in starts]
    assert [process.wait(300) for process in started] == [0] * 8
    assert rows(empty_site) == WHOLE


def workers(log):
    """The processes that write this log but for the first, which is the server."""
    return set(sorted(writers(log))[1:])


def test_killed_worker_is_replaced(site):
    port = free_port()
    with site.serving(port) as log:
        assert get(port)[0] == 200
        killed = workers(log)
        assert len(killed) == 2
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        while len(workers(log) - killed) < len(killed):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        assert [get(port)[0] for _ in range(10)] == [200] * 10
