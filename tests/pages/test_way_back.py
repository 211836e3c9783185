"""The way back to the tables of an older release, for rows that they could not hold."""

from datetime import date, time

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from pages.models import HoursException, OpeningHours

OLDER = [("pages", "0004_attend_clinic")]
HOLIDAY, OTHER = date(2026, 12, 24), date(2026, 12, 25)


@pytest.fixture
def newest():
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


@pytest.mark.django_db(transaction=True)
def test_hours_until_midnight_and_days_with_a_pause_fit_the_older_tables(clinic, newest):
    for weekday, opens in enumerate([time(16), time(0), time(23, 59, 30)]):
        OpeningHours.objects.create(weekday=weekday, opens=opens, closes=time(0))
    for weekday, opens, closes in ((3, time(9), time(12)), (3, time(13), time(17))):
        OpeningHours.objects.create(weekday=weekday, opens=opens, closes=closes)
    for day, opens, closes in (
        (HOLIDAY, time(14), time(0)),
        (HOLIDAY, time(9), time(11)),
        (OTHER, time(20), time(0)),
        (date(2026, 12, 26), None, None),
    ):
        HoursException.objects.create(date=day, opens=opens, closes=closes)
    executor = MigrationExecutor(connection)
    executor.migrate(OLDER)
    older = executor.loader.project_state(OLDER).apps
    hours = older.get_model("pages", "OpeningHours").objects.order_by("weekday", "opens")
    assert list(hours.values_list("weekday", "opens", "closes")) == [
        (0, time(16), time(23, 59)),
        (1, time(0), time(23, 59)),
        (3, time(9), time(12)),
        (3, time(13), time(17)),
    ]
    days = older.get_model("pages", "HoursException").objects.order_by("date")
    assert list(days.values_list("date", "opens", "closes")) == [
        (HOLIDAY, time(9), time(11)),
        (OTHER, time(20), time(23, 59)),
        (date(2026, 12, 26), None, None),
    ]
