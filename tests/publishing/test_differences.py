import time

import pytest

from pages.models import HoursException, Page
from publishing.revisions.differences import Change, conflicts_in_words, diff
from publishing.revisions.merge import Conflict
from publishing.revisions.snapshot import take
from tests.publishing.test_snapshot import edited, without


@pytest.fixture
def before(service):
    return take(service)


def row_key(data, part):
    return next(key for key in data["rows"] if key.split("/")[0] == part)


def test_difference_names_its_row_and_field(before):
    now = without(edited(edited(before, title="New"), "questions", 0, answer="So."), "benefits")
    words = [(change.where, change.field) for change in diff(before, now)]
    assert ("", "Title") in words
    assert any(where.startswith("Question “") and field == "Answer" for where, field in words)
    assert any(where.startswith("Benefit “") and field == "" for where, field in words)
    assert len(words) == 3
    assert len(diff(None, before)) == len(before["rows"])


def test_deleted_row_has_no_text_after_and_added_row_none_before(before):
    (gone,) = diff(before, without(before, "benefits"))
    (back,) = diff(without(before, "benefits"), before)
    assert (gone.before, gone.after) == (back.after, None)
    assert back.before is None
    assert gone.marked is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"publish_at": None}, ("Public from", "Jan 1, 2026, midnight EST", "(empty)")),
        ({"publish_at": "soon"}, ("Public from", None, "soon")),
        ({"summary": ""}, ("Summary", None, "(empty)")),
        ({"drawing": "print-2"}, ("Drawing", "Knots, a steel tool and calm fibers", "Fibers, first pattern")),
        ({"picture": "00000000-0000-4000-8000-000000000000"}, ("Picture", "(empty)", "(deleted)")),
        ({"retired": "Old text"}, ("Retired", "(empty)", "Old text")),
        ({"benefits": "Text, where there are rows now"}, ("Benefits", "(empty)", "Text, where there are rows now")),
    ],
)
def test_value_is_formatted_by_its_field(before, fields, expected):
    (change,) = diff(before, edited(before, **fields))
    name, then, now = expected
    assert (change.field, change.after) == (name, now)
    assert then in (None, change.before)


def test_booleans_are_yes_or_no_and_lists_have_commas(before, db):
    (change,) = diff(before, edited(before, "conditions", 0, regions=["neck", "hip"]))
    assert (change.field, change.after) == ("Regions", "neck, hip")
    page = take(Page.objects.create(title="Parking", slug="parking", is_in_footer=True))
    (change,) = diff(page, edited(page, is_in_footer=False))
    assert (change.before, change.after) == ("Yes", "No")


def test_days_and_times_of_day_are_in_words(clinic):
    HoursException.objects.create(date="2026-12-25", opens="08:00", closes="12:00")
    whole = take(clinic)
    changes = diff(whole, edited(whole, "hours_exceptions", 0, date="2026-12-26", opens="09:30:00"))
    assert {(change.field, change.before, change.after) for change in changes} == {
        ("Date", "Dec. 25, 2026", "Dec. 26, 2026"),
        ("Opens", "8 a.m.", "9:30 a.m."),
    }


def test_new_order_is_one_difference_that_lists_the_titles(before):
    steps = [row["title"] for key, row in before["rows"].items() if key.startswith("steps/")]
    first = min(row["position"] for key, row in before["rows"].items() if key.startswith("steps/"))
    (change,) = diff(before, edited(before, "steps", len(steps) - 1, position=first - 1))
    assert (change.where, change.field) == ("", "Order of session steps")
    assert sorted(change.before.split("\n")) == sorted(change.after.split("\n")) == sorted(steps)
    assert change.before != change.after
    renumbered = edited(before, "steps", 0)
    for row in renumbered["rows"].values():
        if "position" in row:
            row["position"] += 10
    assert [change.field for change in diff(before, renumbered)] == ["Place in its list"]


def test_changed_words_are_marked_in_the_text():
    change = Change("", "Answer", "Yes, it is safe.\n\nAsk us.", "Yes, it is quite safe.\n\nAsk us.")
    then, now = change.marked
    assert "".join(piece for piece, _ in then) == change.before
    assert [piece for piece, is_new in now if is_new] == ["quite "]
    assert Change("", "Answer", "Yes.", "Something else entirely").marked is None
    assert Change("", "Answer", "a " * 5000, "b " * 5000).marked is None


def test_one_change_in_a_long_text_is_marked():
    long = " ".join(f"word {number} of the text" for number in range(2000))
    then, now = Change("", "Answer", f"{long} old {long}", f"{long} new {long}").marked
    assert [piece for piece, is_gone in then if is_gone] == ["old "]
    assert [piece for piece, is_new in now if is_new] == ["new "]
    assert "".join(piece for piece, _ in now) == f"{long} new {long}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 2000, "a b " * 1000),
        ("a b " * 1000, "b a " * 1000),
        ("x " * 9000, "y x " * 9000),
        ("a b c d " * 500,) * 2,
    ],
)
def test_no_two_texts_take_long_to_compare(before, after):
    """At most a thousand times as long as it takes to split them into words."""

    def seconds(work):
        started = time.process_time()
        work()
        return time.process_time() - started

    split = min(seconds(lambda: (before.split(), after.split())) for _ in range(5))
    assert seconds(lambda: Change("", "Answer", before, after).marked) < 1000 * max(split, 0.0003)


def test_conflict_names_its_row_and_field(before):
    step, whole = row_key(before, "steps"), row_key(before, "")
    rows = before["rows"]
    found = conflicts_in_words(
        before,
        [
            Conflict(whole, "title", "Old", "Theirs", "Mine"),
            Conflict(step, "intro", "", "Theirs", "Mine"),
            Conflict(step, "", rows[step], None, rows[step] | {"title": "Mine"}),
        ],
    )
    name = rows[step]["title"]
    assert found[0] == ("Title", "Old", "Theirs", "Mine")
    assert found[1] == (f"Session step “{name}” Introduction", "(empty)", "Theirs", "Mine")
    assert found[2] == (f"Session step “{name}”", name, None, "Mine")
