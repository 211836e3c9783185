"""The database gone and back, while patients ask."""

import re
import shutil
import signal
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from pagecache.cache import FILE_CHECKED_WITHIN
from tests.everywhere.walk import SERVICE
from tests.prove.postgresql import throwaway_server
from tests.prove.process import PATIENCE, Site, free_port
from tests.prove.readers import Edits, Statuses, ask, made, reading

WARM = ("/", SERVICE, "/faq/")
# Asked for before, but never kept (and no page of WARM: which process has made those is counted by their paths).
NOT_KEPT = ("/no-such-page/", "/admin/login/", "/privacy/?unknown=1")
# Not asked for before.
NEW = ("/contact/", "/admin/", "/another-page/", "/faq/?page=2&unknown=1")
NAMED = "from pages.models import Clinic; Clinic.objects.update(name='name-0')"
PARTS = ("", "-wal", "-shm")


class Files:
    """SQLite: the file is moved with its companions."""

    def __init__(self, site):
        self.file, self.away = site.file, site.data / "away.sqlite3"

    def stop(self):
        for part in PARTS:
            move(f"{self.file}{part}", f"{self.away}{part}")

    def is_gone(self):
        """Also made by nobody anew."""
        return not any(Path(f"{self.file}{part}").exists() for part in PARTS)

    def start(self):
        for part in reversed(PARTS):
            move(f"{self.away}{part}", f"{self.file}{part}")


def move(source, target):
    try:
        shutil.move(source, target)
    except FileNotFoundError:
        assert source.endswith(PARTS[1:])  # SQLite removes its companions when nobody has the file open


@pytest.fixture(params=["sqlite", "postgresql"])
def site_and_database(request, tmp_path):
    """A site, and what stops and starts its database."""
    if request.param == "sqlite":
        site = Site(tmp_path, "")
        yield prepared(site), Files(site)
    else:
        with throwaway_server() as server:
            yield prepared(Site(tmp_path, server.new_database())), server


def prepared(site):
    assert site.run("prepare").wait(300) == 0
    site.shell(NAMED)
    return site


def rename(site, number):
    with closing(site.other_program()) as program:
        program.execute(f"UPDATE pages_clinic SET name = 'name-{number}'")


def wait_until(is_so):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes(site, path):
    """How many processes have made this page."""
    return len({process for process, at in made(site) if at == path})


def answer(port, path, data=None):
    """(status, seconds to wait, body) of an answer that is an error."""
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data, timeout=60)
    return raised.value.code, raised.value.headers["Retry-After"], raised.value.read().decode()


def names(port, path=SERVICE):
    """The clinic's names on a page, asked for until each process has answered."""
    return set(re.findall(rb"name-\d", b"".join(ask(port, path)[2] for _ in range(60))))


def go_while_pages_are_made(site, database, port):
    """Change the content, and stop the database when most processes are about to make a page of it.

    One that waits goes on taking requests: which one takes the next is up to the kernel.
    """
    hold = site.data / "hold"
    hold.touch()
    rename(site, 1)
    enough = time.monotonic() + 5
    with ThreadPoolExecutor(100) as pool:
        while (held := len(list(site.data.glob("held-*")))) < 4 and not (held and time.monotonic() > enough):
            pool.submit(ask, port, WARM[0])
            time.sleep(0.05)
        database.stop()
        hold.unlink()


def test_warm_pages_outlive_the_database_and_are_right_after_it(site_and_database):
    site, database = site_and_database
    port, edits, calm = free_port(), Edits("name"), Statuses(200, 404, 503)
    with site.serving(port, "--workers=4", application="tests.prove.counted") as log:
        with reading(port, WARM, edits, 5) as warm, reading(port, NOT_KEPT, calm, 1) as others:
            wait_until(lambda: {processes(site, path) for path in WARM} == {4})
            with edits.edit("name"):
                go_while_pages_are_made(site, database, port)
                warm.wait_for(warm.answers.value + 300)
                for path in NEW:
                    status, seconds, body = answer(port, path)
                    assert (status, seconds, "Back soon" in body) == (503, "30", True), path
                assert answer(port, "/admin/login/", b"username=a&password=b")[0] in (403, 503)
                assert database.is_gone()
                database.start()
            warm.wait_for(warm.answers.value + 300)
        assert (warm.faults.value, others.faults.value) == (0, 0), warm.first_faults() + others.first_faults()
        assert "The database does not answer" in log.read_text()
        assert [ask(port, path)[0] for path in ("/contact/", "/admin/login/", "/another-page/")] == [200, 200, 404]
        # Gone and back before anybody asked.
        database.stop()
        database.start()
        rename(site, 2)
        assert names(port) == {b"name-2"}


def test_server_that_hangs_holds_nobody_up(tmp_path):
    with throwaway_server() as server:
        site, port, edits = prepared(Site(tmp_path, server.new_database())), free_port(), Edits("name")
        with site.serving(port, "--workers=2", application="tests.prove.counted") as log:
            with reading(port, WARM, edits, 2) as warm:
                wait_until(lambda: {processes(site, path) for path in WARM} == {2})
                warm.wait_for(warm.answers.value + 100)  # what was begun is made
                try:
                    server.signal(signal.SIGSTOP)
                    warm.wait_for(warm.answers.value + 100)
                    for path in NEW:
                        assert answer(port, path)[0] == 503, path
                finally:
                    server.signal(signal.SIGCONT)
                with edits.edit("name") as number:
                    rename(site, number)
                warm.wait_for(warm.answers.value + 300)
            assert warm.faults.value == 0, warm.first_faults()
            assert "The database does not answer" in log.read_text()
            assert "WORKER TIMEOUT" not in log.read_text()
            assert [ask(port, path)[0] for path in ("/contact/", "/admin/login/", "/another-page/")] == [200, 200, 404]
            assert names(port) == {b"name-1"}


def test_file_that_is_replaced_by_a_backup_is_noticed_within_a_second(tmp_path):
    site, port = prepared(Site(tmp_path, "")), free_port()
    with closing(site.other_program()) as program:
        program.execute("VACUUM INTO ?", [str(tmp_path / "backup.sqlite3")])
    with site.serving(port, "--workers=4"):
        rename(site, 1)
        assert names(port) == {b"name-1"}
        Files(site).stop()
        shutil.move(tmp_path / "backup.sqlite3", site.file)
        time.sleep(FILE_CHECKED_WITHIN)
        assert names(port) == {b"name-0"}
        rename(site, 2)
        assert names(port) == {b"name-2"}
