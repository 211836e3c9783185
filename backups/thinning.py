"""Which backups stay: all of the last 2 days, then the last one of each day for 14 days, of each week for 8 weeks, and
of each month for a year. The newest one always stays.

All stay after a pause of more than a month, until the last few are close together again: it may have been no pause, but
a clock that was years ahead, to which they all look old.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from backups.state import backups_in

Period = Callable[[datetime], object]
RULES: tuple[tuple[timedelta, Period], ...] = (
    (timedelta(days=2), lambda made_at: made_at),
    (timedelta(days=14), lambda made_at: made_at.date()),
    (timedelta(weeks=8), lambda made_at: made_at.isocalendar()[:2]),
    (timedelta(days=366), lambda made_at: (made_at.year, made_at.month)),
)
PAUSE = timedelta(days=31)
LAST = 7  # backups


def kept(moments: Iterable[datetime], now: datetime) -> set[datetime]:
    newest_first = sorted(moments, reverse=True)
    stay = set(newest_first[:1])
    for age, period in RULES:
        seen = set()
        for made_at in newest_first:
            if now - made_at <= age and period(made_at) not in seen:
                seen.add(period(made_at))
                stay.add(made_at)
    return stay


def is_after_pause(moments: Iterable[datetime], now: datetime) -> bool:
    newest_first = sorted((made_at for made_at in moments if made_at <= now), reverse=True)
    return any(later - earlier > PAUSE for later, earlier in pairwise(newest_first[:LAST]))


def thin_out(folder: Path) -> int:
    """Delete the backups that no rule keeps; return how many."""
    found, now = backups_in(folder), datetime.now(UTC)
    moments = [backup.made_at for backup in found]
    stay = set(moments) if is_after_pause(moments, now) else kept(moments, now)
    surplus = [backup.path for backup in found if backup.made_at not in stay]
    for path in surplus:
        path.unlink()
    return len(surplus)
