import pytest
from django.urls import reverse
from django.utils import timezone

from services.models import FAQ, Benefit, Claim, Comparison, Condition, Service, SessionStep
from testimonials.models import Testimonial
from tests.everywhere.walk import SERVICE


def grow(service, rows):
    """`rows` more of everything that a page lists."""
    now = timezone.now()
    start = service.conditions.count()
    for number in range(rows):
        Benefit.objects.create(service=service, text="Text")
        Claim.objects.create(service=service, text="A 2020 study.")
        Comparison.objects.create(service=service, other="Other", other_text="This", own_text="That")
        Condition.objects.create(
            service=service, name="Name", anchor=f"anchor-{start + number}", text="Text", regions=["neck"]
        )
        SessionStep.objects.create(service=service, title="Step", points="One\nTwo")
        FAQ.objects.create(service=service, question="Why?", answer="Because.")
        FAQ.objects.create(question="Why?", answer="Because.")
        Testimonial.objects.create(quote="Good.", name="Name", publish_at=now, service=service)
        other = Service.objects.create(title="Other", slug=f"other-{start + number}", publish_at=now)
        FAQ.objects.create(service=other, question="How?", answer="So.")


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        (SERVICE, 15),
        ("/", 14),
        ("/services/", 8),
        ("/testimonials/", 8),
        ("/faq/", 8),
        ("/contact/", 11),
        ("/privacy/", 7),
    ],
)
def test_queries_do_not_grow_with_the_rows(client, service, django_assert_num_queries, address, queries):
    for rows in (1, 20):
        grow(service, rows)
        with django_assert_num_queries(queries):
            assert client.get(address).status_code == 200


def test_feeds_for_machines_ask_little(client, full_site, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(reverse("robots"))
    with django_assert_num_queries(3):
        client.get(reverse("clinic_card"))


def test_missing_page_asks_no_more_than_its_frame_and_the_redirects(client, clinic, django_assert_num_queries):
    client.get("/no-such-page/")
    with django_assert_num_queries(7):
        assert client.get("/no-such-page/").status_code == 404
