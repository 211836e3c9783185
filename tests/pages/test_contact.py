from datetime import UTC, date, datetime, time, timedelta

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import CLINIC_KEY, Clinic, HoursException, OpeningHours
from pages.vcard import vcard

MONDAY = date(2026, 11, 23)


@pytest.fixture
def hours(clinic):
    """Monday with a pause, Tuesday without."""
    OpeningHours.objects.create(weekday=0, opens=time(8), closes=time(12))
    OpeningHours.objects.create(weekday=0, opens=time(13), closes=time(18, 30))
    OpeningHours.objects.create(weekday=1, opens=time(9), closes=time(17))


def test_contact_says_how_to_reach_the_clinic(client, clinic):
    answer = client.get("/contact/")
    assertContains(answer, "(973) 241-1338")
    assertContains(answer, "1059 Bloomfield Ave,<br>Clifton, NJ 07012")
    assertContains(
        answer, "https://www.google.com/maps/dir/?api=1&amp;destination=1059+Bloomfield+Ave%2C+Clifton%2C+NJ+07012"
    )
    for absent in ("Hours", "Open now", "Closed now", "Fax", "E-mail"):
        assertNotContains(answer, absent)


def test_fax_and_email_are_shown_when_there_are_any(client, clinic):
    Clinic.objects.update(fax="+19735550123", email="desk@example.com")
    answer = client.get("/contact/")
    assertContains(answer, "(973) 555-0123")
    assertContains(answer, 'href="mailto:desk@example.com"')


# The clinic's time: in November New York is five hours behind UTC.
@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 23, 12, 59, tzinfo=UTC), "Closed now, opens Monday at 8 a.m."),
        (datetime(2026, 11, 23, 13, 0, tzinfo=UTC), "Open now, until noon"),
        (datetime(2026, 11, 23, 17, 0, tzinfo=UTC), "Closed now, opens Monday at 1 p.m."),
        (datetime(2026, 11, 23, 23, 29, tzinfo=UTC), "Open now, until 6:30 p.m."),
        (datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "Closed now, opens Tuesday at 9 a.m."),
        (datetime(2026, 11, 25, 15, 0, tzinfo=UTC), "Closed now, opens Monday at 8 a.m."),
    ],
)
def test_open_now_follows_the_hours(client, hours, time_machine, moment, words):
    time_machine.move_to(moment, tick=False)
    answer = client.get("/contact/")
    assertContains(answer, words)
    assertContains(answer, "8 a.m. – noon<br>1 p.m. – 6:30 p.m.")
    assertContains(answer, '<th scope="row">Sunday</th><td>Closed</td>')


def test_day_with_other_hours_wins_over_the_week(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False)
    holiday = HoursException.objects.create(date=MONDAY, note="Snow")
    answer = client.get("/contact/")
    assertContains(answer, "Closed now, opens Tuesday at 9 a.m.")
    assertContains(answer, 'Monday, November 23, 2026<br><span class="quiet">Snow</span></th><td>Closed')
    holiday.opens, holiday.closes = time(9, 30), time(11)
    holiday.save()
    assertContains(client.get("/contact/"), "Open now, until 11 a.m.")


def test_holidays_that_are_past_or_far_are_not_shown(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False)
    HoursException.objects.create(date=date(2026, 11, 22), note="Past")
    HoursException.objects.create(date=date(2027, 5, 31), note="Far")
    assertNotContains(client.get("/contact/"), "Other hours")


def test_holidays_of_the_next_90_days_are_shown_in_their_order(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False)
    for note, day in (("Last", 90), ("Beyond", 91), ("Second", 40), ("First", 0)):
        HoursException.objects.create(date=MONDAY + timedelta(day), note=note)
    content = client.get("/contact/").content.decode()
    places = [content.index(f">{note}</span>") for note in ("First", "Second", "Last")]
    assert places == sorted(places)
    assert "Beyond" not in content


def test_day_ends_at_the_clinics_midnight(client, clinic, time_machine):
    # Wednesday evening in New York is Thursday in UTC.
    OpeningHours.objects.create(weekday=2, opens=time(18), closes=time(22))
    time_machine.move_to(datetime(2026, 11, 26, 1, 0, tzinfo=UTC), tick=False)
    assertContains(client.get("/contact/"), "Open now, until 10 p.m.")
    HoursException.objects.create(date=date(2026, 11, 25))
    assertContains(client.get("/contact/"), "Closed now, opens Wednesday, December 2 at 6 p.m.")


def test_clinic_that_is_closed_for_long_names_no_day(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False)
    for day in range(23, 31):
        HoursException.objects.create(date=date(2026, 11, day))
    for day in range(1, 16):
        HoursException.objects.create(date=date(2026, 12, day))
    assertContains(client.get("/contact/"), "<strong>Closed now</strong>")


def test_hours_across_the_change_of_the_clock(client, hours, time_machine):
    # On November 1, 2026 New York leaves daylight time: Monday 8 a.m. is 13:00 UTC, not 12:00.
    time_machine.move_to(datetime(2026, 11, 2, 12, 30, tzinfo=UTC), tick=False)
    assertContains(client.get("/contact/"), "Closed now, opens Monday at 8 a.m.")


def test_card_for_the_address_book(client, clinic):
    answer = client.get("/contact/clinic.vcf")
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert answer.content.decode().split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:Clifton Physical Therapy;;;;",
        "FN:Clifton Physical Therapy",
        "ORG:Clifton Physical Therapy",
        "TEL;TYPE=work,voice:+19732411338",
        "ADR;TYPE=work:;;1059 Bloomfield Ave;Clifton;NJ;07012;",
        "URL:http://testserver",
        "END:VCARD",
        "",
    ]


def test_card_has_the_fax_and_email_when_there_are_any(client, clinic):
    assertContains(client.get("/contact/"), 'href="/contact/clinic.vcf"')
    Clinic.objects.update(fax="+19735550123", email="desk@example.com")
    lines = client.get("/contact/clinic.vcf").content.decode().split("\r\n")
    assert lines[6:8] == ["TEL;TYPE=work,fax:+19735550123", "EMAIL;TYPE=internet:desk@example.com"]


def test_card_escapes_and_folds(db):
    clinic = Clinic(id=CLINIC_KEY, name="A; B, C\\D\nE " + "é" * 60)
    lines = vcard(clinic, "https://www.example.com").split("\r\n")
    assert "FN:A\\; B\\, C\\\\D\\nE éé" in "\r\n".join(lines)
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = vcard(clinic, "").replace("\r\n ", "")
    assert "FN:A\\; B\\, C\\\\D\\nE " + "é" * 60 in unfolded


def test_clinic_without_address_or_phone_has_no_dead_links(client, clinic):
    Clinic.objects.update(phone="", street="", city="", state="", postal_code="")
    answer = client.get("/contact/")
    for absent in ("tel:", "google", "Directions", "callbar"):
        assertNotContains(answer, absent)


def test_opening_that_is_more_than_a_week_away_names_its_date(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False)
    for day in (23, 24, 30):
        HoursException.objects.create(date=date(2026, 11, day))
    assertContains(client.get("/contact/"), "Closed now, opens Tuesday, December 1 at 9 a.m.")
