"""Dates and times as Americans type them."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.utils.dateformat import time_format

from publishing.typed import date_of, day_and_time, time_of

CHRISTMAS = date(2026, 12, 25)


@pytest.mark.parametrize(
    "typed",
    [
        *("12/25/26", "12/25/2026", "12-25-2026", "12.25.2026", "12 / 25 / 2026", "0026-12-25", "2026-12-25"),
        *("Dec 25, 2026", "Dec. 25 2026", "December 25 2026", "DECEMBER 25TH, 2026", "Friday, December 25, 2026"),
        *("25 Dec 2026", "25-Dec-2026", "Dec 25 '26", "\u200b12/25/2026\u00a0", "Dec\u00a025, 2026"),
    ],
)
def test_date_is_understood(typed):
    assert date_of(typed) == CHRISTMAS


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("25/12/2026", "The month comes first"),
        ("02/30/2026", "There is no such day."),
        ("12/25/0206", "Give a year from 1900 to 2999."),
        ("12/25/1826", "Give a year from 1900 to 2999."),
        ("12/25", "Write the date like"),
        ("12/25-2026", "Write the date like"),
        ("١٢/٢٥/٢٠٢٦", "Write the date like"),
        ("tomorrow", "Write the date like"),
        ("9" * 5000, "Write the date like"),
    ],
)
def test_date_that_is_none_or_has_two_meanings_is_refused_in_words(typed, told):
    with pytest.raises(ValidationError, match=told):
        date_of(typed)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        *((typed, time(17)) for typed in ("5pm", "5 p.m.", "5 PM", "5p", "5:00pm", "17:00", "17.00", "5 p. m.")),
        *((typed, time(17, 30)) for typed in ("5:30 p.m.", "5.30pm", "17.30", "17:30", "17:30:00", "5:30\u202fPM")),
        *((typed, time(12)) for typed in ("noon", "12 noon", "12pm", "12:00 p.m.", "Noon")),
        *((typed, time(0)) for typed in ("midnight", "12am", "12:00 a.m.", "00:00", "24:00", "12 midnight")),
        ("9:05 a.m.", time(9, 5)),
        ("23:59:59.25", time(23, 59, 59, 250_000)),
    ],
)
def test_time_is_understood(typed, right):
    assert time_of(typed) == right


@pytest.mark.parametrize(
    "typed", ["5", "25:00", "13 a.m.", "0 p.m.", "5:60 p.m.", "24:30", "5 noon", "soon", "17:3", "9" * 5000]
)
def test_time_that_is_none_or_has_two_meanings_is_refused(typed):
    with pytest.raises(ValidationError, match=r"Write the time like|There is no such time"):
        time_of(typed)


@pytest.mark.parametrize("typed", ["5:30", "1:00", "9.05", "5:30:00", "\u20098:15"])
def test_time_of_which_half_of_the_day_is_not_known_is_refused_with_both(typed):
    with pytest.raises(ValidationError, match=rf"like {typed.strip()} a\.m\. or {typed.strip()} p\.m\."):
        time_of(typed)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("05:30", time(5, 30)),
        ("01:00", time(1)),
        ("0:30", time(0, 30)),
        ("10:30", time(10, 30)),
        ("5:30 A", time(5, 30)),
    ],
)
def test_time_that_has_one_meaning_stays(typed, right):
    assert time_of(typed) == right


@pytest.mark.parametrize("text", [time_format(time(hour, minute), "P") for hour in range(24) for minute in (0, 5, 59)])
def test_time_that_a_form_shows_is_taken_back(text):
    assert time_format(time_of(text), "P") == text


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("Tuesday, Nov 3, 2026, 5 P.M.", ("Tuesday, Nov 3, 2026", "5 P.M.")),
        ("THURSDAY, OCT 1 2026 AT NOON", ("THURSDAY, OCT 1 2026", "NOON")),
        ("Monday, nov 3, 5 P.M.", ("Monday, nov 3", "5 P.M.")),
        ("12/25/26\u00a05:30 p. m.", ("12/25/26", "5:30 p. m.")),
        ("25 Dec 26 12 midnight", ("25 Dec 26", "12 midnight")),
        ("2026-12-25T17:30", ("2026-12-25", "17:30")),
        ("2026-12-25t17:30:15", ("2026-12-25", "17:30:15")),
        ("12/25/26 5", ("12/25/26", "5")),
        ("12 / 25 / 26", ("12 / 25 / 26", "")),
        ("25 Dec 26", ("25 Dec 26", "")),
        ("Dec 25, 26", ("Dec 25, 26", "")),
        ("soon", ("soon", "")),
        ("", ("", "")),
    ],
)
def test_day_and_time_that_are_typed_at_once_are_divided(typed, right):
    assert day_and_time(typed) == right
