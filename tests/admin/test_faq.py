import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from services.models import FAQ
from tests.admin.forms import errors, filled
from tests.admin.rows import address, question, service

ADD = address("services_faq", "add")
LIST = address("services_faq", "changelist")


@pytest.fixture
def general(db):
    return FAQ.objects.create(question="Do you take walk-ins?", answer="Please call first.")


def test_general_question_is_public_at_once(manager_client, client):
    data = filled(manager_client, ADD, question="Where do I park?", answer="In the yard.")
    assertRedirects(manager_client.post(ADD, data), LIST)
    assertContains(client.get(reverse("faq")), "Where do I park?")


def test_list_names_the_service_or_says_general(manager_client, general):
    question(1)
    response = manager_client.get(LIST)
    assertContains(response, '<td class="field-about">General</td>', html=True)
    assertContains(response, '<td class="field-about">Service 1</td>', html=True)


def test_general_questions_come_first_then_service_by_service(manager_client, general):
    first = question(1)
    second = FAQ.objects.create(service=service(2), question="Second?", answer="Yes.")
    late = FAQ.objects.create(service=first.service, question="Late?", answer="Yes.")
    assert list(manager_client.get(LIST).context["cl"].result_list) == [general, first, late, second]


def test_filter_by_service_knows_the_general_questions(manager_client, general):
    other = question(1)
    of_service = manager_client.get(LIST, {"service__id__exact": other.service_id})
    without = manager_client.get(LIST, {"service__isnull": "True"})
    assert list(of_service.context["cl"].result_list) == [other]
    assert list(without.context["cl"].result_list) == [general]


def test_only_a_public_question_can_be_viewed_on_the_site(manager_client, general):
    draft, public = question(1), question(2)
    draft.service.publish_at = None
    draft.service.save()
    public.service.publish_at = timezone.now()
    public.service.save()
    for row in (general, public):
        assertContains(manager_client.get(address("services_faq", "change", row.pk)), "View on site")
    assertNotContains(manager_client.get(address("services_faq", "change", draft.pk)), "View on site")


def test_question_without_an_answer_is_refused_and_kept(manager_client, db):
    response = manager_client.post(ADD, filled(manager_client, ADD, question="Where do I park?"))
    assert errors(response) == {"answer": ["This field is required."]}
    assertContains(response, "Where do I park?")
