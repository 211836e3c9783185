"""Dates and times as Americans type them: 12/25/26, Dec 25, 2026; 5pm, 5:30 p.m., 17.30, noon, midnight.

A day comes after its month, unless the month is a word. A year of two digits is of this century. What has two meanings,
such as "5" or "5:30" without a.m. or p.m., is refused; "05:30" and "17:30" count from midnight.
"""

import re
from datetime import date, time

from django.core.exceptions import ValidationError

from publishing.text import in_one_line

FIRST_YEAR, LAST_YEAR = 1900, 2999  # what every database can hold in every time zone
WRITE_A_DATE = "Write the date like 12/25/2026 or Dec 25, 2026."
WRITE_A_TIME = "Write the time like 5:30 p.m., 17:30, noon or midnight."
WRITE_WHICH_HALF = "Write a.m. or p.m. after the time, like {typed} a.m. or {typed} p.m."
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH = (
    r"(?P<word>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? +)?"
DAY, YEAR = r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?", r"(?P<year>[0-9]{4}|['’]?[0-9]{2})"
DATES = [
    re.compile(rf"{WEEKDAY}{pattern}", re.IGNORECASE)
    for pattern in (
        r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})",
        rf"(?P<month>[0-9]{{1,2}})(?P<dash> ?[/.-] ?)(?P<day>[0-9]{{1,2}})(?P=dash){YEAR}",
        rf"{MONTH} ?{DAY}(?:,? +|, ?){YEAR}",
        rf"{DAY}[ -]?{MONTH}(?:,? +|[,-]){YEAR}",
    )
]
TIME = (
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<micro>[0-9]{1,6}))?)?)?"
    r" ?(?P<half>[ap](?:\.? ?m)?\.?|noon|midnight)?"
)
WORDS = {"noon": time(12), "midday": time(12), "midnight": time(0)}
# Browsers send 2026-12-25T17:30; those that know no such field, what was typed: 12/25/2026 5:30 p.m.
DAY_AND_TIME = re.compile(rf"(?P<date>.+?)(?:(?<=[0-9])T|,? (?:at )?)(?P<time>{TIME}|{'|'.join(WORDS)})", re.IGNORECASE)
MIDNIGHT = 24
ONE_DIGIT = [*"123456789"]  # as an hour the morning's or the evening's; with a zero before it the morning's


def plausible_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(f"Give a year from {FIRST_YEAR} to {LAST_YEAR}.")


def day_and_time(text: str) -> tuple[str, str]:
    """Divide what was typed at once; what has no time, or cannot be divided, is all day."""
    text = in_one_line(text)
    match = None if match_of_date(text) else DAY_AND_TIME.fullmatch(text)
    return (match["date"], match["time"]) if match else (text, "")


def match_of_date(text: str) -> re.Match[str] | None:
    return next(filter(None, (pattern.fullmatch(text) for pattern in DATES)), None)


def date_of(text: str) -> date:
    """Return the date that was typed; raise ValidationError with what to type instead."""
    match = match_of_date(in_one_line(text))
    if not match:
        raise ValidationError(WRITE_A_DATE, code="invalid")
    found = match.groupdict()
    year = int(found["year"].lstrip("'’"))
    # Browsers' own date fields send 0026 for a year that was typed as 26.
    year += 2000 if year < 100 else 0
    plausible_year(year)
    month = MONTHS.index(found["word"][:3].lower()) + 1 if found.get("word") else int(found["month"])
    try:
        return date(year, month, int(found["day"]))
    except ValueError as error:
        words = "There is no such day. The month comes first: 12/25/2026." if month > 12 else "There is no such day."
        raise ValidationError(words, code="invalid") from error


def time_of(text: str) -> time:
    """Return the time that was typed; raise ValidationError with what to type instead."""
    text = in_one_line(text).lower()
    if text in WORDS:
        return WORDS[text]
    match = re.fullmatch(TIME, text)
    if not match or not (match["half"] or match["minute"]):
        raise ValidationError(WRITE_A_TIME, code="invalid")
    if not match["half"] and match["hour"] in ONE_DIGIT:
        raise ValidationError(WRITE_WHICH_HALF.format(typed=text), code="invalid")
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    hour = on_the_clock_of_24_hours(hour, (match["half"] or "")[:1])
    if (hour, minute, second) == (MIDNIGHT, 0, 0):
        return time(0)
    try:
        return time(hour, minute, second, int((match["micro"] or "").ljust(6, "0")))
    except ValueError as error:
        raise ValidationError("There is no such time.", code="invalid") from error


def on_the_clock_of_24_hours(hour: int, half: str) -> int:
    """`half` is a, p, n for noon, m for midnight, or empty where the hour counts from 0 already."""
    if not half:
        return hour
    if half in "nm" and hour != 12:
        raise ValidationError(WRITE_A_TIME, code="invalid")
    if half == "p" and 12 < hour < MIDNIGHT:  # 17:30 p.m. has one meaning
        return hour
    if not 1 <= hour <= 12:
        raise ValidationError("There is no such time.", code="invalid")
    return hour % 12 + (12 if half in "pn" else 0)
