"""Texts beyond their bounds are refused beside their field, and stay if they were stored before there was one."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from pages.models import DEEPEST_BODY, LONGEST_BODY, Page, depth_of, sanitized
from publishing.models import LONGEST_TEXT, Revision
from publishing.revisions.snapshot import take
from publishing.revisions.whole import load
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.admin.forms import add_row, errors, filled
from tests.admin.rows import MAKERS, address
from tests.publishing.test_snapshot import edited

LONG = "x" * (LONGEST_TEXT + 1)
TOO_LONG = "This text has 10,001 characters, 1 too many. At most 10,000 fit here: shorten it, or divide it."
DEEP = "<ul><li>" * (DEEPEST_BODY // 2) + "x"
TOO_DEEP = "<ul><li>" * (DEEPEST_BODY // 2) + "<p><strong>x"


def nested(pairs):
    return "<ul><li>" * pairs


@pytest.mark.parametrize("button", [{}, {"_keep": "1"}, {"_preview": "1"}])
def test_long_text_is_refused_beside_its_field_and_shown_again(manager_client, service, button):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, what_it_is=LONG, **button)
    row = add_row(data, "questions", question="Why?", answer=LONG)
    answer = manager_client.post(url, data)
    assert errors(answer) == {"what_it_is": [TOO_LONG], f"{row}-answer": [TOO_LONG]}
    assert answer.content.decode().count(LONG) == 2


def test_text_of_the_bound_is_saved(manager_client, service):
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, what_it_is=LONG[1:])
    assert manager_client.post(url, data).status_code == 302
    assert Service.objects.get().what_it_is == LONG[1:]


@pytest.mark.parametrize(
    ("model", "field"),
    [("services_service", "lead"), ("services_faq", "answer"), ("testimonials_testimonial", "quote")],
)
def test_stored_longer_text_opens_is_shown_and_saved_unchanged(manager_client, clinic, model, field):
    row = MAKERS[model](1)
    type(row).objects.filter(pk=row.pk).update(**{field: LONG})
    if model == "testimonials_testimonial":
        Testimonial.objects.update(publish_at="2026-01-01T12:00Z")
    url = address(model, "change", row.pk)
    naming = {"services_service": "title", "services_faq": "question", "testimonials_testimonial": "name"}[model]
    assert manager_client.post(url, filled(manager_client, url, **{naming: "Renamed"})).status_code == 302
    row.refresh_from_db()
    assert (getattr(row, naming), getattr(row, field)) == ("Renamed", LONG)
    assert LONG in Client().get(row.get_absolute_url()).content.decode()
    assert errors(manager_client.post(url, filled(manager_client, url, **{field: LONG + "x"})))


def test_stored_longer_text_of_a_part_does_not_hinder_its_other_fields(manager_client, service):
    question = service.questions.first()
    FAQ.objects.filter(pk=question.pk).update(answer=LONG)
    url = address("services_service", "change", service.pk)
    data = filled(manager_client, url, **{"questions-0-question": "Renamed?"})
    assert manager_client.post(url, data).status_code == 302
    data = filled(manager_client, url, **{"questions-0-answer": LONG + "y"})
    assert list(errors(manager_client.post(url, data))) == ["questions-0-answer"]


def test_long_text_of_a_draft_is_not_released(service):
    live = take(service)
    with pytest.raises(ValidationError, match="First paragraph: This text has"), transaction.atomic():
        load(edited(live, lead=LONG))
    with transaction.atomic():
        load(edited(live, lead=LONG[1:]))


def test_long_and_deep_bodies_are_refused_beside_the_field(manager_client, db):
    url = address("pages_page", "add")
    refused = {"x" * (LONGEST_BODY + 1): "This text has 50,001 characters,", TOO_DEEP: "Too many lists or styles"}
    for body, words in refused.items():
        data = filled(manager_client, url, title="Parking", slug="parking", body=body)
        answer = manager_client.post(url, data)
        assert [words in error for error in errors(answer)["body"]] == [True]
        assert data["body"] == answer.context["adminform"].form["body"].value()
    data = filled(manager_client, url, title="Parking", slug="parking", body=DEEP)
    assert manager_client.post(url, data).status_code == 302
    assert depth_of(Page.objects.get().body) == DEEPEST_BODY


def test_long_body_is_refused_before_it_is_worked_on(db, monkeypatch):
    monkeypatch.setattr("pages.models.sanitized", lambda text: 1 / 0)
    monkeypatch.setattr(Page._meta.get_field("body"), "sanitize", lambda text: 1 / 0)
    with pytest.raises(ValidationError, match="characters"):
        Page(title="T", slug="t", body=nested(LONGEST_BODY)).full_clean()


def test_stored_deep_body_opens_is_shown_and_saved_unchanged(manager_client, clinic):
    deep = sanitized(nested(500))
    page = Page.objects.create(title="Parking", slug="parking", body=deep, publish_at="2026-01-01T12:00Z")
    url = address("pages_page", "change", page.pk)
    assert manager_client.post(url, filled(manager_client, url, title="Renamed")).status_code == 302
    page.refresh_from_db()
    assert (page.title, page.body) == ("Renamed", deep)
    assert Client().get("/parking/").status_code == 200


def test_depth_counts_elements_in_each_other():
    assert depth_of("") == depth_of("text &lt;b") == 0
    assert depth_of("<p>a</p><p>b</p>") == 1
    assert depth_of("<ul><li>a<strong>b</strong></li><li>c</li></ul>") == 3


def test_long_text_of_an_older_version_is_refused_beside_its_field(manager_client, clinic):
    question = FAQ.objects.create(question="Why?", answer="So.")
    FAQ.objects.filter(pk=question.pk).update(answer=LONG)
    url = address("services_faq", "change", question.pk)
    manager_client.get(url)
    manager_client.post(url, filled(manager_client, url, answer="Short."))
    place = f"{url}?revision={Revision.objects.versions().last().pk}"
    answer = manager_client.post(place, filled(manager_client, place))
    assert list(errors(answer)) == ["answer"]
    assert LONG in answer.content.decode()
