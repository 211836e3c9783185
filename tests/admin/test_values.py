"""Numbers, times and days in the clinic's form: kept and shown as given, or refused beside their field."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.contrib.messages import WARNING, get_messages
from django.test import Client
from django.utils import timezone

from pages.hours import Timetable
from pages.models import CLINIC_KEY, Clinic, HoursException, OpeningHours
from publishing.models import Revision
from services.models import Claim
from tests.admin.forms import add_row, errors, filled
from tests.admin.rows import address

CHANGE = address("pages_clinic", "change", CLINIC_KEY)
HOURS, DAYS = "opening_hours", "hours_exceptions"
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday
WITH_EXTENSION = "(973) 555-0123 ext. 204"
FRENCH = "+33 1 42 68 53 00"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def form(manager_client, clinic):
    return filled(manager_client, CHANGE)


def saved(client, data):
    answer = client.post(CHANGE, data)
    return {} if answer.status_code == 302 else errors(answer)


def page(place="/contact/"):
    return Client().get(place).content.decode().replace("\xa0", " ").replace("\u2060", "")


def warnings(answer):
    return [str(message) for message in get_messages(answer.wsgi_request) if message.level == WARNING]


@pytest.mark.parametrize(
    ("typed", "right", "link"),
    [
        ("(973) 555-0123 ext. 204", WITH_EXTENSION, "tel:+19735550123;ext=204"),
        ("973.555.0123 x204", WITH_EXTENSION, "tel:+19735550123;ext=204"),
        ("\u202a(973) 555-0123\u202c", "(973) 555-0123", "tel:+19735550123"),
        ("+33 (0)1 42 68 53 00", FRENCH, "tel:+33142685300"),
        ("011 33 1 42 68 53 00", FRENCH, "tel:+33142685300"),
        ("1-800-FLOWERS", "(800) 356-9377", "tel:+18003569377"),
        ("+51 1 1234567 Anexo 204", "+51 1 1234567 Anexo 204", "tel:+5111234567;ext=204"),
        ("+44 20 7946 0958 ext 7", "+44 20 7946 0958 x7", "tel:+442079460958;ext=7"),
    ],
)
def test_number_of_any_country_is_kept_with_its_extension(manager_client, form, typed, right, link):
    assert saved(manager_client, form | {"phone": typed, "fax": typed}) == {}
    assert f'href="{link}">{right}</a>' in page()
    again = filled(manager_client, CHANGE)
    assert (again["phone"], again["fax"]) == (right, right)
    assert saved(manager_client, again | {"headline": "Move."}) == {}
    assert f'href="{link}">{right}</a>' in page()


@pytest.mark.parametrize("number", [WITH_EXTENSION, FRENCH])
def test_number_goes_through_draft_history_and_restore(manager_client, form, number):
    place = manager_client.post(CHANGE, form | {"phone": number, "_keep": "1"}).url
    assert filled(manager_client, place)["phone"] == number
    manager_client.post(place, filled(manager_client, place))
    manager_client.post(CHANGE, filled(manager_client, CHANGE, phone="(973) 241-1338"))
    history = manager_client.get(address("pages_clinic", "history", CLINIC_KEY)).content.decode()
    assert number in history
    older = next(one for one in Revision.objects.versions() if number in str(one.data))
    place = f"{CHANGE}?revision={older.pk}"
    manager_client.post(place, filled(manager_client, place))
    assert filled(manager_client, CHANGE)["phone"] == number


def test_card_has_the_extension_and_the_country(manager_client, form):
    saved(manager_client, form | {"phone": WITH_EXTENSION, "fax": FRENCH})
    card = page("/contact/clinic.vcf")
    assert "TEL;TYPE=work,voice:+1 973-555-0123 ext. 204\r\n" in card
    assert "TEL;TYPE=work,fax:+33142685300\r\n" in card


@pytest.mark.parametrize(
    "typed",
    ["973-555-0123 or 0124", "973-555-0123 / 973-555-0124", "(973) 555-0123 Ask Ann", "Call 973-555-0123", "911"],
)
def test_number_of_which_something_would_be_lost_is_refused_and_kept(manager_client, form, typed):
    answer = manager_client.post(CHANGE, form | {"phone": typed})
    assert list(errors(answer)) == ["phone"]
    assert f'value="{typed}"' in answer.content.decode()


def test_hours_and_days_are_typed_as_americans_do(manager_client, form):
    add_row(form, HOURS, weekday="0", opens="9", closes="5 p.m.")
    assert list(saved(manager_client, form)) == [f"{HOURS}-0-opens"]
    form |= {f"{HOURS}-0-opens": "9 a.m."}
    add_row(form, HOURS, weekday="1", opens="noon", closes="17.30")
    add_row(form, DAYS, date="12/25/26", note="Christmas")
    add_row(form, DAYS, date="Dec 31, 2026", opens="9am", closes="12pm")
    form |= {"notice": "Snow", "notice_until_0": "Mar 3, 2026", "notice_until_1": "5pm"}
    assert saved(manager_client, form) == {}
    assert list(OpeningHours.objects.values_list("opens", "closes")) == [
        (time(9), time(17)),
        (time(12), time(17, 30)),
    ]
    assert [day.date for day in HoursException.objects.all()] == [date(2026, 12, 25), date(2026, 12, 31)]
    assert timezone.localtime(Clinic.objects.get().notice_until) == datetime(2026, 3, 3, 22, tzinfo=UTC)
    again = filled(manager_client, CHANGE)
    assert [again[f"{HOURS}-1-{name}"] for name in ("opens", "closes")] == ["noon", "5:30 p.m."]
    assert again[f"{DAYS}-0-date"] == "12/25/2026"
    assert saved(manager_client, again) == {}


def test_hour_of_which_half_is_not_known_is_refused_beside_its_field_on_every_way(manager_client, form):
    row = add_row(form, HOURS, weekday="0", opens="9:00 a.m.", closes="5:30")
    words = "Write a.m. or p.m. after the time, like 5:30 a.m. or 5:30 p.m."
    assert saved(manager_client, form) == {f"{row}-closes": [words]}
    assert saved(manager_client, form | {"_keep": "1"}) == {f"{row}-closes": [words]}
    form |= {f"{row}-closes": "17:30", "notice": "Snow", "notice_until_0": "Mar 3, 2026", "notice_until_1": "5:30"}
    assert saved(manager_client, form) == {"notice_until": [words]}
    form |= {"notice_until_1": "05:30", "_keep": "1", "apply_at": "12/25/26 5:30"}
    answer = manager_client.post(CHANGE, form, follow=True)
    assert any("like 5:30 a.m. or 5:30 p.m." in str(message) for message in get_messages(answer.wsgi_request))
    assert Revision.objects.drafts().get().apply_at is None


def test_form_that_is_saved_unchanged_keeps_seconds(manager_client, clinic):
    until = datetime(2026, 3, 3, 22, 0, 15, 250_000, tzinfo=UTC)
    Clinic.objects.update(notice="Snow", notice_until=until)
    OpeningHours.objects.create(weekday=0, opens=time(9, 0, 30), closes=time(17, 0, 0, 5))
    data = filled(manager_client, CHANGE)
    assert (data[f"{HOURS}-0-opens"], data["notice_until_1"]) == ("09:00:30", "17:00:15.250000")
    assert saved(manager_client, data | {f"{HOURS}-0-weekday": "1", "headline": "Move."}) == {}
    row = OpeningHours.objects.get()
    assert (row.weekday, row.opens, row.closes) == (1, time(9, 0, 30), time(17, 0, 0, 5))
    assert Clinic.objects.get().notice_until == until


def test_draft_that_is_kept_unchanged_keeps_the_seconds_of_its_date(manager_client, form):
    place = manager_client.post(CHANGE, form | {"headline": "S.", "_keep": "1", "apply_at": "2026-12-25T17:30:15"}).url
    assert 'step="1"' in manager_client.get(place).content.decode()
    manager_client.post(place, filled(manager_client, place, _keep="1"))
    assert Revision.objects.drafts().get().apply_at == datetime(2026, 12, 25, 22, 30, 15, tzinfo=UTC)


def test_weekday_and_capitals_in_the_date_of_a_draft_are_understood(manager_client, form):
    manager_client.post(CHANGE, form | {"_keep": "1", "apply_at": "Tuesday, nov 3, 2026, 5 P.M."})
    assert Revision.objects.drafts().get().apply_at == datetime(2026, 11, 3, 22, tzinfo=UTC)


def test_year_of_a_slip_is_refused_in_words(manager_client, form):
    row = add_row(form, DAYS, date="12/25/0206")
    assert saved(manager_client, form) == {f"{row}-date": ["Give a year from 1900 to 2999."]}


def test_date_of_a_draft_is_typed_where_the_browser_has_no_field_for_it(manager_client, form):
    manager_client.post(CHANGE, form | {"headline": "Soon.", "_keep": "1", "apply_at": "12/25/26 5:30 p.m."})
    assert Revision.objects.drafts().get().apply_at == datetime(2026, 12, 25, 22, 30, tzinfo=UTC)


def test_midnight_ends_a_day_and_is_shown_so(manager_client, form, at_noon):
    add_row(form, HOURS, weekday="0", opens="16:00", closes="00:00")
    add_row(form, HOURS, weekday="1", opens="00:00", closes="02:00")
    assert saved(manager_client, form) == {}
    assert "4 p.m. – midnight" in page()
    assert "Closed now, opens today at 4 p.m." in page()
    at_noon.move_to(datetime(2026, 3, 3, 4, 30, tzinfo=UTC))  # Monday, 11:30 p.m.
    assert "Open now, until 2 a.m." in page()
    OpeningHours.objects.filter(weekday=1).delete()
    assert "Open now, until midnight" in page()


def test_hours_until_midnight_overlap_with_later_ones(manager_client, form):
    add_row(form, HOURS, weekday="0", opens="4pm", closes="midnight")
    row = add_row(form, HOURS, weekday="0", opens="11pm", closes="11:30pm")
    assert list(saved(manager_client, form)) == [f"{row}-opens"]


def test_clinic_that_never_closes_is_open_without_an_end(clinic):
    for weekday in range(7):
        OpeningHours.objects.create(weekday=weekday, opens=time(0), closes=time(0))
    state = Timetable(clinic).state(timezone.now())
    assert (str(state), state.until) == ("Open now", None)
    assert "24 hours" in page()


def test_holiday_with_a_pause_has_two_spans_everywhere(manager_client, form, at_noon):
    add_row(form, HOURS, weekday="2", opens="08:00", closes="18:00")
    add_row(form, DAYS, date="2026-03-04", opens="14:00", closes="00:00", note="Ash Wednesday")
    add_row(form, DAYS, date="2026-03-04", opens="09:00", closes="11:00")
    assert saved(manager_client, form) == {}
    shown = page()
    assert shown.count("9 a.m. – 11 a.m.<br>2 p.m. – midnight") == 2  # in the week, and among the days
    assert shown.count("Ash Wednesday") == 2
    at_noon.move_to(datetime(2026, 3, 4, 17, tzinfo=UTC))
    assert "Closed now, opens again today at 2 p.m." in page()


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        (("09:00", "12:00"), ("11:00", "13:00"), "opens"),
        (("", ""), ("11:00", "13:00"), "date"),
        (("09:00", "12:00"), ("", ""), "date"),
    ],
)
def test_rows_of_one_holiday_that_contradict_are_refused(manager_client, form, first, second, place):
    rows = [add_row(form, DAYS, date="2026-03-04", opens=opens, closes=closes) for opens, closes in (first, second)]
    told = saved(manager_client, form)
    assert [name.rpartition("-")[2] for name in told] == [place]
    assert set(told) <= {f"{row}-{place}" for row in rows}


def test_what_is_right_and_has_no_effect_is_told_after_saving(manager_client, form):
    add_row(form, DAYS, date="2026-01-01", note="New Year")
    form |= {"notice": "Snow", "notice_until_0": "2026-03-01", "notice_until_1": "9 a.m."}
    told = warnings(manager_client.post(CHANGE, form))
    assert "Patients do not see the notice: it ended March 1, 2026, 9 a.m." in "".join(told)
    assert any("January 1, 2026 is past" in words for words in told)
    again = filled(manager_client, CHANGE)
    add_row(again, DAYS, date="2026-12-25")
    assert warnings(manager_client.post(CHANGE, again)) == []


def test_link_of_a_claim_that_is_not_confirmed_is_told(manager_client, service):
    claim = service.claims.first()
    Claim.objects.filter(pk=claim.pk).update(url="", confirmed_at=None)
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, **{"claims-0-url": "https://example.com/study"})
    assert ["Source confirmed" in words for words in warnings(manager_client.post(url, data))] == [True]
