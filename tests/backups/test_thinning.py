from datetime import UTC, datetime, timedelta

from backups.state import name_of
from backups.thinning import LAST, is_after_pause, kept, thin_out

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def ages(moments, now=NOON):
    return sorted((now - moment).days for moment in moments)


def test_years_of_daily_backups_are_thinned_to_the_stated_ones():
    """As it goes: each day one is made, and the others are thinned out."""
    there = set()
    for day in range(1000, -1, -1):
        now = NOON - timedelta(days=day)
        there = kept(there | {now}, now)
    assert ages(there)[:15] == list(range(15))
    assert len([moment for moment in there if NOON - moment <= timedelta(weeks=8)]) in range(20, 24)
    assert 28 <= len(there) <= 36
    assert max(ages(there)) in range(335, 367)
    months = {(moment.year, moment.month) for moment in there}
    assert len(months) >= 12


def test_all_of_the_last_two_days_stay():
    moments = {NOON - timedelta(hours=hour) for hour in range(48)}
    assert kept(moments, NOON) == moments


def test_of_a_day_the_last_one_stays():
    day = NOON - timedelta(days=5)
    assert kept({NOON, day, day + timedelta(hours=3), day - timedelta(hours=3)}, NOON) == {
        NOON,
        day + timedelta(hours=3),
    }


def test_the_last_one_stays_however_old_it_is():
    old = NOON - timedelta(days=5000)
    assert kept({old, old - timedelta(days=1)}, NOON) == {old}
    assert kept(set(), NOON) == set()


def test_clock_that_is_years_ahead_deletes_nothing(tmp_path):
    """A few backups by the clock of ten years later, as `thin_out` sees them then."""
    now = datetime.now(UTC)
    for day in [*range(LAST - 1), *range(3650, 3950)]:
        (tmp_path / name_of(now - timedelta(days=day), False)).touch()
    assert thin_out(tmp_path) == 0
    assert len(list(tmp_path.iterdir())) == LAST - 1 + 300


def test_backups_by_a_clock_that_was_ahead_stop_no_thinning_later():
    daily = [NOON - timedelta(days=day) for day in range(300)]
    ahead = [NOON + timedelta(days=3650 + day) for day in range(3)]
    assert is_after_pause([*daily, *ahead], ahead[-1])
    assert not is_after_pause([*daily, *ahead], NOON)


def test_what_is_no_backup_is_never_deleted(tmp_path):
    strangers = {"letter.txt", "clinic-2020-01-01T000000Z.tar.part", "my-clinic-2020-01-01T000000Z.tar", "clinic-x.tar"}
    strangers |= {"clinic-2020-13-01T000000Z.tar"}
    old = {name_of(NOON - timedelta(days=5000 + day), is_secret) for day in range(3) for is_secret in (True, False)}
    new = {name_of(datetime.now(UTC) - timedelta(days=day), False) for day in range(LAST)}
    for name in strangers | old | new:
        (tmp_path / name).touch()
    (tmp_path / "clinic-2020-01-01T000000Z.tar").mkdir()
    assert thin_out(tmp_path) == len(old)
    assert {path.name for path in tmp_path.iterdir()} == strangers | new | {"clinic-2020-01-01T000000Z.tar"}
