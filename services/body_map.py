"""What the body map marks for the conditions of a service."""

from typing import NamedTuple

from services.body import REGIONS, Region


class Spot(NamedTuple):
    """A marked region, and the first condition that names it; `number` counts the conditions from 1."""

    key: str
    region: Region
    condition: object
    number: int


def spots(conditions):
    """The regions that these conditions name, each once, in the order of the figure."""
    named: dict[str, Spot] = {}
    for number, condition in enumerate(conditions, 1):
        for key in condition.regions:
            if key in REGIONS:
                named.setdefault(key, Spot(key, REGIONS[key], condition, number))
    return [named[key] for key in REGIONS if key in named]
