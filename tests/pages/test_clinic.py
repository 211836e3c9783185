from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Clinic, HoursException, OpeningHours
from tests.everywhere.walk import ADDRESSES, MISSING

HOUR = timedelta(hours=1)


def refused(row):
    """The fields beside which the row is refused; the database refuses it too."""
    with pytest.raises(ValidationError) as error:
        row.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row)._base_manager.bulk_create([row])
    return list(error.value.message_dict)


def test_there_is_one_clinic(clinic):
    assert refused(Clinic(id="00000000-0000-0000-0000-000000000001", name="Second", headline="H")) == ["__all__"]


def test_notice_lasts_until_its_time(client, full_site, time_machine):
    assert all(b"Closed today: snow" in client.get(address).content for address in (*ADDRESSES, MISSING))
    time_machine.move_to(timezone.now() + timedelta(days=2))
    assertNotContains(client.get("/"), "Closed today: snow")


def test_notice_and_its_end_belong_together(clinic):
    clinic.notice = "Closed"
    assert refused(clinic) == ["notice_until"]
    clinic.notice, clinic.notice_until = "", timezone.now()
    assert refused(clinic) == ["notice_until"]


@pytest.mark.parametrize("text", ["http://example.com", "example.com", "https://ok.example\njavascript:alert(1)"])
def test_profiles_elsewhere_are_https_addresses(clinic, text):
    clinic.social_links = text
    with pytest.raises(ValidationError) as error:
        clinic.full_clean()
    assert list(error.value.message_dict) == ["social_links"]


def test_profiles_elsewhere_are_named_by_their_site(client, clinic):
    Clinic.objects.update(social_links="https://www.example.com/clinic\n\nhttps://social.example/@clinic")
    answer = client.get("/")
    assertContains(answer, 'href="https://www.example.com/clinic" itemprop="sameAs">example.com</a>')
    assertContains(answer, ">social.example</a>")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"weekday": 1, "opens": time(9), "closes": time(9)}, "closes"),
        ({"weekday": 1, "opens": time(9), "closes": time(8)}, "closes"),
        ({"weekday": 7, "opens": time(8), "closes": time(9)}, "weekday"),
    ],
)
def test_wrong_hours_are_refused(clinic, fields, field):
    assert field in refused(OpeningHours(**fields))


def test_same_opening_twice_is_refused(clinic):
    OpeningHours.objects.create(weekday=1, opens=time(8), closes=time(9))
    assert refused(OpeningHours(weekday=1, opens=time(8), closes=time(10))) == ["opens"]


@pytest.mark.parametrize(("opens", "closes"), [(time(9), None), (None, time(9)), (time(9), time(8))])
def test_day_with_other_hours_is_closed_or_has_both_times(clinic, opens, closes):
    assert refused(HoursException(date=date(2026, 12, 25), opens=opens, closes=closes)) == ["closes"]


@pytest.mark.parametrize("check", [HoursException.full_clean, HoursException.save])
def test_time_that_a_script_forgot_is_told_beside_its_field_also_on_a_day_with_other_rows(clinic, check):
    HoursException.objects.create(date=date(2026, 12, 25), opens=time(8), closes=time(10))
    with pytest.raises(ValidationError) as error:
        check(HoursException(date=date(2026, 12, 25), opens=time(9), closes=None))
    assert list(error.value.message_dict) == ["closes"]
    with pytest.raises((ValidationError, IntegrityError)):
        check(HoursException(date=date(2026, 12, 26), opens=time(9)))


def test_hours_that_lack_a_time_are_told_without_a_comparison(clinic):
    OpeningHours.objects.create(weekday=1, opens=time(8), closes=time(10))
    with pytest.raises(ValidationError) as error:
        OpeningHours(weekday=1, opens=time(9), closes=None).full_clean()
    assert list(error.value.message_dict) == ["closes"]
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningHours(weekday=1, opens=time(9), closes=None).save()


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        ({"street": "", "city": "", "state": "", "postal_code": ""}, ""),
        ({"street": "1 Main St", "city": "Nutley", "state": "", "postal_code": ""}, "1 Main St, Nutley"),
        ({"street": "", "city": "Nutley", "state": "NJ", "postal_code": "07110"}, "Nutley, NJ 07110"),
    ],
)
def test_address_leaves_out_what_is_not_known(fields, address):
    assert Clinic(**fields).address == address
