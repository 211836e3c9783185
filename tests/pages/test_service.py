from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.sections import service_sections
from services.models import RESERVED_ANCHORS, Service
from testimonials.models import Testimonial


def test_service_page_tells_all_of_it(client, service):
    answer = client.get("/services/muscle-scraping-therapy/")
    assertContains(answer, "vs. Muscle Scraping", count=3)
    assertContains(answer, "<h3>2. Targeted Muscle Scraping Treatment</h3>")
    assertContains(answer, "<b>Skin Response:</b>")
    assertContains(answer, 'href="tel:+19739229659"')


def test_unknown_service_is_not_found(client, clinic):
    assert client.get(reverse("service", args=["unknown"])).status_code == 404


def test_contents_list_and_page_have_the_same_sections(client, service):
    sections = client.get(service.get_absolute_url()).context["sections"]
    assert len(sections) == 11
    answer = client.get(service.get_absolute_url())
    for section in sections:
        assertContains(answer, f'<a href="#{section.anchor}">')
        assertContains(answer, f'<section id="{section.anchor}"')


def test_no_condition_may_take_the_anchor_of_a_section(client, service):
    service.precautions = "Tell us first."
    service.save()
    context = client.get(service.get_absolute_url()).context
    anchors = {section.anchor for section in service_sections(context)}
    assert anchors | {"main"} == set(RESERVED_ANCHORS)


def test_source_is_shown_only_once_it_is_confirmed(client, service):
    claim = service.claims.first()
    assertNotContains(client.get(service.get_absolute_url()), "Seffrin")
    claim.confirmed_at = timezone.now() + timedelta(days=1)
    claim.save()
    assertNotContains(client.get(service.get_absolute_url()), "Seffrin")
    claim.confirmed_at = timezone.now()
    claim.save()
    assertContains(client.get(service.get_absolute_url()), f'<a href="{claim.url}">{claim.citation}</a>')


def test_confirmed_source_without_a_link_is_named(client, service):
    service.claims.update(url="", confirmed_at=timezone.now())
    assertContains(client.get(service.get_absolute_url()), '<p class="quiet">Tang S et al.')


def test_testimonials_of_other_services_stay_away(client, service):
    other = Service.objects.create(title="Other", slug="other")
    Testimonial.objects.create(quote="Q", name="Elsewhere", service=other, publish_at=timezone.now(), position=0)
    Testimonial.objects.create(quote="Q", name="Of this one", service=service, publish_at=timezone.now())
    answer = client.get(service.get_absolute_url())
    assertContains(answer, "Of this one")
    assertNotContains(answer, "Elsewhere")


def test_own_pressure_drawing_belongs_to_the_service_it_was_made_for(client, service):
    assertContains(client.get(service.get_absolute_url()), "press-scraping-light.svg", count=3)
    service.drawing = ""
    service.save()
    answer = client.get(service.get_absolute_url())
    assertNotContains(answer, "press-scraping")
    assertContains(answer, "press-massage-light.svg", count=1)


@pytest.mark.parametrize("field", ["title", "lead", "what_it_is", "how_points", "precautions", "schedule_text"])
def test_hostile_text_is_shown_as_text(client, service, field):
    setattr(service, field, '<script>alert("x")</script>{phone}')
    service.save()
    answer = client.get(service.get_absolute_url())
    assertContains(answer, "&lt;script&gt;")
    assertNotContains(answer, "<script")


def test_services_are_listed_in_their_order(client, service):
    Service.objects.create(title="First", slug="first", publish_at=timezone.now(), position=0)
    content = client.get("/services/").content.decode()
    assert content.index("First") < content.index("Muscle scraping therapy</a></h2>")


def test_index_without_services_is_not_found_and_not_linked(client, clinic):
    Service.objects.all().delete()
    assert client.get("/services/").status_code == 404
    assertNotContains(client.get("/"), 'href="/services/"')
