import re
from datetime import date, time

import pytest
from django.contrib.auth.models import Permission
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from pages.models import CLINIC_KEY, Clinic, HoursException, OpeningHours
from tests.admin.forms import add_row, errors, filled
from tests.admin.rows import address

ADD = address("pages_clinic", "add")
LIST = address("pages_clinic", "changelist")
CHANGE = address("pages_clinic", "change", CLINIC_KEY)
OVERLAP = ["These hours overlap with others of the same day."]
NOTICE = ["A notice needs both its text and the time until which it is shown."]
HOURS, DAYS = "opening_hours", "hours_exceptions"


def saved(client, data):
    """Save the clinic's form; an empty dict, or the errors by field."""
    response = client.post(CHANGE, data)
    return {} if response.status_code == 302 else errors(response)


@pytest.fixture
def form(manager_client, clinic):
    return filled(manager_client, CHANGE)


def test_list_opens_the_one_clinic(manager_client, clinic):
    assertRedirects(manager_client.get(LIST), CHANGE)


def test_saving_leads_back_to_the_form_with_a_message(manager_client, form):
    response = manager_client.post(CHANGE, form | {"headline": "Move again."}, follow=True)
    assertContains(response, "was changed successfully")
    assert Clinic.objects.get().headline == "Move again."


def test_clinic_cannot_be_added_twice(manager_client, clinic):
    assert manager_client.get(ADD).status_code == 403
    assert manager_client.post(ADD, {"name": "Second"}).status_code == 403
    assertNotContains(manager_client.get(CHANGE), "Save and add another")
    assert Clinic.objects.count() == 1


def test_clinic_cannot_be_deleted(manager_client, clinic):
    url = address("pages_clinic", "delete", CLINIC_KEY)
    assert manager_client.post(url, {"post": "yes"}).status_code == 403
    assertNotContains(manager_client.get(CHANGE), url)
    assert Clinic.objects.exists()


def test_without_a_clinic_the_list_opens_an_empty_form_that_makes_it(manager_client):
    assertRedirects(manager_client.get(LIST), ADD)
    data = filled(manager_client, ADD, name="New clinic", headline="Move again.")
    add_row(data, HOURS, weekday="0", opens="08:00", closes="12:00")
    assertRedirects(manager_client.post(ADD, data), LIST, fetch_redirect_response=False)
    assert Clinic.objects.get().pk == CLINIC_KEY
    assert OpeningHours.objects.get().clinic_id == CLINIC_KEY


def test_staff_without_the_right_are_refused(staff_client, clinic):
    assert staff_client.get(CHANGE).status_code == 403
    assertRedirects(staff_client.get(LIST), CHANGE, target_status_code=403)


def test_staff_who_may_only_view_cannot_save(staff_client, staff_member, clinic):
    staff_member.user_permissions.add(Permission.objects.get(codename="view_clinic"))
    assertContains(staff_client.get(LIST, follow=True), clinic.headline)
    assert staff_client.post(CHANGE, {}).status_code == 403


def test_anonymous_visitor_is_sent_to_the_login(client, clinic):
    assertRedirects(client.get(LIST), f"/admin/login/?next={LIST}")


def test_header_bears_the_clinics_name(manager_client, clinic):
    Clinic.objects.update(name="Elm Street Clinic")
    assertContains(manager_client.get("/admin/"), "Elm Street Clinic")


def test_header_stands_without_a_clinic(client, db):
    assert re.search(r"</svg>\s*testserver</a>", client.get("/admin/login/").content.decode())


def test_hours_of_a_day_with_a_pause_are_stored(manager_client, form):
    add_row(form, HOURS, weekday="0", opens="13:00", closes="18:30")
    add_row(form, HOURS, weekday="0", opens="08:00", closes="12:00")
    add_row(form, HOURS, weekday="1", opens="08:00", closes="18:30")
    assert saved(manager_client, form) == {}
    assert list(OpeningHours.objects.values_list("weekday", "opens", "closes")) == [
        (0, time(8), time(12)),
        (0, time(13), time(18, 30)),
        (1, time(8), time(18, 30)),
    ]


def test_hours_that_touch_do_not_overlap(manager_client, form):
    add_row(form, HOURS, weekday="0", opens="08:00", closes="12:00")
    add_row(form, HOURS, weekday="0", opens="12:00", closes="18:30")
    assert saved(manager_client, form) == {}


@pytest.mark.parametrize(
    "spans",
    [
        [("08:00", "12:00"), ("11:30", "18:00")],
        [("11:30", "18:00"), ("08:00", "12:00")],
        [("08:00", "12:00"), ("08:00", "12:00")],
        [("08:00", "18:00"), ("09:00", "10:00"), ("17:00", "19:00")],
    ],
)
def test_overlap_of_one_day_is_told_beside_the_later_hours(manager_client, form, spans):
    rows = [add_row(form, HOURS, weekday="0", opens=opens, closes=closes) for opens, closes in spans]
    later = sorted(zip(spans, rows, strict=True))[1:]
    assert saved(manager_client, form) == {f"{row}-opens": OVERLAP for _, row in later}
    assert not OpeningHours.objects.exists()


def test_hours_that_overlap_with_stored_ones_are_refused(manager_client, clinic):
    OpeningHours.objects.create(weekday=0, opens=time(8), closes=time(12))
    form = filled(manager_client, CHANGE)
    row = add_row(form, HOURS, weekday="0", opens="11:00", closes="13:00")
    assert saved(manager_client, form) == {f"{row}-opens": OVERLAP}


def test_hours_that_are_deleted_no_longer_overlap(manager_client, clinic):
    OpeningHours.objects.create(weekday=0, opens=time(8), closes=time(12))
    form = filled(manager_client, CHANGE) | {f"{HOURS}-0-DELETE": "on"}
    add_row(form, HOURS, weekday="0", opens="09:00", closes="18:00")
    assert saved(manager_client, form) == {}
    assert OpeningHours.objects.get().opens == time(9)


@pytest.mark.parametrize("closes", ["08:00", "07:00"])
def test_hours_that_close_before_they_open_are_refused(manager_client, form, closes):
    row = add_row(form, HOURS, weekday="0", opens="08:00", closes=closes)
    told = saved(manager_client, form)
    assert told == {f"{row}-closes": ["The closing time must be later than the opening time, or midnight."]}


def test_day_that_does_not_exist_is_refused(manager_client, form):
    row = add_row(form, HOURS, weekday="7", opens="08:00", closes="12:00")
    assert list(saved(manager_client, form)) == [f"{row}-weekday"]


@pytest.mark.parametrize(("opens", "closes"), [("08:00", ""), ("", "12:00"), ("12:00", "08:00")])
def test_day_with_other_hours_needs_both_times_or_none(manager_client, form, opens, closes):
    row = add_row(form, DAYS, date="2026-12-24", opens=opens, closes=closes)
    told = saved(manager_client, form)
    assert told == {f"{row}-closes": ["Give both times, the first earlier than the second, or none for closed."]}


def test_day_without_times_is_closed(manager_client, form):
    add_row(form, DAYS, date="2026-12-25", note="Christmas")
    assert saved(manager_client, form) == {}
    assert HoursException.objects.get().date == date(2026, 12, 25)


def test_day_twice_in_one_submission_is_told_beside_the_later(manager_client, form):
    for _ in range(2):
        row = add_row(form, DAYS, date="2026-12-25")
    assert saved(manager_client, form) == {f"{row}-date": ["This day is already in the list."]}


def test_stored_day_is_refused_when_given_again(manager_client, clinic):
    HoursException.objects.create(date=date(2026, 12, 25))
    form = filled(manager_client, CHANGE)
    row = add_row(form, DAYS, date="2026-12-25")
    assert list(saved(manager_client, form)) == [f"{row}-date"]


@pytest.mark.parametrize(
    "typed", [{"notice": "Closed: snow"}, {"notice_until_0": "2026-12-01", "notice_until_1": "09:00"}]
)
def test_notice_needs_its_text_and_its_end(manager_client, form, typed):
    assert saved(manager_client, form | typed) == {"notice_until": NOTICE}


@pytest.mark.parametrize("links", ["http://example.com", "javascript:alert(1)", "https://example.com\nnonsense"])
def test_profile_elsewhere_must_be_a_safe_address(manager_client, form, links):
    assert list(saved(manager_client, form | {"social_links": links})) == ["social_links"]


def test_wrong_telephone_number_is_refused_beside_its_field_and_kept(manager_client, form):
    response = manager_client.post(CHANGE, form | {"phone": "555", "headline": "Typed with care"})
    assert list(errors(response)) == ["phone"]
    assertContains(response, 'value="555"')
    assertContains(response, "Typed with care")
