"""A dated change that many processes find due at once, and one that is killed while it applies."""

import subprocess
import sys
import time

import pytest

from tests.prove.process import ROOT, clean_environment

SECRET = "a-random-secret-of-more-than-thirty-two-characters"
PLAN = """
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from publishing.models import Revision
from services.models import Service
service = Service.objects.get()
user, _ = get_user_model().objects.get_or_create(username="m", defaults={"is_superuser": True})
live = Revision.objects.live(Service, service.pk)
row = live.data["rows"][f"/{service.pk}"]
rows = live.data["rows"] | {f"/{service.pk}": row | {"title": "Round %d"}}
Revision.objects.create(content_type=live.content_type, object_id=service.pk, data=live.data | {"rows": rows},
    base=live, author=user, approved_by=user, apply_at=timezone.now() - timedelta(seconds=1))
"""
TOLD = """
from django.contrib.admin.models import LogEntry
from publishing.models import Revision
from services.models import Service
failed = Revision.objects.exclude(failed_at=None).count()
print(Service.objects.get().title, LogEntry.objects.count(), Revision.objects.due().count(), failed, sep="|")
"""


@pytest.fixture
def data(tmp_path):
    run(tmp_path, "migrate").wait(120)
    run(tmp_path, "load_clinic").wait(120)
    return tmp_path


def run(data, *command, **options):
    environment = clean_environment(SECRET_KEY=SECRET, DATA_DIR=str(data))
    return subprocess.Popen([sys.executable, "manage.py", *command, "-v0"], cwd=ROOT, env=environment, **options)


def shell(data, code):
    """What the code prints in the project's shell."""
    with run(data, "shell", "-c", code, stdout=subprocess.PIPE, text=True) as process:
        return process.communicate(timeout=120)[0].strip()


def test_ten_processes_apply_a_due_change_once(data):
    for number in range(1, 4):
        shell(data, PLAN % number)
        ticks = [run(data, "tick") for _ in range(10)]
        assert [tick.wait(120) for tick in ticks] == [0] * 10
        assert shell(data, TOLD) == f"Round {number}|{number}|0|0"


def test_killed_while_applying_it_is_old_or_new_and_then_new(data):
    start = time.monotonic()
    run(data, "tick").wait(60)
    usual = time.monotonic() - start
    for number in range(1, 9):
        shell(data, PLAN % number)
        tick = run(data, "tick")
        time.sleep(usual * (0.5 + 0.08 * number))
        tick.kill()
        tick.wait(60)
        title, _, due, failed = shell(data, TOLD).split("|")
        assert (title, due, failed) in ((f"Round {number}", "0", "0"), (before(number), "1", "0"))
        assert run(data, "tick").wait(60) == 0
        assert shell(data, TOLD) == f"Round {number}|{number}|0|0"


def before(number):
    return f"Round {number - 1}" if number > 1 else "Muscle scraping therapy"
