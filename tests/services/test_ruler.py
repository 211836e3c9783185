import itertools
import re

import pytest

from services.ruler import FIBRES, KNOTS_END, ruler, ticks


def ends(shortest, longest):
    """Where the fibres end, in percent, tone by tone."""
    lines = "".join(ruler(shortest, longest).fibres.values())
    return [float(end) for end in re.findall(r'<line x1="27%" y1="[\d.]+%" x2="([\d.]+)%"', lines)]


@pytest.mark.parametrize(("shortest", "longest"), [(30, 45), (20, 60), (45, 45), (5, 90)])
def test_fibres_end_between_the_two_times(shortest, longest):
    found = ends(shortest, longest)
    assert len(found) == FIBRES
    assert min(found) >= max(100 * shortest / longest - 0.1, KNOTS_END)
    assert max(found) <= 100


def test_fibres_end_evenly():
    gaps = [later - earlier for earlier, later in itertools.pairwise(sorted(ends(30, 45)))]
    assert max(gaps) - min(gaps) < 0.3


@pytest.mark.parametrize(("shortest", "longest"), [(None, None), (30, None), (None, 45)])
def test_unknown_length_is_not_drawn(shortest, longest):
    assert ruler(shortest, longest) is None


def test_times_too_close_share_one_label():
    assert ruler(30, 45).has_room_for_first
    assert ruler(45, 60).has_room_for_first
    assert not ruler(46, 60).has_room_for_first


def test_fibres_end_in_disorder_that_never_changes():
    found = ends(30, 45)
    assert found not in (sorted(found), sorted(found, reverse=True))
    ruler.cache_clear()
    assert ends(30, 45) == found


@pytest.mark.parametrize("minutes", [1, 45, 60, 61, 240, 32767])
def test_ticks_are_few_and_end_with_the_last_minute(minutes):
    found = ticks(minutes)
    assert (found[0], found[-1]) == (0, minutes)
    assert len(found) <= 15


@pytest.mark.parametrize(("shortest", "longest"), [(1, 600), (599, 600), (1, 32_767), (1, 1_400_000)])
def test_any_stored_length_can_be_drawn(shortest, longest):
    assert len(ends(shortest, longest)) == FIBRES
    assert ticks(longest)[-1] == longest
