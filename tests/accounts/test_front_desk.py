"""The front desk: notice, hours, special days and telephone; nothing else, in whichever way."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import CLINIC_KEY, Clinic, HoursException, OpeningHours
from publishing.models import Revision
from publishing.revisions.release import release_due
from publishing.revisions.rights import unchangeable
from tests.admin.forms import add_row, filled

URL = reverse("admin:pages_clinic_change", args=[CLINIC_KEY])
FORGED = {
    "name": "Forged",
    "headline": "Forged",
    "street": "Forged",
    "city": "Forged",
    "state": "XX",
    "fax": "+19735550199",
}
FORGED |= {"postal_code": "99999", "email": "forged@example.com", "social_links": "https://example.com/forged"}
LATER = "2099-01-01T00:00"


@pytest.fixture
def desk(clinic, person, signed_in):
    return signed_in(person("desk", "Front desk"))


@pytest.fixture
def boss(clinic, person, signed_in):
    return signed_in(person("boss", "Manager"))


def notice(words):
    tomorrow = timezone.localtime() + timedelta(days=1)
    return {"notice": words, "notice_until_0": f"{tomorrow:%Y-%m-%d}", "notice_until_1": "12:00"}


def fixed():
    return Clinic.objects.values(*FORGED).get()


def test_home_of_the_front_desk_has_its_task(desk):
    page = desk.get("/admin/")
    assertContains(page, "Opening hours, telephone and notice")
    assertNotContains(page, "This login has no role yet")
    assertNotContains(page, "Edit a service")


def test_front_desk_changes_notice_hours_special_days_and_telephone(desk):
    data = filled(desk, URL, phone="(973) 555-0177", **notice("Closed today: snow"))
    add_row(data, "opening_hours", weekday="5", opens="09:00", closes="12:00")
    add_row(data, "hours_exceptions", date="2030-12-25", opens="", closes="", note="Christmas")
    assert desk.post(URL, data).status_code == 302
    clinic = Clinic.objects.get()
    assert (clinic.notice, str(clinic.phone)) == ("Closed today: snow", "(973) 555-0177")
    assert OpeningHours.objects.filter(weekday=5).exists()
    assert HoursException.objects.filter(note="Christmas").exists()
    assertContains(desk.get("/"), "Closed today: snow")
    assertContains(desk.get(URL.replace("change", "history")), "Closed today: snow")


def test_form_of_the_front_desk_has_no_other_fields(desk):
    names = filled(desk, URL).keys()
    assert not names & FORGED.keys()
    assert {"phone", "notice", "notice_until_0"} <= names


def test_forged_fields_stay_as_they_are(desk):
    before = fixed()
    assert desk.post(URL, filled(desk, URL, **notice("Snow")) | FORGED).status_code == 302
    assert (Clinic.objects.get().notice, fixed()) == ("Snow", before)


def test_forged_draft_holds_none_of_it_whoever_publishes_it(desk, boss):
    before = fixed()
    place = desk.post(URL, filled(desk, URL, **notice("Snow")) | FORGED | {"_keep": "1"}).headers["Location"]
    draft = Revision.objects.drafts().get()
    assert "Forged" not in str(draft.data)
    assert boss.post(place, filled(boss, place)).status_code == 302
    assert (Clinic.objects.get().notice, fixed()) == ("Snow", before)


def test_forged_preview_shows_none_of_it(desk):
    assertNotContains(desk.post(URL, filled(desk, URL) | FORGED | {"_preview": "1"}), "Forged")


def test_dated_change_of_the_front_desk_goes_live_without_what_was_forged(desk, time_machine):
    before = fixed()
    assert desk.post(URL, filled(desk, URL, phone="(973) 555-0177", apply_at=LATER) | FORGED).status_code == 302
    Revision.objects.drafts().update(apply_at=timezone.now())
    assert release_due() == 1
    assert (str(Clinic.objects.get().phone), fixed()) == ("(973) 555-0177", before)


def test_dated_draft_that_holds_more_goes_live_without_it(desk):
    """Whatever wrote it: the release asks once more what its author may."""
    before = fixed()
    desk.post(URL, filled(desk, URL, phone="(973) 555-0177", apply_at=LATER))
    draft = Revision.objects.drafts().get()
    draft.data["rows"][f"/{CLINIC_KEY}"]["headline"] = "Forged"
    draft.apply_at = timezone.now()
    draft.save()
    assert release_due() == 1
    assert (str(Clinic.objects.get().phone), fixed()) == ("(973) 555-0177", before)


def test_merge_keeps_what_a_manager_changed_meanwhile(desk, boss):
    stale = filled(desk, URL, **notice("Snow"))
    boss.post(URL, filled(boss, URL, headline="New headline"))
    assert desk.post(URL, stale | {"headline": "Forged"}).status_code == 302
    clinic = Clinic.objects.get()
    assert (clinic.notice, clinic.headline) == ("Snow", "New headline")


def test_dated_change_does_not_bring_an_older_name_back(desk, boss):
    """The name is changed and changed back between the opening of the form and the release."""
    first = Clinic.objects.get().name
    stale = filled(desk, URL, phone="(973) 555-0177", apply_at=LATER)
    boss.post(URL, filled(boss, URL, name="Other name"))
    desk.post(URL, stale)
    boss.post(URL, filled(boss, URL, name=first))
    Revision.objects.drafts().update(apply_at=timezone.now())
    assert release_due() == 1
    assert Clinic.objects.get().name == first


def test_older_version_comes_back_without_its_name_and_address(desk, boss):
    boss.post(URL, filled(boss, URL, phone="(973) 555-0177"))
    boss.post(URL, filled(boss, URL, headline="New headline", street="1 New Street", phone="(973) 555-0188"))
    before = fixed()
    old = Revision.objects.versions().order_by("pk")[1]
    place = f"{URL}?revision={old.pk}"
    assert desk.post(place, filled(desk, place)).status_code == 302
    assert (str(Clinic.objects.get().phone), fixed()) == ("(973) 555-0177", before)


def test_draft_of_a_manager_that_changes_more_is_neither_lost_nor_published(desk, boss):
    before = fixed()
    place = boss.post(URL, filled(boss, URL, headline="New headline", **notice("Snow")) | {"_keep": "1"}).headers[
        "Location"
    ]
    assertNotContains(desk.get(place), 'name="_discard"')
    assert desk.post(place, {"_discard": "1"}).status_code == 403
    desk.post(place, filled(desk, place) | {"_keep": "1"})
    page = desk.post(place, filled(desk, place), follow=True)
    assertContains(page, "The draft stays")
    assert (Clinic.objects.get().notice, fixed()) == ("Snow", before)
    draft = Revision.objects.drafts().order_by("pk").first()
    assert draft.data["rows"][f"/{CLINIC_KEY}"]["headline"] == "New headline"


def test_draft_of_a_manager_within_those_fields_is_published_and_closed(desk, boss):
    place = boss.post(URL, filled(boss, URL, **notice("Snow")) | {"_keep": "1"}).headers["Location"]
    assert desk.post(place, filled(desk, place)).status_code == 302
    assert Clinic.objects.get().notice == "Snow"
    assert not Revision.objects.drafts().exists()


@pytest.mark.parametrize(
    "path", ["/admin/services/service/", "/admin/pages/page/", "/admin/auth/user/", "/admin/pictures/picture/"]
)
def test_front_desk_sees_nothing_else(desk, path):
    assert desk.get(path).status_code == 403


def test_who_has_another_role_as_well_has_both(person, clinic):
    both = person("both", "Front desk", "Publisher")
    assert unchangeable(both, Clinic) == set()
    assert unchangeable(person("desk", "Front desk"), Clinic) == {*FORGED}
    assert unchangeable(person("none"), Clinic) == set(), "who may publish nothing of it keeps drafts of all"


def test_each_field_of_the_table_is_one_of_the_model():
    names = {field.name for field in Clinic._meta.fields}
    assert {name for fields in Clinic.fields_by_right.values() for name in fields} <= names
