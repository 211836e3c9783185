import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import CLINIC_KEY, Clinic, HoursException, OpeningHours
from pages.vcard import vcard

MONDAY = date(2026, 11, 23)
NEW_YORK = ZoneInfo("America/New_York")


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


def shown(client):
    """The contact page, with plain spaces within its times."""
    content = client.get("/contact/").content.decode()
    return content.replace("\N{NO-BREAK SPACE}", " ").replace("\N{WORD JOINER}", "")


# The clinic's time: in November New York is five hours behind UTC. The week begins on Monday, November 23; Thursday and
# Friday are holidays, and Wednesday, Saturday and Sunday have no hours.
@pytest.mark.parametrize(
    ("day", "clock", "words"),
    [
        (23, "00:00", "Closed now, opens today at 8 a.m."),
        (23, "07:59", "Closed now, opens today at 8 a.m."),
        (23, "08:00", "Open now, until noon"),
        (23, "11:59", "Open now, until noon"),
        (23, "12:00", "Closed now, opens again today at 1 p.m."),
        (23, "13:00", "Open now, until 6:30 p.m."),
        (23, "18:29", "Open now, until 6:30 p.m."),
        (23, "18:30", "Closed now, opens tomorrow at 9 a.m."),
        (23, "23:59", "Closed now, opens tomorrow at 9 a.m."),
        (24, "00:00", "Closed now, opens today at 9 a.m."),
        (24, "16:59", "Open now, until 5 p.m."),
        (24, "17:00", "Closed now, opens on Friday at 10 a.m."),
        (25, "12:00", "Closed now, opens on Friday at 10 a.m."),
        (26, "09:00", "Closed now, opens tomorrow at 10 a.m."),
        (27, "06:00", "Closed now, opens today at 10 a.m."),
        (27, "10:30", "Open now, until 11 a.m."),
        (27, "11:00", "Closed now, opens on Monday at 8 a.m."),
        (28, "12:00", "Closed now, opens on Monday at 8 a.m."),
        (29, "23:59", "Closed now, opens tomorrow at 8 a.m."),
        (30, "00:00", "Closed now, opens today at 8 a.m."),
    ],
)
def test_open_now_follows_the_hours(client, hours, time_machine, day, clock, words):
    HoursException.objects.create(date=date(2026, 11, 26), note="Thanksgiving")
    HoursException.objects.create(date=date(2026, 11, 27), opens=time(10), closes=time(11))
    time_machine.move_to(datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=NEW_YORK), tick=False)
    assert f"<strong>{words}</strong>" in shown(client)


def test_week_marks_today_and_shows_its_holidays(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 24, 12, tzinfo=NEW_YORK), tick=False)
    HoursException.objects.create(date=date(2026, 11, 30), note="Inventory")
    HoursException.objects.create(date=date(2026, 12, 1))  # the Tuesday after this one
    week = re.findall(
        r"<tr([^>]*)><th scope=\"row\">(.*?)</th><td>(.*?)</td></tr>", shown(client).split("Other hours")[0]
    )
    assert [re.sub(" ?<.*", "", name) for _, name, _ in week] == [f"{date(2026, 11, 23 + n):%A}" for n in range(7)]
    assert [name for attributes, name, _ in week if "aria-current" in attributes] == [
        'Tuesday <span class="quiet">today</span>'
    ]
    assert week[0][2] == (
        'Closed<br><span class="quiet">Inventory, November 30<br>Usually 8 a.m. – noon, 1 p.m. – 6:30 p.m.</span>'
    )
    assert week[1][2] == "9 a.m. – 5 p.m."
    assert week[6][2] == "Closed"


def test_hours_without_a_pause_between_them_are_one_span(client, clinic, time_machine):
    OpeningHours.objects.create(weekday=0, opens=time(8), closes=time(12))
    OpeningHours.objects.create(weekday=0, opens=time(12), closes=time(17))
    time_machine.move_to(datetime(2026, 11, 23, 9, tzinfo=NEW_YORK), tick=False)
    assert "Open now, until 5 p.m." in shown(client)
    assert ">8 a.m. – 5 p.m.<" in shown(client)


def test_times_stay_on_one_line(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 9, tzinfo=NEW_YORK), tick=False)
    assertContains(client.get("/contact/"), "1\xa0p.m.\xa0–\u2060\xa06:30\xa0p.m.")


def test_day_with_other_hours_wins_over_the_week(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False)
    holiday = HoursException.objects.create(date=MONDAY, note="Snow")
    assert "Closed now, opens tomorrow at 9 a.m." in shown(client)
    assert 'Monday, November 23, 2026<br><span class="quiet">Snow</span></th><td>Closed' in shown(client)
    holiday.opens, holiday.closes = time(9, 30), time(11)
    holiday.save()
    assert "Open now, until 11 a.m." in shown(client)


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
    assert "Open now, until 10 p.m." in shown(client)
    HoursException.objects.create(date=date(2026, 11, 25))
    assert "Closed now, opens on Wednesday, December 2, at 6 p.m." in shown(client)


@pytest.mark.parametrize(
    ("day", "clock", "words"),
    [
        (23, "10:00", "Open now, until midnight on Wednesday"),
        (24, "00:00", "Open now, until midnight tomorrow"),
        (24, "23:59", "Open now, until midnight tomorrow"),
        (25, "00:00", "Open now, until midnight today"),
        (25, "10:00", "Open now, until midnight"),
        (26, "00:00", "Closed now, opens on Monday at midnight"),
        (29, "10:00", "Closed now, opens tomorrow at midnight"),
    ],
)
def test_end_at_midnight_is_told_with_the_day_that_ends(client, clinic, time_machine, day, clock, words):
    for weekday in range(3):  # from Monday to the end of Wednesday
        OpeningHours.objects.create(weekday=weekday, opens=time(0), closes=time(0))
    time_machine.move_to(datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=NEW_YORK), tick=False)
    assert f"<strong>{words}</strong>" in shown(client)


def test_clinic_that_is_closed_for_long_names_no_day(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 15, 0, tzinfo=UTC), tick=False)
    for day in range(92):
        HoursException.objects.create(date=MONDAY + timedelta(day))
    assertContains(client.get("/contact/"), "<strong>Closed now</strong>")


def test_end_of_a_long_closure_is_told(client, hours, time_machine):
    time_machine.move_to(datetime(2026, 11, 23, 12, tzinfo=NEW_YORK), tick=False)
    for day in range(42):
        HoursException.objects.create(date=MONDAY + timedelta(day))
    assert "Closed now, opens on Monday, January 4, at 8 a.m." in shown(client)


def test_hours_across_the_change_of_the_clock(client, hours, time_machine):
    # On November 1, 2026 New York leaves daylight time: Monday 8 a.m. is 13:00 UTC, not 12:00.
    time_machine.move_to(datetime(2026, 11, 2, 12, 30, tzinfo=UTC), tick=False)
    assert "Closed now, opens today at 8 a.m." in shown(client)


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
    assert "Closed now, opens on Tuesday, December 1, at 9 a.m." in shown(client)
