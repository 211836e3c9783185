"""What only a server can get wrong."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.admin.forms import Fields
from tests.everywhere.walk import SERVICE
from tests.prove.process import ROOT, Site, clean_environment, free_port
from tests.prove.staff import logged_in

# All tests that ask a database, but those that start servers of their own, and those that are about the browser.
SUITE = ["-p", "tests.prove.of_database", "tests", "--ignore=tests/prove", "--ignore=tests/browser"]
LIST = "/admin/services/service/"
TURNS = 4  # of the slowest; the others go on until then
KEYS = """
from services.models import FAQ, Service
Service.objects.create(title="Second", slug="second")
told = Service.objects.get(slug="muscle-scraping-therapy")
print(told.pk, *told.questions.values_list("pk", flat=True))
"""


def test_site_does_the_same_on_postgresql(postgresql):
    environment = clean_environment(TEST_DATABASE_URL=postgresql.new_database(), PYTEST_ADDOPTS="")
    command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", *SUITE]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
    assert 'CREATE DATABASE "test_' in postgresql.log.read_text()


class Staff:
    """What each of six members of staff does again and again to the same service."""

    def __init__(self, editors, service, questions):
        self.editors, self.service, self.questions = editors, service, questions
        self.form, self.statuses = f"{LIST}{service}/change/", []

    def ask(self, number, path, data=None):
        answer = self.editors[number].ask(path, data)
        self.statuses.append((answer[0], path))
        return answer

    def open(self, number):
        data = Fields(self.ask(number, self.form)[2]).data
        return data if "base_version" in data else None

    def save(self, turn):
        """Change a text of each question, the last first."""
        if data := self.open(0):
            texts = {name: f"{turn}." for name in data if name.startswith("questions-") and name.endswith("-answer")}
            self.ask(0, self.form, data | texts)

    def reorder(self, turn):
        for key in self.questions:
            self.ask(1, f"/admin/services/faq/{key}/move/", {"move": "up:" if turn % 2 else "down:"})
        self.ask(1, self.form.replace("change", "move"), {"move": "up:" if turn % 2 else "down:"})

    def plan(self, turn):
        if data := self.open(2):
            moment = datetime.now(ZoneInfo("America/New_York")) + timedelta(seconds=1)
            dated = {"apply_at": f"{moment:%Y-%m-%dT%H:%M:%S}", "lead": f"Planned {turn}.", "_keep": "1"}
            self.ask(2, self.form, data | dated)

    def visit(self, turn):
        self.ask(3, SERVICE)

    def add(self, turn):
        """What points to the service just when that may be deleted."""
        data = {"quote": f"Quote {turn}.", "name": "A patient", "service": self.service, "base_version": ""}
        self.ask(5, "/admin/testimonials/testimonial/add/", data)
        data = {"question": f"Question {turn}?", "answer": "Yes.", "service": self.service}
        self.ask(5, "/admin/services/faq/add/", data)

    def delete_and_restore(self, turn):
        self.ask(4, self.form.replace("change", "delete"), {"post": "yes"})
        deleted = self.ask(4, f"{LIST}deleted/")[2]
        if LIST in deleted and "?revision=" in deleted:
            place = self.form + "?revision=" + deleted.split("?revision=")[1].split('"')[0]
            self.ask(4, place, Fields(self.ask(4, place)[2]).data)


def test_staff_in_each_others_way_never_wait_for_each_other_for_ever(postgresql, tmp_path):
    site = Site(tmp_path, postgresql.new_database())
    assert site.run("prepare").wait(120) == 0
    service, *questions = site.shell(KEYS).split()
    port = free_port()
    with site.serving(port, "--workers=6", "--preload") as log:
        staff = Staff(logged_in(site, port, 6), service, questions)
        works = [staff.save, staff.reorder, staff.plan, staff.visit, staff.add, staff.delete_and_restore]
        turns = dict.fromkeys(works, 0)

        def again(work):
            try:
                while min(turns.values()) < TURNS:
                    turns[work] += 1
                    work(turns[work])
            finally:
                turns[work] = TURNS  # whoever fails holds up no other

        with ThreadPoolExecutor(len(works)) as pool:
            list(pool.map(again, works))
        assert [answer for answer in staff.statuses if answer[0] >= 500] == [], log.read_text()
    assert "deadlock detected" not in postgresql.log.read_text()
