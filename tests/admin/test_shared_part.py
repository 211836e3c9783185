"""A link to a draft shows what was shared, and of what it belongs to only what is public; staff see both."""

import html
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from publishing.models import Revision
from publishing.revisions.preview import leave_hidden_whole
from services.models import FAQ, Benefit, Service
from tests.admin.forms import filled
from tests.admin.rows import address

HIDDEN = ("Secret therapy", "secret-therapy", "Hidden question", "Hidden benefit")
WHEN = {"draft": None, "waiting": timedelta(days=1)}


@pytest.fixture(params=WHEN)
def question(clinic, request):
    """One of several questions of a service that is not public."""
    wait = WHEN[request.param]
    service = Service.objects.create(
        title=HIDDEN[0], slug=HIDDEN[1], position=0, publish_at=wait and timezone.now() + wait
    )
    Benefit.objects.create(service=service, text=HIDDEN[3])
    FAQ.objects.create(service=service, question=f"{HIDDEN[2]}?", answer="No.")
    FAQ.objects.create(question="General question?", answer="Yes.")
    return FAQ.objects.create(service=service, question="Does it hurt?", answer="A little.")


def shown_to_stranger(draft):
    answer = Client().get(reverse("shared_draft", args=[draft.token]))
    assert answer.status_code == 200
    return html.unescape(html.unescape(answer.content.decode()))


@pytest.fixture
def shown(manager_client, question):
    url = address("services_faq", "change", question.pk)
    manager_client.post(url, filled(manager_client, url, answer="Just typed.", _keep="1"))
    return shown_to_stranger(Revision.objects.drafts().get())


def test_link_to_a_question_shows_nothing_of_its_hidden_service(shown):
    assert "Does it hurt?" in shown
    assert "Just typed." in shown
    assert [word for word in HIDDEN if word in shown] == []


def test_question_by_itself_stands_among_what_is_public(shown):
    assert "General question?" in shown
    assert Service.objects.get(slug="muscle-scraping-therapy").title in shown


def test_shown_question_still_belongs_to_its_service(shown, question):
    service = FAQ.objects.get(pk=question.pk).service
    assert service == question.service
    assert not service.is_live
    assert HIDDEN[2] not in Client().get("/faq/").content.decode()


def test_link_to_a_new_question_shows_nothing_of_its_hidden_service(manager_client, question):
    url = address("services_faq", "add")
    typed = {"question": "New question?", "answer": "New.", "service": str(question.service_id), "_keep": "1"}
    manager_client.post(url, filled(manager_client, url, **typed))
    shown = shown_to_stranger(Revision.objects.drafts().get())
    assert "New question?" in shown
    assert [word for word in HIDDEN if word in shown] == []


def test_link_to_a_question_of_a_public_service_shows_it_there(manager_client, question):
    service = Service.objects.get(slug="muscle-scraping-therapy")
    url = address("services_faq", "change", service.questions.first().pk)
    manager_client.post(url, filled(manager_client, url, answer="Just typed.", _keep="1"))
    shown = shown_to_stranger(Revision.objects.drafts().get())
    assert shown.index(f">{service.title}</a></h2>") < shown.index("Just typed.")


def test_link_to_the_service_shows_all_of_it(manager_client, question):
    url = address("services_service", "change", question.service_id)
    manager_client.post(url, filled(manager_client, url, _keep="1"))
    shown = shown_to_stranger(Revision.objects.drafts().get())
    assert [word for word in HIDDEN if word not in shown] == []


def test_staff_preview_a_question_in_its_hidden_service(manager_client, question):
    url = address("services_faq", "change", question.pk)
    data = filled(manager_client, url, answer="Just typed.", _preview="1")
    shown = html.unescape(html.unescape(manager_client.post(url, data).content.decode()))
    assert shown.index(f">{HIDDEN[0]}</a></h2>") < shown.index("Just typed.")


def test_part_that_cannot_stand_by_itself_is_not_shown(question):
    benefit = question.service.benefits.get()
    with pytest.raises(ValidationError, match="part of something that is not public"):
        leave_hidden_whole(benefit)
    assert benefit.service == question.service
