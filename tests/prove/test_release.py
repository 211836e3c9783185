"""A dated change that many processes find due at once, and one that is killed while it applies."""

import time

PLAN = """
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from publishing.models import Revision
from publishing.revisions.record import record_version
from services.models import Service
service = Service.objects.get()
user, _ = get_user_model().objects.get_or_create(username="m", defaults={"is_superuser": True})
with transaction.atomic():
    live = record_version(Service, service.pk)
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


def test_ten_processes_apply_a_due_change_once(site):
    for number in range(1, 4):
        site.shell(PLAN % number)
        ticks = [site.run("tick") for _ in range(10)]
        assert [tick.wait(120) for tick in ticks] == [0] * 10
        assert site.shell(TOLD) == f"Round {number}|{number}|0|0"


def test_killed_while_applying_it_is_old_or_new_and_then_new(site):
    start = time.monotonic()
    site.run("tick").wait(60)
    usual = time.monotonic() - start
    for number in range(1, 9):
        site.shell(PLAN % number)
        tick = site.run("tick")
        time.sleep(usual * (0.5 + 0.08 * number))
        tick.kill()
        tick.wait(60)
        title, _, due, failed = site.shell(TOLD).split("|")
        assert (title, due, failed) in ((f"Round {number}", "0", "0"), (before(number), "1", "0"))
        assert site.run("tick").wait(60) == 0
        assert site.shell(TOLD) == f"Round {number}|{number}|0|0"


def before(number):
    return f"Round {number - 1}" if number > 1 else "Muscle scraping therapy"
