"""Counts of what may be tried so often an hour, exact also for those who try at the same moment."""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Tries

PERIOD = timedelta(hours=1)


def key_of(*what: object) -> str:
    return salted_hmac("accounts.tries", repr(what), algorithm="sha256").hexdigest()


def take(limit: int, *what: object) -> bool:
    """Count one more try, or return False where `limit` of them were counted in the hour since the first."""
    key, now = key_of(*what), timezone.now()
    rows = Tries.objects.filter(key=key)
    known = rows.first()
    if known is None:
        Tries.objects.bulk_create([Tries(key=key, since=now)], ignore_conflicts=True)
    elif known.since <= now - PERIOD:
        rows.filter(since__lte=now - PERIOD).update(since=now, number=0)
    elif known.number >= limit:  # without a write, for which others would have to wait
        return False
    return bool(rows.filter(number__lt=limit).update(number=F("number") + 1))


def taken(*what: object) -> int:
    rows = Tries.objects.filter(key=key_of(*what), since__gt=timezone.now() - PERIOD)
    return rows.values_list("number", flat=True).first() or 0


def forget_old() -> None:
    Tries.objects.filter(since__lte=timezone.now() - PERIOD).delete()
