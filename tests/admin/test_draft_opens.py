"""A draft opens whatever became of the live page: form, preview, shared link, discard."""

import html
import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pages.models import Clinic, HoursException, OpeningHours, Page
from publishing.models import Revision
from publishing.revisions.release import release_due
from publishing.staff import drafts
from services.models import Service
from tests.admin.forms import Fields, add_row, errors, filled

LIST_CLASH = "This day is already in the list."
OVERLAP = "These hours overlap with others of the same day."


@pytest.fixture
def clinic_url(clinic):
    return reverse("admin:pages_clinic_change", args=[clinic.pk])


@pytest.fixture
def url(service):
    return reverse("admin:services_service_change", args=[service.pk])


def saved(client, url, data):
    response = client.post(url, data)
    assert response.status_code == 302, errors(response)
    return response.headers["Location"]


def opened(client, place):
    """The errors that the open form shows beside its fields, and what it would send."""
    response = client.get(place)
    return errors(response), Fields(response.content.decode()).data


def christmas(client, clinic_url, note):
    data = filled(client, clinic_url)
    add_row(data, "hours_exceptions", date="2026-12-25", note=note)
    return data


def test_day_that_two_add_is_shown_twice_with_the_clash_beside_it(manager_client, clinic_url):
    mine, theirs = (christmas(manager_client, clinic_url, note) for note in ("Mine", "Theirs"))
    saved(manager_client, clinic_url, theirs)
    place = saved(manager_client, clinic_url, mine)
    assert LIST_CLASH in manager_client.get(place).content.decode()
    shown, data = opened(manager_client, place)
    assert list(shown.values()) == [[LIST_CLASH]]
    assert {"Mine", "Theirs"} <= set(data.values())
    (row,) = (name.removesuffix("-note") for name, value in data.items() if value == "Theirs")
    saved(manager_client, place, data | {f"{row}-DELETE": "on"})
    assert [day.note for day in HoursException.objects.all()] == ["Mine"]


def test_draft_that_clashes_is_not_saved_again_until_it_is_mended(manager_client, clinic_url):
    mine, theirs = (christmas(manager_client, clinic_url, note) for note in ("Mine", "Theirs"))
    place = saved(manager_client, clinic_url, mine | {"_keep": "1"})
    saved(manager_client, clinic_url, theirs)
    _, data = opened(manager_client, place)
    refused = manager_client.post(place, data | {"_keep": "1"})
    assert list(errors(refused).values()) == [[LIST_CLASH]]
    assert "Mine" in Fields(refused.content.decode()).data.values()


def test_condition_that_two_add_under_one_name(manager_client, service, url):
    mine, theirs = filled(manager_client, url), filled(manager_client, url)
    for data, text in ((mine, "Mine"), (theirs, "Theirs")):
        add_row(data, "conditions", name="Elbow", text=text, position="")
    place = saved(manager_client, url, mine | {"_keep": "1"})
    saved(manager_client, url, theirs)
    shown, data = opened(manager_client, place)
    assert shown == {}
    saved(manager_client, place, data)
    assert dict(service.conditions.filter(name="Elbow").values_list("anchor", "text")) == {
        "elbow": "Theirs",
        "elbow-2": "Mine",
    }


def test_condition_that_two_save_under_one_name(manager_client, service, url):
    mine, theirs = filled(manager_client, url), filled(manager_client, url)
    for data, text in ((mine, "Mine"), (theirs, "Theirs")):
        add_row(data, "conditions", name="Elbow", text=text, position="")
    saved(manager_client, url, theirs)
    saved(manager_client, url, mine)
    assert dict(service.conditions.filter(name="Elbow").values_list("anchor", "text")) == {
        "elbow": "Theirs",
        "elbow-2": "Mine",
    }


def test_minutes_that_cross(manager_client, service, url):
    Service.objects.update(session_length_text="From 30 to 45 minutes.")
    mine = filled(manager_client, url, minutes_from="45")
    theirs = filled(manager_client, url, minutes_to="30")
    saved(manager_client, url, theirs)
    answer = manager_client.post(url, mine, follow=True)
    told = "Give both numbers of minutes or none; the first may not exceed the second."
    assert f"not saved: Longest session in minutes: {told}" in answer.content.decode()
    place = answer.redirect_chain[-1][0]
    shown, data = opened(manager_client, place)
    assert shown == {"minutes_to": [told]}
    saved(manager_client, place, data | {"minutes_to": "45"})
    service.refresh_from_db()
    assert (service.minutes_from, service.minutes_to) == (45, 45)


@pytest.fixture
def broken(manager_client, clinic_url, time_machine):
    """A dated draft of the notice's end, whose notice somebody has cleared since: its form's address."""
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    tomorrow = timezone.now() + timedelta(days=1)
    Clinic.objects.update(notice="Closed today: snow", notice_until=tomorrow)
    draft = filled(manager_client, clinic_url, notice_until_0="2026-03-10", apply_at="2026-03-02T10:00")
    place = saved(manager_client, clinic_url, draft | {"_keep": "1"})
    cleared = {"notice": "", "notice_until_0": "", "notice_until_1": ""}
    saved(manager_client, clinic_url, filled(manager_client, clinic_url, **cleared))
    return place


BOTH = "A notice needs both its text and the time until which it is shown."


def test_dated_draft_that_failed_opens_and_tells_why(manager_client, manager, broken, time_machine):
    time_machine.move_to("2026-03-02T15:30:00Z", tick=False)
    assert release_due() == 0
    assert "changed in the same place" in Revision.objects.drafts().get().errors[0]
    shown, data = opened(manager_client, broken)
    in_both = "This was changed in both places. The form shows yours: compare above, then save."
    assert shown == {"notice_until": [BOTH, in_both]}
    saved(manager_client, broken, data | {"notice": "Closed until Friday", "apply_at": ""})
    assert Clinic.objects.get().notice == "Closed until Friday"


def test_draft_that_does_not_fit_is_previewed_and_shared_in_words(manager_client, broken):
    token = Revision.objects.drafts().get().token
    answer = Client().get(reverse("shared_draft", args=[token]))
    assert answer.status_code == 200
    assert f"<li>Notice until: {BOTH}</li>" in html.unescape(answer.content.decode())
    assert "<iframe" not in answer.content.decode()
    assert answer.headers["X-Robots-Tag"] == "noindex"
    _, data = opened(manager_client, broken)
    assert errors(manager_client.post(broken, data | {"_preview": "1"})) == {"notice_until": [BOTH]}


def test_preview_of_what_clashes_with_others_says_so_in_words(manager_client, clinic_url):
    mine, theirs = (christmas(manager_client, clinic_url, note) for note in ("Mine", "Theirs"))
    saved(manager_client, clinic_url, theirs)
    answer = manager_client.post(clinic_url, mine | {"_preview": "1"})
    assert LIST_CLASH in answer.content.decode()
    assert "<iframe" not in answer.content.decode()


def test_draft_that_does_not_fit_is_discarded_from_its_own_form(manager_client, broken):
    assert 'name="_discard"' in manager_client.get(broken).content.decode()
    assert manager_client.post(broken, {"_discard": "1"}).status_code == 302
    assert not Revision.objects.drafts().exists()


def test_draft_whose_address_was_taken_shows_it_and_may_change_it(manager_client, clinic):
    add = reverse("admin:pages_page_add")
    data = filled(manager_client, add, title="Parking", slug="parking", body="<p>x</p>", _keep="1")
    place = saved(manager_client, add, data)
    Page.objects.create(title="First", slug="parking")
    shown, data = opened(manager_client, place)
    assert shown == {"slug": ["Page with this Address already exists."]}
    assert data["slug"] == "parking"
    answer = Client().get(reverse("shared_draft", args=[Revision.objects.drafts().get().token]))
    assert "Address: Page with this Address already exists." in answer.content.decode()
    saved(manager_client, place, data | {"slug": "where-to-park"})
    assert set(Page.objects.values_list("slug", flat=True)) == {"parking", "where-to-park"}


def test_draft_of_an_older_rule_opens_with_what_is_wrong_now(manager_client, manager, service, url):
    """Rules become stricter, fields go and come: a draft of before still opens."""
    place = saved(manager_client, url, filled(manager_client, url, title="Draft", _keep="1"))
    draft = Revision.objects.drafts().get()
    row = draft.data["rows"][f"/{service.pk}"]
    row |= {"gone": "x", "minutes_from": "many", "booking_phone": "not a number", "picture": str(service.pk)}
    draft.save()
    shown, data = opened(manager_client, place)
    assert data["title"] == "Draft"
    assert set(shown) >= {"minutes_from", "booking_phone", "picture"}


def test_form_opens_the_draft_without_writing_to_the_page(manager_client, service, url):
    """Nothing is loaded to be shown: neither for a moment nor in a transaction that is rolled back."""
    place = saved(manager_client, url, filled(manager_client, url, title="Draft", _keep="1"))
    before = Service.objects.get().updated_at
    manager_client.get(place)
    assert Service.objects.get().updated_at == before


# Rules between rows hold on every way in


def add_hours(data, opens, closes):
    add_row(data, "opening_hours", weekday="0", opens=opens, closes=closes)


def test_hours_that_overlap_by_a_merge_do_not_go_live(manager_client, clinic_url):
    mine, theirs = filled(manager_client, clinic_url), filled(manager_client, clinic_url)
    add_hours(mine, "08:00", "12:00")
    add_hours(theirs, "09:00", "17:00")
    saved(manager_client, clinic_url, theirs)
    answer = manager_client.post(clinic_url, mine, follow=True)
    assert OVERLAP in html.unescape(answer.content.decode())
    assert [str(hours) for hours in OpeningHours.objects.all()] == ["Monday 9 a.m. to 5 p.m."]
    saved(manager_client, clinic_url, filled(manager_client, clinic_url, headline="New"))


def test_hours_that_overlapped_before_do_not_block_a_headline(manager_client, clinic_url, clinic):
    for opens, closes in (("08:00", "12:00"), ("09:00", "17:00")):
        OpeningHours.objects.bulk_create([OpeningHours(weekday=0, opens=opens, closes=closes)])
    saved(manager_client, clinic_url, filled(manager_client, clinic_url, headline="New"))
    assert Clinic.objects.get().headline == "New"
    data = filled(manager_client, clinic_url)
    add_hours(data, "16:00", "18:00")
    assert list(errors(manager_client.post(clinic_url, data)).values()) == [[OVERLAP]]


def test_dated_hours_that_overlap_by_then_fail(manager_client, clinic_url, time_machine):
    time_machine.move_to("2026-03-02T12:00:00Z", tick=False)
    mine = filled(manager_client, clinic_url, apply_at="2026-03-02T10:00", _keep="1")
    add_hours(mine, "08:00", "12:00")
    place = saved(manager_client, clinic_url, mine)
    theirs = filled(manager_client, clinic_url)
    add_hours(theirs, "09:00", "17:00")
    saved(manager_client, clinic_url, theirs)
    time_machine.move_to("2026-03-02T15:30:00Z", tick=False)
    Client().get("/")
    assert OVERLAP in Revision.objects.drafts().get().errors[0]
    assert [OVERLAP] in opened(manager_client, place)[0].values()
    assert OpeningHours.objects.count() == 1


def test_swapped_dates_are_no_clash(manager_client, clinic_url):
    for date, note in (("2026-12-24", "Eve"), ("2026-12-25", "Day")):
        HoursException.objects.create(date=date, note=note)
    data = filled(manager_client, clinic_url)
    dates = sorted(name for name in data if re.fullmatch(r"hours_exceptions-\d-date", name))
    data[dates[0]], data[dates[1]] = data[dates[1]], data[dates[0]]
    saved(manager_client, clinic_url, data)
    assert {str(day.date): day.note for day in HoursException.objects.all()} == {
        "2026-12-25": "Eve",
        "2026-12-24": "Day",
    }


@pytest.mark.parametrize(("failures", "is_draft"), [(1, False), (2, True)])
def test_new_page_that_loses_a_race_is_asked_once_more(manager_client, clinic, monkeypatch, failures, is_draft):
    """The form knows better the second time; what fails again is saved as a draft."""
    add, stock, calls = reverse("admin:pages_page_add"), drafts.load, []

    def load(data):
        calls.append(data)
        if len(calls) <= failures:
            raise ValidationError("Another took the address.")
        stock(data)

    monkeypatch.setattr(drafts, "load", load)
    place = saved(manager_client, add, filled(manager_client, add, title="New", slug="parking", body="<p>x</p>"))
    assert ("?revision=" in place, Page.objects.exists()) == (is_draft, not is_draft)
