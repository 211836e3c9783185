"""When the clinic is open, in the clinic's own time zone, and the words for it."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.dateformat import time_format

from pages.models import MIDNIGHT, Clinic, HoursException, OpeningHours

LOOK_AHEAD = timedelta(days=90)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONTH_AND_DAY = "F\N{NO-BREAK SPACE}j"


def clock(at: time | datetime) -> str:
    return time_format(at, "P").replace(" ", "\N{NO-BREAK SPACE}")


class Span(NamedTuple):
    opens: time
    closes: time

    def __str__(self) -> str:
        if self.opens == self.closes == MIDNIGHT:
            return "24\N{NO-BREAK SPACE}hours"
        # A line may end after a dash, whatever space follows.
        return f"{clock(self.opens)}\N{NO-BREAK SPACE}–\N{WORD JOINER}\N{NO-BREAK SPACE}{clock(self.closes)}"


class Day(NamedTuple):
    """A weekday as it is the next time from today on; `usual` are its spans where other hours replace them."""

    date: date
    spans: list[Span]
    is_exception: bool
    note: str
    usual: list[Span]
    is_today: bool

    @property
    def month_and_day(self) -> str:
        return date_format(self.date, MONTH_AND_DAY)

    @property
    def in_full(self) -> str:
        return date_format(self.date, f"l, {MONTH_AND_DAY}, Y")


class State(NamedTuple):
    """Whether the clinic is open at `now`, and the next change within LOOK_AHEAD, if any; `is_again`: it was today."""

    now: datetime
    is_open: bool
    until: datetime | None
    is_again: bool = False

    def __str__(self) -> str:
        if self.until is None:
            return "Open now" if self.is_open else "Closed now"
        if self.is_open:
            is_near = self.until - self.now < DAY
            return f"Open now, until {clock(self.until)}{'' if is_near else f' {self.day}'.rstrip(',')}"
        return f"Closed now, opens{' again' if self.is_again else ''} {self.day} at {clock(self.until)}"

    @property
    def day(self) -> str:
        if self.until is None:
            return ""
        # Hours until midnight end on the day before.
        at = self.until - timedelta(microseconds=1) if self.is_open else self.until
        days = (at.date() - self.now.date()).days
        if days < 2:
            return ("today", "tomorrow")[days]
        # Within a week the weekday is unambiguous.
        return date_format(at, "\\o\\n l" if days < WEEK.days else f"\\o\\n l, {MONTH_AND_DAY},")


def joined(rows: Iterable[OpeningHours | HoursException]) -> list[Span]:
    """Return the spans of one day in order; those that touch are one."""
    spans: list[Span] = []
    for opens, closes in sorted((row.opens, row.closes) for row in rows if row.opens and row.closes):
        if spans and spans[-1].closes == opens:
            spans[-1] = Span(spans[-1].opens, closes)
        else:
            spans.append(Span(opens, closes))
    return spans


class Timetable:
    def __init__(self, clinic: Clinic) -> None:
        self.today = timezone.localdate()
        week: dict[int, list[OpeningHours]] = {day: [] for day in range(7)}
        for row in clinic.opening_hours.all():
            week[row.weekday].append(row)
        self.week = {weekday: joined(rows) for weekday, rows in week.items()}
        self.exceptions: dict[date, list[HoursException]] = {}
        for other in clinic.hours_exceptions.filter(date__gte=self.today):
            self.exceptions.setdefault(other.date, []).append(other)

    def __bool__(self) -> bool:
        return any(self.week.values())

    @property
    def days(self) -> list[Day]:
        monday = self.today - timedelta(self.today.weekday())
        dates = [monday + timedelta(number) for number in self.week]
        return [self.day(day if day >= self.today else day + WEEK) for day in dates]

    @property
    def holidays(self) -> list[Day]:
        last = self.today + LOOK_AHEAD
        return [self.day(day) for day in sorted(self.exceptions) if day <= last]

    def day(self, day: date) -> Day:
        rows = self.exceptions.get(day, [])
        notes = dict.fromkeys(row.note for row in rows if row.note)
        usual = self.week[day.weekday()]
        return Day(day, self.spans(day), bool(rows), ", ".join(notes), usual, day == self.today)

    def spans(self, day: date) -> list[Span]:
        return joined(self.exceptions[day]) if day in self.exceptions else self.week[day.weekday()]

    def state(self, now: datetime) -> State:
        now = timezone.localtime(now)
        for days in range(LOOK_AHEAD.days + 1):
            day = now.date() + timedelta(days)
            for number, span in enumerate(self.spans(day)):
                opens = moment(day, span.opens)
                if now < opens:
                    return State(now, False, opens, number > 0 and days == 0)
                if span.closes == MIDNIGHT or now < moment(day, span.closes):
                    return State(now, True, self.end(day, span))
        return State(now, False, None)

    def end(self, day: date, span: Span) -> datetime | None:
        """Return when hours end that begin on this day; those until midnight go on with those from midnight."""
        for _ in range(LOOK_AHEAD.days):
            if span.closes != MIDNIGHT:
                return moment(day, span.closes)
            day += DAY
            following = self.spans(day)
            if not following or following[0].opens != MIDNIGHT:
                return moment(day, MIDNIGHT)
            span = following[0]
        return None


def moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
