"""Whatever is typed into whichever field of the staff: no page fails or takes long, and nothing typed is lost."""

import itertools
from datetime import UTC, datetime

import pytest
import time_machine

from tests.admin.extremes import TEXTS
from tests.admin.typist import REGISTRY, try_out

NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)


def in_turn(first):
    """Choose one after the other, beginning with that number; texts go on more slowly, as there are more fields."""
    numbers = itertools.count(first)

    def pick(what, values):
        values = TEXTS if values is None else values
        return values[(next(numbers) * 7) % len(values)]

    return pick


@pytest.mark.parametrize("name", REGISTRY)
def test_everything_can_be_typed_everywhere(full_site, manager, name):
    with time_machine.travel(NOON, tick=False) as clock:
        try_out(manager, name, in_turn(0), clock)
