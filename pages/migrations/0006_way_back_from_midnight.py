from datetime import time
from typing import Any

from django.db import migrations
from django.db.models import Q

MIDNIGHT, LAST_MINUTE = time(0), time(23, 59)


def fit_the_older_tables(apps: Any, schema_editor: Any) -> None:
    # Lost: the last minute of a day, hours that begin in it, and of a day with other hours all spans but the first.
    hours, days = apps.get_model("pages", "OpeningHours"), apps.get_model("pages", "HoursException")
    for model in (hours, days):
        until_midnight = model.objects.filter(~Q(opens=None), closes=MIDNIGHT)
        until_midnight.filter(opens__gte=LAST_MINUTE).delete()
        until_midnight.update(closes=LAST_MINUTE)
    seen = set()
    for row in days.objects.order_by("date", "opens"):
        if row.date in seen:
            row.delete()
        seen.add(row.date)


class Migration(migrations.Migration):
    dependencies = [
        ("pages", "0005_midnight_and_pauses"),
    ]

    # In a transaction of its own: PostgreSQL alters no table whose triggers are still to fire.
    operations = [migrations.RunPython(migrations.RunPython.noop, fit_the_older_tables)]
