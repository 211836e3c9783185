import itertools

import pytest

from services.ruler import FIBRES, KNOTS_END, ruler, ticks


def share(percent):
    return float(percent.removesuffix("%"))


@pytest.mark.parametrize(("shortest", "longest"), [(30, 45), (20, 60), (45, 45), (5, 90)])
def test_fibres_end_between_the_two_times(shortest, longest):
    ends = [share(fibre.end) for fibre in ruler(shortest, longest).fibres]
    assert len(ends) == FIBRES
    assert min(ends) >= max(100 * shortest / longest - 0.1, KNOTS_END)
    assert max(ends) <= 100


def test_fibres_end_evenly():
    ends = sorted(share(fibre.end) for fibre in ruler(30, 45).fibres)
    gaps = [later - earlier for earlier, later in itertools.pairwise(ends)]
    assert max(gaps) - min(gaps) < 0.3


@pytest.mark.parametrize(("shortest", "longest"), [(None, None), (30, None), (None, 45)])
def test_unknown_length_is_not_drawn(shortest, longest):
    assert ruler(shortest, longest) is None


def test_times_too_close_share_one_label():
    assert ruler(30, 45).has_room_for_first
    assert ruler(45, 60).has_room_for_first
    assert not ruler(46, 60).has_room_for_first


def test_fibres_end_in_disorder_that_never_changes():
    ends = [share(fibre.end) for fibre in ruler(30, 45).fibres]
    assert ends not in (sorted(ends), sorted(ends, reverse=True))
    assert ruler(30, 45) == ruler(30, 45)


@pytest.mark.parametrize("minutes", [1, 45, 60, 61, 240, 32767])
def test_ticks_are_few_and_end_with_the_last_minute(minutes):
    found = ticks(minutes)
    assert (found[0], found[-1]) == (0, minutes)
    assert len(found) <= 15
