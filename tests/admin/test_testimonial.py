import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from testimonials.models import Testimonial
from tests.admin import rows
from tests.admin.forms import errors, filled
from tests.admin.rows import address

ADD = address("testimonials_testimonial", "add")
LIST = address("testimonials_testimonial", "changelist")
QUOTE = "All the therapists are awesome and they took the time to explain each of the exercises."


def test_testimonial_is_public_once_it_is_dated(manager_client, client):
    data = filled(manager_client, ADD, quote=QUOTE, name="A. Patient")
    data |= {"publish_at_0": "2026-01-01", "publish_at_1": "09:00"}
    assertRedirects(manager_client.post(ADD, data), LIST)
    assertContains(client.get(reverse("testimonials")), QUOTE)


def test_list_shows_the_start_of_the_quote_and_whom_it_praises(manager_client, db):
    Testimonial.objects.create(quote=QUOTE, name="A. Patient")
    response = manager_client.get(LIST)
    assertContains(response, "All the therapists are awesome and they took the time to explain…")
    assertContains(response, '<td class="field-praised">The clinic</td>', html=True)


@pytest.mark.parametrize(("consent", "which"), [("yes", 0), ("no", 1)])
def test_filter_finds_those_whose_consent_is_not_noted(manager_client, consent, which):
    found = [rows.testimonial(1), rows.testimonial(2)]
    found[0].consent_noted_at = timezone.now()
    found[0].save()
    response = manager_client.get(LIST, {"consent": consent})
    assert list(response.context["cl"].result_list) == [found[which]]
    assertContains(response, f'alt="{consent == "yes"}"')


def test_filter_by_service_knows_those_about_the_clinic(manager_client, db):
    other = rows.testimonial(1)
    of_clinic = Testimonial.objects.create(quote=QUOTE, name="A. Patient")
    of_service = manager_client.get(LIST, {"service__id__exact": other.service_id})
    without = manager_client.get(LIST, {"service__isnull": "True"})
    assert list(of_service.context["cl"].result_list) == [other]
    assert list(without.context["cl"].result_list) == [of_clinic]


def test_both_dates_name_their_zone(manager_client):
    assertContains(manager_client.get(ADD), "Times are in America/New_York", count=2)


def test_testimonial_without_a_name_is_refused_and_kept(manager_client, db):
    response = manager_client.post(ADD, filled(manager_client, ADD, quote=QUOTE))
    assert errors(response) == {"name": ["This field is required."]}
    assertContains(response, QUOTE)
