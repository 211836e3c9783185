"""When the clinic is open, in the clinic's own time zone."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.dateformat import format as date_format

from pages.models import Clinic, HoursException

LOOK_AHEAD = timedelta(days=14)
HOLIDAYS_SHOWN = timedelta(days=90)


class Span(NamedTuple):
    opens: time
    closes: time


class Day(NamedTuple):
    name: str
    spans: list[Span]


class State(NamedTuple):
    """Whether the clinic is open, and the time of the next change within LOOK_AHEAD, if there is one."""

    is_open: bool
    until: datetime | None

    @property
    def day(self) -> str:
        # Within a week the weekday is unambiguous.
        is_near = self.until and self.until.date() < timezone.localdate() + timedelta(days=7)
        return date_format(self.until, "l" if is_near else "l, F j") if self.until else ""


class Timetable:
    def __init__(self, clinic: Clinic) -> None:
        self.week: dict[int, list[Span]] = {day: [] for day in range(7)}
        for row in clinic.opening_hours.all():
            self.week[row.weekday].append(Span(row.opens, row.closes))
        self.exceptions = {row.date: row for row in clinic.hours_exceptions.filter(date__gte=timezone.localdate())}

    def __bool__(self) -> bool:
        return any(self.week.values())

    @property
    def days(self) -> list[Day]:
        monday = date(2001, 1, 1)
        return [Day(f"{monday + timedelta(day):%A}", spans) for day, spans in self.week.items()]

    @property
    def holidays(self) -> list[HoursException]:
        last = timezone.localdate() + HOLIDAYS_SHOWN
        return [row for day, row in sorted(self.exceptions.items()) if day <= last]

    def spans(self, day: date) -> list[Span]:
        if exception := self.exceptions.get(day):
            return [Span(exception.opens, exception.closes)] if exception.opens and exception.closes else []
        return self.week[day.weekday()]

    def state(self, now: datetime) -> State:
        now = timezone.localtime(now)
        for days in range(LOOK_AHEAD.days + 1):
            day = now.date() + timedelta(days)
            for span in self.spans(day):
                opens, closes = (timezone.make_aware(datetime.combine(day, at)) for at in span)
                if opens <= now < closes:
                    return State(True, closes)
                if now < opens:
                    return State(False, opens)
        return State(False, None)
