from datetime import timedelta

import pytest
from django.utils import timezone

from pages import queries
from services.models import FAQ, Service
from testimonials.models import Testimonial


@pytest.fixture
def states(db):
    """A service of each state, by its name: a draft, two that wait for their date, one that is public."""
    now = timezone.now()
    dates = {"draft": None, "waiting": now + timedelta(hours=1), "later": now + timedelta(days=9), "public": now}
    return {name: Service.objects.create(title=name, slug=name, publish_at=date) for name, date in dates.items()}


def test_object_is_live_from_its_date_on(states):
    assert [service.title for service in Service.objects.live()] == ["public"]
    assert [service.title for service in states.values() if service.is_live] == ["public"]


@pytest.mark.parametrize(("name", "status"), [("draft", 404), ("waiting", 404), ("public", 200)])
def test_page_of_a_service_that_is_not_live_is_not_found(client, states, name, status):
    assert client.get(f"/services/{name}/").status_code == status


def test_service_becomes_public_at_its_date(client, states, time_machine):
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    assert client.get("/services/waiting/").status_code == 200


def test_question_is_live_only_if_its_service_is(states):
    for service in (*states.values(), None):
        FAQ.objects.create(service=service, question=str(service), answer="Answer")
    assert {question.question for question in FAQ.objects.live()} == {"public", "None"}


def test_testimonial_of_a_draft_service_is_shown_as_one_of_the_clinic(states):
    now = timezone.now()
    Testimonial.objects.create(quote="Q", name="Of the clinic", publish_at=now)
    Testimonial.objects.create(quote="Q", name="Of another", publish_at=now, service=states["waiting"])
    for service in (None, states["public"]):
        Testimonial.objects.create(quote="Q", name="Draft", service=service)
        Testimonial.objects.create(quote="Q", name="Later", service=service, publish_at=now + timedelta(hours=1))
    assert [row.name for row in queries.testimonials_about(states["public"])] == ["Of the clinic"]


def test_new_row_goes_to_the_end_of_its_siblings(states):
    first, second = (
        FAQ.objects.create(service=states["public"], question="Q", answer="A"),
        FAQ.objects.create(service=states["public"], question="Q", answer="A"),
    )
    other = FAQ.objects.create(service=states["draft"], question="Q", answer="A")
    general = FAQ.objects.create(question="Q", answer="A")
    assert [row.position for row in (first, second, other, general)] == [1, 2, 1, 1]
