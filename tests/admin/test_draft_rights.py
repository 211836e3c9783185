"""Rights on the rows of a form, and what a tampered or stale form must not do."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pages.models import Clinic, OpeningHours, Page
from publishing.models import Revision
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.forms import add_row, errors, filled
from tests.admin.rows import recorded

NEW_KEY = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def logged_in_with(django_user_model):
    """A function that logs in somebody with these permissions."""

    def log_in(*codenames):
        user = django_user_model.objects.create_user("narrow", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return log_in


@pytest.fixture
def url(service):
    return reverse("admin:services_service_change", args=[service.pk])


EDITOR = ("view_service", "change_service", "publish_service")


@pytest.mark.parametrize("rights", [["view_benefit"], ["view_benefit", "change_benefit"], []])
def test_rows_that_no_form_names_stay(logged_in_with, service, url, rights):
    client = logged_in_with(*EDITOR, *rights)
    data = {name: value for name, value in filled(client, url).items() if not name.startswith("benefits-")}
    data |= {"benefits-TOTAL_FORMS": "0", "benefits-INITIAL_FORMS": "0", "title": "New"}
    assert client.post(url, data).status_code == 302
    assert Service.objects.get().title == "New"
    assert service.benefits.count() == 5


def test_row_is_not_deleted_without_the_right(logged_in_with, service, url):
    client = logged_in_with(*EDITOR, "view_benefit", "change_benefit")
    assert client.post(url, filled(client, url) | {"benefits-0-DELETE": "on"}).status_code == 302
    assert service.benefits.count() == 5


def test_row_is_not_changed_without_the_right(logged_in_with, service, url):
    client = logged_in_with(*EDITOR, "view_benefit")
    key = str(service.benefits.first().pk)
    rows = {"benefits-TOTAL_FORMS": "1", "benefits-INITIAL_FORMS": "1", "benefits-0-id": key, "benefits-0-text": "X"}
    assert client.post(url, filled(client, url) | rows).status_code == 302
    assert not service.benefits.filter(text="X").exists()


@pytest.mark.parametrize("rights", [["view_benefit", "change_benefit"], ["view_benefit"]])
def test_row_with_an_unknown_key_is_not_added(logged_in_with, service, url, rights):
    client = logged_in_with(*EDITOR, *rights)
    data = filled(client, url)
    data |= {"benefits-TOTAL_FORMS": "6", "benefits-INITIAL_FORMS": "6"}
    data |= {"benefits-5-id": NEW_KEY, "benefits-5-text": "Slipped in", "benefits-5-service": str(service.pk)}
    client.post(url, data)
    assert service.benefits.count() == 5


def test_unknown_key_is_told_to_who_may_change_rows(manager_client, service, url):
    data = filled(manager_client, url) | {"benefits-0-id": NEW_KEY, "benefits-0-text": "Changed"}
    assert errors(manager_client.post(url, data))["benefits-0-id"] == ["This row does not belong to this form."]


def test_blank_rows_of_a_tampered_form_make_no_draft_that_cannot_open(logged_in_with, clinic):
    place = reverse("admin:pages_clinic_change", args=[clinic.pk])
    client = logged_in_with("view_clinic", "change_clinic", "publish_clinic", "view_openinghours")
    data = filled(client, place) | {"opening_hours-TOTAL_FORMS": "2", "opening_hours-INITIAL_FORMS": "2", "_keep": "1"}
    draft = client.post(place, data).headers["Location"]
    assert client.get(draft).status_code == 200
    assert not any(key.startswith("opening_hours") for key in Revision.objects.drafts().get().data["rows"])


def test_draft_with_a_row_that_lacks_a_value_opens(manager_client, clinic):
    place = reverse("admin:pages_clinic_change", args=[clinic.pk])
    data = filled(manager_client, place)
    for prefix, values in (("opening_hours", {"weekday": "0", "opens": "08:00", "closes": "09:00"}),) * 2:
        add_row(data, prefix, **values | {"weekday": str(len(data) % 7)})
    add_row(data, "hours_exceptions", date="2026-12-25", note="Christmas")
    draft = manager_client.post(place, data | {"_keep": "1"}).headers["Location"]
    revision = Revision.objects.drafts().get()
    lacking = {"opening_hours": {"opens": None, "closes": "soon"}, "hours_exceptions": {"date": None}}
    for key, row in revision.data["rows"].items():
        row.update(lacking.get(key.split("/")[0], {}))
    revision.data["rows"][f"gone/{NEW_KEY}"] = {"text": "Of a part that the model had once"}
    revision.save()
    assert manager_client.get(draft).status_code == 200
    assert Client().get(reverse("shared_draft", args=[revision.token])).status_code == 200
    assert manager_client.get("/admin/").status_code == 200


# Stale forms


@pytest.fixture
def new_draft(manager_client, clinic):
    """The form of a draft of a page that does not exist yet."""
    add = reverse("admin:pages_page_add")
    data = filled(manager_client, add, title="Parking", slug="parking", body="<p>x</p>", _keep="1")
    return manager_client.post(add, data).headers["Location"]


def test_new_draft_that_another_published_meanwhile_overwrites_nothing(manager_client, new_draft):
    mine, theirs = filled(manager_client, new_draft, title="Mine"), filled(manager_client, new_draft)
    assert manager_client.post(new_draft, theirs).status_code == 302
    page = Page.objects.get()
    place = reverse("admin:pages_page_change", args=[page.pk])
    assert manager_client.post(place, filled(manager_client, place, slug="theirs")).status_code == 302
    assert manager_client.post(new_draft, mine).status_code == 302
    page.refresh_from_db()
    assert (page.title, page.slug) == ("Mine", "theirs")


def test_new_draft_that_clashes_with_what_another_published_is_saved_as_a_draft(manager_client, new_draft):
    mine, theirs = filled(manager_client, new_draft, title="Mine"), filled(manager_client, new_draft)
    manager_client.post(new_draft, theirs)
    page = Page.objects.get()
    place = reverse("admin:pages_page_change", args=[page.pk])
    manager_client.post(place, filled(manager_client, place, title="Theirs"))
    text = manager_client.post(new_draft, mine, follow=True).content.decode()
    assert "changed the same place meanwhile" in text
    page.refresh_from_db()
    assert page.title == "Theirs"
    assert str(Revision.objects.drafts().get()) == "Mine"


def test_page_restored_and_changed_meanwhile_is_not_overwritten(manager_client, clinic):
    page = Page.objects.create(title="Parking", slug="parking", body="<p>x</p>")
    place = reverse("admin:pages_page_change", args=[page.pk])
    version = f"{place}?revision={recorded(page).pk}"
    manager_client.post(place.replace("change", "delete"), {"post": "yes"})
    mine, theirs = filled(manager_client, version, title="Mine"), filled(manager_client, version)
    manager_client.post(version, theirs)
    manager_client.post(place, filled(manager_client, place, slug="theirs"))
    manager_client.post(version, mine)
    page = Page.objects.get()
    assert (page.title, page.slug) == ("Mine", "theirs")


def test_question_of_a_deleted_service_does_not_become_public_at_once(manager_client, clinic):
    hidden = Service.objects.create(title="Cupping", slug="cupping")
    question = FAQ.objects.create(service=hidden, question="Does it hurt?", answer="No.")
    place = reverse("admin:services_faq_change", args=[question.pk])
    version = f"{place}?revision={recorded(question).pk}"
    hidden.delete()
    answer = manager_client.post(version, filled(manager_client, version), follow=True)
    assert "what it belonged to no longer exists" in answer.content.decode()
    assert not FAQ.objects.filter(pk=question.pk).exists()
    again = answer.redirect_chain[-1][0]
    assert manager_client.post(again, filled(manager_client, again)).status_code == 302
    assert FAQ.objects.get(pk=question.pk).service is None


# What only those who publish may change


def test_contributor_brings_no_consent_back_by_an_older_version(logged_in_with, manager_client, clinic):
    quote = Testimonial.objects.create(quote="Good.", name="A", consent_noted_at=timezone.now())
    place = reverse("admin:testimonials_testimonial_change", args=[quote.pk])
    noted = recorded(quote)
    manager_client.post(place, filled(manager_client, place, consent_noted_at_0="", consent_noted_at_1=""))
    client = logged_in_with("view_testimonial", "change_testimonial", "add_testimonial")
    version = f"{place}?revision={noted.pk}"
    assert client.post(version, filled(client, version, quote="Better.")).status_code == 302
    quote.refresh_from_db()
    assert (quote.quote, quote.consent_noted_at) == ("Better.", None)


def test_contributor_has_no_save_button_for_a_deleted_page_that_was_public(logged_in_with, manager_client, clinic):
    page = Page.objects.create(title="Parking", slug="parking", publish_at=timezone.now())
    place = reverse("admin:pages_page_change", args=[page.pk])
    manager_client.get(place)
    manager_client.post(place, filled(manager_client, place, publish_at_0="", publish_at_1=""))
    hidden = Revision.objects.versions().first()
    manager_client.post(place.replace("change", "delete"), {"post": "yes"})
    client = logged_in_with("view_page", "change_page", "add_page")
    text = client.get(f"{place}?revision={hidden.pk}").content.decode()
    assert 'name="_keep"' in text
    assert 'name="_save"' not in text


def test_moved_question_is_told_when_the_draft_is_saved(manager_client, service, url):
    other = Service.objects.create(title="Cupping", slug="cupping")
    question = service.questions.first()
    changed = {"questions-0-answer": "Edited here.", "_keep": "1"}
    draft = manager_client.post(url, filled(manager_client, url) | changed).headers["Location"]
    FAQ.objects.filter(pk=question.pk).update(service=other)
    text = manager_client.post(draft, filled(manager_client, draft), follow=True).content.decode()
    assert "belongs elsewhere now and stays there." in text


def test_hours_that_overlap_already_block_no_other_day(manager_client, clinic):
    for opens, closes in (("09:00", "12:00"), ("11:00", "14:00")):
        OpeningHours.objects.bulk_create([OpeningHours(weekday=0, opens=opens, closes=closes)])
    place = reverse("admin:pages_clinic_change", args=[clinic.pk])
    data = filled(manager_client, place)
    add_row(data, "opening_hours", weekday="3", opens="09:00", closes="12:00")
    manager_client.post(place, data)
    assert OpeningHours.objects.filter(weekday=3).exists()
    OpeningHours.objects.create(weekday=4, opens="09:00", closes="12:00")
    assert Clinic.objects.exists()
