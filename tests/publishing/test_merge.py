"""Merging three snapshots: what one side added, deleted or changed since the base."""

import pytest
from django.utils import timezone

from publishing.models import Revision
from publishing.revisions.merge import Conflict, merge, merge_row, merge_with_current

OLD, NEW, OWN = {"text": "Old"}, {"text": "New"}, {"text": "Own"}


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "row", "conflict"),
    [
        (None, NEW, None, NEW, None),
        (None, None, OWN, OWN, None),
        (OLD, None, OLD, None, None),
        (OLD, OLD, None, None, None),
        (OLD, None, OWN, OWN, Conflict("k", "", OLD, None, OWN)),
        (OLD, NEW, None, None, Conflict("k", "", OLD, NEW, None)),
    ],
    ids=["they add", "I add", "they delete", "I delete", "they delete what I changed", "I delete what they changed"],
)
def test_row_that_one_side_has(base, theirs, mine, row, conflict):
    assert merge_row("k", base, theirs, mine) == (row, [conflict] if conflict else [])


@pytest.mark.parametrize(
    ("base", "theirs", "mine", "row", "conflict"),
    [
        (OLD, OLD, OLD, OLD, None),
        (OLD, NEW, OLD, NEW, None),
        (OLD, OLD, OWN, OWN, None),
        (OLD, NEW, NEW, NEW, None),
        (OLD, NEW, OWN, OWN, Conflict("k", "text", "Old", "New", "Own")),
        (None, NEW, OWN, OWN, Conflict("k", "text", None, "New", "Own")),
        ({"position": 1}, {"position": 2}, {"position": 3}, {"position": 3}, None),
        ({}, {"text": "New"}, {}, {"text": "New"}, None),
    ],
)
def test_row_that_both_sides_have(base, theirs, mine, row, conflict):
    assert merge_row("k", base, theirs, mine) == (row, [conflict] if conflict else [])


def snapshot(**rows):
    return {"model": "services.service", "pk": "1", "rows": rows}


def test_merged_snapshot_has_the_rows_of_both_sides():
    base, theirs, mine = snapshot(a=OLD, b=OLD), snapshot(a=OLD, c=NEW), snapshot(a=OWN, b=OLD)
    assert merge(base, theirs, mine) == (snapshot(a=OWN, c=NEW), [])


def object_snapshot(**fields):
    return {"model": "services.service", "pk": "1", "rows": {"/1": fields}}


def test_revision_is_published_as_it_is_where_nothing_is_live():
    data = object_snapshot(text="Mine")
    assert merge_with_current(Revision(data=data), None) == (data, [])


def test_draft_is_merged_from_its_base():
    draft = Revision(data=object_snapshot(text="Mine", name="Old"))
    draft.base = Revision(data=object_snapshot(text="Old", name="Old"))
    live = object_snapshot(text="Theirs", name="New")
    merged, (conflict,) = merge_with_current(draft, live)
    assert merged == object_snapshot(text="Mine", name="New")
    assert conflict == Conflict("/1", "text", "Old", "Theirs", "Mine")


def test_draft_without_a_base_replaces_what_is_live():
    draft = Revision(data=object_snapshot(text="Mine"))
    assert merge_with_current(draft, object_snapshot(text="Theirs")) == (object_snapshot(text="Mine"), [])


def test_version_is_restored_but_stays_at_its_place():
    version = Revision(data=object_snapshot(text="Old", position=1), applied_at=timezone.now())
    live = object_snapshot(text="New", position=5)
    assert merge_with_current(version, live) == (object_snapshot(text="Old", position=5), [])
