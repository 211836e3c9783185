"""Faults of the machine while the site is served: patients get their pages, staff a clear one, and it passes."""

import resource
import shutil
import time
from contextlib import closing

import pytest

from tests.everywhere.walk import SERVICE
from tests.prove.process import PATIENCE, Site, free_port, get, writers
from tests.prove.staff import logged_in

KEY = "from services.models import Service; print(Service.objects.get().pk)"
LOG_SIZE = 200_000  # bytes that the log may still grow by
WAL_SIZE = 1_000_000


@pytest.fixture
def served(tmp_path):
    """(site, port, log, editor, address of the service's form) of a site in a file."""
    site, port = Site(tmp_path, ""), free_port()
    assert site.run("prepare").wait(PATIENCE) == 0
    with site.serving(port) as log:
        yield site, port, log, logged_in(site, port, 1)[0], f"/admin/services/service/{site.shell(KEY)}/change/"


def until(is_so):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def fill_log_of_database(site, program):
    """Let SQLite's log grow; the reader that stays keeps it from being written from its start again."""
    reader = site.other_program()
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM pages_clinic").fetchall()
    wal = site.file.with_name(f"{site.file.name}-wal")
    while wal.stat().st_size < WAL_SIZE:
        program.execute("UPDATE pages_clinic SET updated_at = updated_at")
    return reader


def test_full_disk_passes(served):
    site, port, log, editor, path = served
    form = editor.form(path)
    with closing(site.other_program()) as program, closing(fill_log_of_database(site, program)):
        limits = {}
        for process in writers(log):  # as on a full disk: no file may grow beyond a size
            limits[process] = resource.prlimit(process, resource.RLIMIT_FSIZE)
            most = (log.stat().st_size + LOG_SIZE, limits[process][1])
            resource.prlimit(process, resource.RLIMIT_FSIZE, most)
        status, _, text = editor.ask(path, form | {"lead": "Typed meanwhile."})
        assert (status, "Back soon" in text) == (503, True)
        assert [get(port, page)[0] for page in ("/", SERVICE, "/contact/", "/faq/")] == [200] * 4
        assert editor.ask(path)[0] == 200
        for process, limit in limits.items():
            resource.prlimit(process, resource.RLIMIT_FSIZE, limit)
    assert editor.ask(path, form | {"lead": "Typed meanwhile."})[0] == 200
    assert "Typed meanwhile." in get(port, SERVICE)[1]
    assert "disk" in log.read_text()


def test_damaged_file_is_bridged_until_a_backup_is_copied_over_it(served):
    site, port, log, editor, path = served
    with closing(site.other_program()) as program:
        program.execute("UPDATE pages_clinic SET name = 'name-0'")
        program.execute("VACUUM INTO ?", [str(site.data / "backup.sqlite3")])
        program.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    pages = ("/", SERVICE, "/contact/")
    for _ in range(40):  # each process caches them
        assert {get(port, page)[0] for page in pages} == {200}
    size = site.file.stat().st_size
    with site.file.open("r+b") as file:
        file.seek(4096)
        file.write(b"damaged!" * ((size - 4096) // 8))
    until(lambda: get(port, "/privacy/")[0] == 503)
    assert {get(port, page)[0] for page in pages * 10} == {200}
    status, _, text = editor.ask(path)
    assert (status, "Back soon" in text) == (503, True)
    shutil.copyfile(site.data / "backup.sqlite3", site.file)
    until(lambda: get(port, "/privacy/")[0] == 200)
    assert editor.ask(path, editor.form(path) | {"lead": "After it."})[0] == 200
    assert "After it." in get(port, SERVICE)[1]
    assert "The database does not answer" in log.read_text()


def test_backup_that_is_copied_over_a_sound_file_is_noticed(served):
    site, port, _, _, _ = served
    for name in ("name-0", "name-1"):
        with closing(site.other_program()) as program:
            program.execute("UPDATE pages_clinic SET name = ?", [name])
            program.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if name == "name-0":
            shutil.copyfile(site.file, site.data / "backup.sqlite3")
    until(lambda: all("name-1" in get(port, SERVICE)[1] for _ in range(20)))
    shutil.copyfile(site.data / "backup.sqlite3", site.file)
    until(lambda: all("name-0" in get(port, SERVICE)[1] for _ in range(20)))
