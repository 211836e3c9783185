"""Rules that no constraint of every database can hold are met on every way in: a shell and a fixture too."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Session
from pages.models import HoursException, OpeningHours
from services.models import Service

OVERLAP = "These hours overlap with others of the same day."


@pytest.fixture
def monday(clinic):
    return OpeningHours.objects.create(weekday=0, opens="09:00", closes="17:00")


@pytest.mark.parametrize("span", [("08:00", "12:00"), ("16:59", "18:00"), ("10:00", "11:00"), ("08:00", "18:00")])
def test_shell_refuses_hours_that_overlap(monday, span):
    with pytest.raises(ValidationError, match="overlap"):
        OpeningHours.objects.create(weekday=0, opens=span[0], closes=span[1])
    assert OpeningHours.objects.count() == 1


@pytest.mark.parametrize("span", [(0, "17:00", "18:00"), (0, "07:00", "09:00"), (1, "09:00", "17:00")])
def test_shell_takes_hours_that_touch_or_are_of_another_day(monday, span):
    OpeningHours.objects.create(**dict(zip(("weekday", "opens", "closes"), span, strict=True)))


def test_shell_refuses_to_stretch_hours_over_others(monday):
    other = OpeningHours.objects.create(weekday=0, opens="18:00", closes="19:00")
    other.opens = "16:00"
    with pytest.raises(ValidationError, match="overlap"):
        other.save()
    monday.closes = "17:30"
    monday.save()


def test_fixture_refuses_hours_that_overlap(monday, clinic, tmp_path):
    fields = {
        "clinic": str(clinic.pk),
        "weekday": 0,
        "opens": "08:00",
        "closes": "12:00",
        "updated_at": "2026-01-01T00:00Z",
    }
    fixture = tmp_path / "hours.json"
    fixture.write_text(json.dumps([{"model": "pages.openinghours", "pk": str(clinic.pk), "fields": fields}]))
    with pytest.raises(CommandError, match="overlap"):
        call_command("loaddata", str(fixture), verbosity=0)
    assert OpeningHours.objects.get().opens.hour == 9


def test_shell_refuses_a_length_that_the_text_does_not_name(service):
    service.minutes_to = 50
    with pytest.raises(ValidationError, match="must name 50 minutes"):
        service.save()


def test_row_whose_place_alone_is_saved_is_not_checked(service):
    """What broke a rule before the rule was there can still be moved."""
    Service.objects.update(session_length_text="")
    service.refresh_from_db()
    service.position = 9
    service.save(update_fields=["position"])
    assert Service.objects.get().position == 9


def test_what_a_constraint_holds_is_refused_before_it_too(clinic):
    HoursException.objects.create(date="2026-12-25")
    row = HoursException(date="2026-12-25")
    with pytest.raises(ValidationError):
        row.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        HoursException.objects.bulk_create([row])


def test_fixture_may_bring_rows_in_any_order(clinic, tmp_path):
    """A fixture's hours are compared with each other, not with those that it is about to replace."""
    keys = [OpeningHours.objects.create(weekday=0, opens=opens, closes=closes).pk for opens, closes in AFTERNOON_FIRST]
    fixture = tmp_path / "hours.json"
    call_command("dumpdata", "pages.openinghours", output=str(fixture))
    OpeningHours.objects.all().delete()
    for key, (opens, closes) in zip(keys, (("07:00", "11:00"), ("12:30", "18:00")), strict=True):
        OpeningHours.objects.create(pk=key, weekday=0, opens=opens, closes=closes)
    call_command("loaddata", str(fixture), verbosity=0)
    assert {f"{row.opens:%H}" for row in OpeningHours.objects.all()} == {"08", "13"}


AFTERNOON_FIRST = (("13:00", "17:00"), ("08:00", "12:00"))


def test_fields_saved_alone_are_checked_unless_it_is_the_place(monday):
    other = OpeningHours.objects.create(weekday=0, opens="18:00", closes="19:00")
    other.opens = "16:00"
    with pytest.raises(ValidationError, match="overlap"):
        other.save(update_fields=["opens"])


def test_sessions_are_still_deleted_at_once(db, django_assert_num_queries):
    """A receiver for all models would make Django read each row that it deletes."""
    with django_assert_num_queries(1):
        Session.objects.filter(expire_date__lt=timezone.now()).delete()
