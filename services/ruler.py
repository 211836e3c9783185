"""The drawing of a session's length: fibres that end evenly between the shortest and the longest time.

Positions are percentages of the drawing's width and height. The knotted left part is a file (`artwork/ruler.py`); what
depends on the minutes is drawn here.
"""

import random
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

FIBRES = 30
KNOTS_END = 27.0
HEIGHT = 150
MIDDLE, REACH = 62, 46
BASELINE = 127
TONES = "acbcabcbac"
FIBRE = f'<line x1="{KNOTS_END:.0f}%" y1="{{0}}" x2="{{1}}" y2="{{0}}"/>'
TICK = '<line x1="{0}" x2="{0}" y1="81%" y2="88%"/>'
MAX_TICKS = 13


class Ruler(NamedTuple):
    fibres: dict[str, SafeString]  # by tone
    ticks: SafeString
    first: str
    width: str
    minutes_from: int
    minutes_to: int
    has_room_for_first: bool  # whether the label of the shorter time fits beside that of the longer one


def percent(share: float) -> str:
    return f"{100 * share:.2f}%"


@lru_cache(64)
def ruler(minutes_from: int | None, minutes_to: int | None) -> Ruler | None:
    if not minutes_from or not minutes_to:
        return None
    shares = [(minutes_from + (minutes_to - minutes_from) * (i + 0.5) / FIBRES) / minutes_to for i in range(FIBRES)]
    random.Random(4).shuffle(shares)
    fibres: dict[str, list[tuple[str, str]]] = {tone: [] for tone in sorted(TONES)}
    for i, share in enumerate(shares):
        y = percent((MIDDLE + REACH * (-1 + 2 * (i + 0.5) / FIBRES)) / HEIGHT)
        fibres[TONES[i % len(TONES)]].append((y, percent(max(share, KNOTS_END / 100))))
    return Ruler(
        {tone: format_html_join("", FIBRE, lines) for tone, lines in fibres.items()},
        format_html_join("", TICK, [[percent(minute / minutes_to)] for minute in ticks(minutes_to)]),
        percent(minutes_from / minutes_to),
        percent(1 - minutes_from / minutes_to),
        minutes_from,
        minutes_to,
        has_room_for_first=minutes_from <= 0.75 * minutes_to,
    )


def ticks(minutes: int) -> list[int]:
    step = next((step for step in (5, 10, 15, 30, 60, 120) if minutes / step <= MAX_TICKS), minutes)
    return [*range(0, minutes, step), minutes]
