"""When the clinic is open, in the clinic's own time zone, and the words for it."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.dateformat import time_format

from pages.models import Clinic, HoursException

LOOK_AHEAD = timedelta(days=90)
WEEK = timedelta(days=7)
MONTH_AND_DAY = "F\N{NO-BREAK SPACE}j"


def clock(at: time | datetime) -> str:
    return time_format(at, "P").replace(" ", "\N{NO-BREAK SPACE}")


class Span(NamedTuple):
    opens: time
    closes: time

    def __str__(self) -> str:
        # A line may end after a dash, whatever space follows.
        return f"{clock(self.opens)}\N{NO-BREAK SPACE}–\N{WORD JOINER}\N{NO-BREAK SPACE}{clock(self.closes)}"


class Day(NamedTuple):
    """A weekday as it is the next time from today on; `usual` are its spans where an exception replaces them."""

    date: date
    spans: list[Span]
    exception: HoursException | None
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
            return "Closed now"
        if self.is_open:
            return f"Open now, until {clock(self.until)}"
        return f"Closed now, opens{' again' if self.is_again else ''} {self.day} at {clock(self.until)}"

    @property
    def day(self) -> str:
        if self.until is None:
            return ""
        days = (self.until.date() - self.now.date()).days
        if days < 2:
            return ("today", "tomorrow")[days]
        # Within a week the weekday is unambiguous.
        return date_format(self.until, "\\o\\n l" if days < WEEK.days else f"\\o\\n l, {MONTH_AND_DAY},")


class Timetable:
    def __init__(self, clinic: Clinic) -> None:
        self.today = timezone.localdate()
        self.week: dict[int, list[Span]] = {day: [] for day in range(7)}
        for row in clinic.opening_hours.all():
            spans = self.week[row.weekday]
            if spans and spans[-1].closes == row.opens:
                spans[-1] = Span(spans[-1].opens, row.closes)
            else:
                spans.append(Span(row.opens, row.closes))
        self.exceptions = {row.date: row for row in clinic.hours_exceptions.filter(date__gte=self.today)}

    def __bool__(self) -> bool:
        return any(self.week.values())

    @property
    def days(self) -> list[Day]:
        monday = self.today - timedelta(self.today.weekday())
        dates = [monday + timedelta(number) for number in self.week]
        coming = [day if day >= self.today else day + WEEK for day in dates]
        return [
            Day(day, self.spans(day), self.exceptions.get(day), self.week[day.weekday()], day == self.today)
            for day in coming
        ]

    @property
    def holidays(self) -> list[Day]:
        last = self.today + LOOK_AHEAD
        found = [(day, row) for day, row in sorted(self.exceptions.items()) if day <= last]
        return [Day(day, self.spans(day), row, self.week[day.weekday()], day == self.today) for day, row in found]

    def spans(self, day: date) -> list[Span]:
        if exception := self.exceptions.get(day):
            return [Span(exception.opens, exception.closes)] if exception.opens and exception.closes else []
        return self.week[day.weekday()]

    def state(self, now: datetime) -> State:
        now = timezone.localtime(now)
        for days in range(LOOK_AHEAD.days + 1):
            day = now.date() + timedelta(days)
            for number, span in enumerate(self.spans(day)):
                opens, closes = (timezone.make_aware(datetime.combine(day, at)) for at in span)
                if opens <= now < closes:
                    return State(now, True, closes)
                if now < opens:
                    return State(now, False, opens, number > 0 and days == 0)
        return State(now, False, None)
