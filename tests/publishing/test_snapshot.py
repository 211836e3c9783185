import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from publishing.revisions.merge import Conflict, merge
from publishing.revisions.snapshot import take
from publishing.revisions.whole import load, loaded
from services.models import Benefit, Condition, Service


@pytest.fixture
def before(service):
    return take(service)


def edited(snapshot, part="", number=0, **fields):
    """The snapshot with some fields of one row changed."""
    rows = {key: dict(row) for key, row in snapshot["rows"].items()}
    key = [key for key in rows if key.split("/")[0] == part][number]
    rows[key] |= fields
    return snapshot | {"rows": rows}


def without(snapshot, part, number=0):
    key = [key for key in snapshot["rows"] if key.split("/")[0] == part][number]
    return snapshot | {"rows": {name: row for name, row in snapshot["rows"].items() if name != key}}


def test_snapshot_holds_the_whole_with_its_parts(service, before):
    parts = [key.split("/")[0] for key in before["rows"]]
    assert {part: parts.count(part) for part in ("", *Service.parts)} == {
        "": 1,
        "benefits": 5,
        "claims": 2,
        "comparisons": 3,
        "conditions": 4,
        "steps": 4,
        "questions": 4,
    }
    assert before["rows"][f"/{service.pk}"]["title"] == "Muscle scraping therapy"
    assert "updated_at" not in before["rows"][f"/{service.pk}"]


def test_loading_what_is_live_changes_nothing(service, before):
    changed = service.updated_at
    with transaction.atomic():
        load(before)
    service.refresh_from_db()
    assert service.updated_at == changed
    assert take(service) == before


def test_loading_makes_the_database_equal(service, before):
    service.benefits.first().delete()
    Benefit.objects.create(service=service, text="New")
    service.conditions.update(text="Other")
    Service.objects.update(title="Renamed", slug="renamed")
    with transaction.atomic():
        load(before)
    assert take(service) == before


def test_unique_values_may_swap(service, before):
    anchors = [row["anchor"] for key, row in before["rows"].items() if key.startswith("conditions/")]
    first, second = anchors[:2]
    swapped = edited(edited(before, "conditions", 0, anchor=second), "conditions", 1, anchor=first)
    with transaction.atomic():
        load(swapped)
    assert take(service) == swapped


def test_field_that_the_snapshot_does_not_have_stays(service, before):
    old = edited(before)
    del old["rows"][f"/{service.pk}"]["precautions"]
    Service.objects.update(precautions="Tell us first.")
    with transaction.atomic():
        load(old)
    assert Service.objects.get().precautions == "Tell us first."


def test_deleted_object_is_restored_under_its_key(service, before):
    pk = service.pk
    service.delete()
    with transaction.atomic():
        load(before)
    assert take(Service.objects.get(pk=pk)) == before


def test_loading_an_invalid_snapshot_is_refused(service, before):
    Service.objects.create(title="Thief", slug="stolen")
    with pytest.raises(ValidationError, match="Address: "), transaction.atomic():
        load(edited(before, slug="stolen"))
    assert take(service) == before


def test_loaded_is_rolled_back_without_commit_hooks(service, before, django_capture_on_commit_callbacks):
    counts = (Service.objects.count(), Condition.objects.count())
    with django_capture_on_commit_callbacks() as callbacks, loaded(without(edited(before, title="X"), "conditions")):
        assert Condition.objects.count() == counts[1] - 1
    assert (Service.objects.count(), Condition.objects.count()) == counts
    assert callbacks == []
    assert take(service) == before


def test_exception_inside_loaded_is_raised_and_rolls_back(service, before):
    with pytest.raises(ZeroDivisionError), loaded(edited(before, title="X")):
        raise ZeroDivisionError
    assert take(service) == before


def test_times_have_their_microseconds(service):
    moment = timezone.now().replace(microsecond=123456)
    Service.objects.update(publish_at=moment)
    data = take(service)
    Service.objects.update(publish_at=None)
    with transaction.atomic():
        load(data)
    assert Service.objects.get().publish_at == moment


def test_changes_of_different_rows_are_merged(before):
    theirs, mine = edited(before, title="Theirs"), edited(before, "benefits", 0, text="Mine")
    assert merge(before, theirs, mine) == (edited(theirs, "benefits", 0, text="Mine"), [])


def test_same_change_on_both_sides_is_no_conflict(before):
    both = edited(before, title="Same")
    assert merge(before, both, both) == (both, [])


def test_different_changes_of_one_field_conflict_and_mine_wins(service, before):
    merged, conflicts = merge(before, edited(before, title="Theirs"), edited(before, title="Mine"))
    assert merged == edited(before, title="Mine")
    assert conflicts == [Conflict(f"/{service.pk}", "title", "Muscle scraping therapy", "Theirs", "Mine")]


def test_both_sides_reordering_is_no_conflict(before):
    theirs, mine = edited(before, "benefits", 0, position=7), edited(before, "benefits", 0, position=9)
    assert merge(before, theirs, mine) == (mine, [])


@pytest.mark.parametrize("is_mine", [True, False])
def test_deletion_of_a_changed_row_conflicts(before, is_mine):
    gone, changed = without(before, "benefits"), edited(before, "benefits", 0, text="Changed")
    sides = (changed, gone) if is_mine else (gone, changed)
    merged, conflicts = merge(before, *sides)
    assert len(conflicts) == 1
    assert merged == (gone if is_mine else changed)


def test_deletion_and_addition_in_different_parts_are_merged(before):
    rows = before["rows"] | {"benefits/new": {"text": "New", "position": 9}}
    merged, conflicts = merge(before, without(before, "claims"), before | {"rows": rows})
    assert conflicts == []
    assert merged["rows"] == without(before | {"rows": rows}, "claims")["rows"]
