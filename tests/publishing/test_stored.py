"""What every stored row checks: rules between rows, constraints beside their fields, times of the last change."""

from datetime import timedelta

import pytest
from django.core import serializers
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.test.utils import isolate_apps
from django.utils import timezone

from pages.models import HoursException
from publishing.models import Part, Stored, repeated
from services.models import FAQ, Benefit, Condition, Service

DAY_TAKEN = "This day is already in the list."


@pytest.fixture
def other(db):
    return Service.objects.create(title="Other", slug="other")


def check_ids(model):
    return [message.id for message in model.check()]


@pytest.mark.parametrize("name", ["benefitz", "title", "picture", "testimonials"])
def test_check_finds_a_name_in_parts_that_is_no_relation_from_a_part(monkeypatch, name):
    monkeypatch.setattr(Service, "parts", ("benefits", name))
    (error,) = Service.check()
    assert (error.id, error.obj) == ("publishing.E001", Service)
    assert f"“{name}”" in error.msg


def test_check_finds_nothing_wrong_with_right_parts():
    assert check_ids(Service) == []


@isolate_apps("publishing")
def test_check_finds_a_many_to_many_field():
    class Album(Stored):
        friends = models.ManyToManyField("self")

        class Meta:
            app_label = "publishing"

    assert check_ids(Album) == ["publishing.E002"]


@isolate_apps("publishing")
def test_whole_of_a_part_must_be_stored_content():
    class Track(Part):
        whole = "album"
        album = models.PositiveSmallIntegerField()

        class Meta:
            app_label = "publishing"

    with pytest.raises(TypeError, match=r"Track\.album"):
        Track.whole_model()


def test_violated_constraint_is_reported_beside_its_field(db):
    service = Service(title="S", slug="s", minutes_from=5)
    with pytest.raises(ValidationError) as found:
        service.validate_constraints()
    assert list(found.value.message_dict) == ["minutes_to"]


@isolate_apps("publishing")
def test_constraint_without_a_field_of_that_name_is_reported_for_the_whole_row(db):
    class Album(Stored):
        size = models.IntegerField()

        class Meta:
            app_label = "publishing"
            constraints = [
                models.CheckConstraint(name="album_size", condition=models.Q(size__gt=0), violation_error_code="cover")
            ]

    with pytest.raises(ValidationError) as found:
        Album(size=0).validate_constraints()
    assert list(found.value.message_dict) == [NON_FIELD_ERRORS]


def test_saving_enforces_the_rules_of_the_row(other):
    other.minutes_from = other.minutes_to = 30
    with pytest.raises(ValidationError, match="must name 30"):
        other.save()
    other.save(update_fields=["position"])


def test_saving_enforces_the_rules_between_rows_of_one_whole(clinic):
    first = HoursException.objects.create(date="2026-12-25")
    with pytest.raises(ValidationError, match=DAY_TAKEN):
        HoursException.objects.create(date="2026-12-25")
    first.save()


def test_full_clean_enforces_the_rules_between_rows_unless_excluded(clinic):
    HoursException.objects.create(date="2026-12-25")
    second = HoursException(date="2026-12-25")
    with pytest.raises(ValidationError) as found:
        second.full_clean()
    assert found.value.message_dict == {"date": [DAY_TAKEN]}
    second.full_clean(validate_unique=False)
    second.date = None
    with pytest.raises(ValidationError) as found:
        second.full_clean(validate_unique=False)
    assert list(found.value.message_dict) == ["date"]


def test_repeated_yields_each_later_row_with_the_same_value():
    rows = [Condition(anchor=anchor) for anchor in "abaca"]
    assert list(repeated(rows, "anchor", "no")) == [(rows[2], "anchor", "no"), (rows[4], "anchor", "no")]


def test_given_position_stays_and_an_empty_one_becomes_the_last(other):
    assert Benefit.objects.create(service=other, text="x", position=7).position == 7
    assert Benefit.objects.create(service=other, text="x").position == 8


# The time of the last change of a whole


@pytest.fixture
def aged(other, time_machine):
    """A service with a question, both last changed an hour ago."""
    question = FAQ.objects.create(service=other, question="Q", answer="A")
    time_machine.move_to(timezone.now() + timedelta(hours=1), tick=False)
    return question


def is_touched(service):
    return Service.objects.get(pk=service.pk).updated_at == timezone.now()


def test_whole_is_touched_when_its_part_is_saved_or_deleted(aged, other):
    assert not is_touched(other)
    aged.save()
    assert is_touched(other)


def test_whole_is_touched_when_its_part_is_deleted(aged, other):
    aged.delete()
    assert is_touched(other)


def test_whole_is_touched_when_its_parts_are_deleted_at_once(aged, other):
    FAQ.objects.all().delete()
    assert is_touched(other)


def test_both_wholes_are_touched_when_a_part_moves(aged, other):
    third = Service.objects.create(title="Third", slug="third")
    Service.objects.filter(pk=third.pk).update(updated_at=other.updated_at)
    aged.service = third
    aged.save()
    assert is_touched(other)
    assert is_touched(third)


def test_other_wholes_are_not_touched(aged):
    third = Service.objects.create(title="Third", slug="third")
    Service.objects.filter(pk=third.pk).update(updated_at=timezone.now() - timedelta(hours=1))
    aged.save()
    assert not is_touched(third)


def test_part_without_a_whole_touches_nothing(aged, other):
    FAQ.objects.create(question="General", answer="A").delete()
    assert not is_touched(other)


def test_fixture_leaves_the_time_of_the_last_change(aged, other):
    (loaded,) = serializers.deserialize("json", serializers.serialize("json", [aged]))
    loaded.save()
    assert not is_touched(other)


def test_siblings_are_the_parts_of_the_same_whole(service, other):
    mine = Benefit.objects.create(service=other, text="x")
    assert list(mine.siblings()) == [mine]
