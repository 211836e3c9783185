from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from services.body import RADIUS, REGIONS, Region
from services.models import Condition

SIDES = {"front": "l", "rear": "r"}  # of the drawing: where the labels of a view stand


class Spot(NamedTuple):
    key: str
    region: Region
    conditions: list[tuple[int, Condition]]

    @property
    def css(self) -> str:
        places = " ".join(f"spot--of-{number}" for number, _ in self.conditions)
        return f"spot spot--{SIDES[self.region.view]} spot--{self.key} {places}"


class BodyMap(NamedTuple):
    spots: list[Spot]
    marks: SafeString


def body_map(conditions: Iterable[Condition]) -> BodyMap | None:
    found = spots(conditions)
    return BodyMap(found, marks(tuple(spot.key for spot in found))) if found else None


def spots(conditions: Iterable[Condition]) -> list[Spot]:
    named: dict[str, list[tuple[int, Condition]]] = {}
    for number, condition in enumerate(conditions, 1):
        for key in condition.regions:
            named.setdefault(key, []).append((number, condition))
    return [Spot(key, REGIONS[key], named[key]) for key in REGIONS if key in named]


@lru_cache(64)
def marks(keys: tuple[str, ...]) -> SafeString:
    regions = [REGIONS[key] for key in keys]
    rings = format_html_join("", '<circle cx="{}" cy="{}" r="{}"/>', ((spot.x, spot.y, RADIUS) for spot in regions))
    return format_html('<path d="{}"/>{}', "".join(spot.leader for spot in regions), rings)
