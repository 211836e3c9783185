import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Clinic
from pages.sections import service_sections
from services.models import FAQ, RESERVED_ANCHORS, Service
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


def test_page_quotes_one_at_most_about_the_clinic(client, service):
    answer = client.get(service.get_absolute_url())
    assert Testimonial.objects.filter(service=None).count() == 4
    assertContains(answer, "<blockquote>", count=1)


def test_page_quotes_four_at_most_its_own_first(client, service):
    for number in range(3):
        Testimonial.objects.create(quote="Q", name=f"Own {number}", service=service, publish_at=timezone.now())
    content = client.get(service.get_absolute_url()).content.decode()
    names = re.findall("<figcaption>([^<]+)</figcaption></figure>", content)
    assert names == ["Own 0", "Own 1", "Own 2", Testimonial.objects.filter(service=None).first().name]


def test_own_pressure_drawing_belongs_to_the_service_it_was_made_for(client, service):
    assertContains(client.get(service.get_absolute_url()), "press-light.svg#scraping", count=3)
    service.drawing = ""
    service.save()
    answer = client.get(service.get_absolute_url())
    assertNotContains(answer, "press-light.svg#scraping")
    assertContains(answer, "press-light.svg#massage", count=1)


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


def test_questions_of_others_and_of_the_clinic_stay_away(client, service):
    other = Service.objects.create(title="Other", slug="other", publish_at=timezone.now())
    for whole, question in ((other, "Elsewhere?"), (None, "General?"), (service, "Of this one?")):
        FAQ.objects.create(service=whole, question=question, answer="A.")
    answer = client.get(service.get_absolute_url())
    assertContains(answer, "Of this one?")
    assertNotContains(answer, "Elsewhere?")
    assertNotContains(answer, "General?")


@pytest.mark.parametrize(
    ("field", "anchor"),
    [
        ("benefits_intro", "benefits"),
        ("research_intro", "research"),
        ("how_intro", "how-it-works"),
        ("how_points", "how-it-works"),
        ("how_example", "how-it-works"),
        ("comparison_intro", "comparison"),
        ("conditions_intro", "conditions"),
        ("session_intro", "session"),
        ("session_length_text", "session"),
    ],
)
def test_section_is_there_for_one_text_alone(client, clinic, field, anchor):
    small = Service.objects.create(title="T", slug="t", publish_at=timezone.now(), **{field: "Only this."})
    answer = client.get(small.get_absolute_url())
    assertContains(answer, f'<section id="{anchor}">')
    assertContains(answer, "Only this.")


@pytest.mark.parametrize("known", [{}, {"phone": "+19735550123"}, {"street": "1 Main Street"}])
def test_contact_section_is_there_for_a_phone_or_an_address_alone(client, service, clinic, known):
    Clinic.objects.update(**dict.fromkeys(("phone", "street", "city", "state", "postal_code"), "") | known)
    answer = client.get(service.get_absolute_url())
    assert answer.content.decode().count('<section id="contact"') == (1 if known else 0)


def test_page_of_one_section_has_no_contents_list(client, clinic):
    small = Service.objects.create(title="T", slug="t", publish_at=timezone.now())
    assertContains(client.get(small.get_absolute_url()), 'class="toc"')
    Testimonial.objects.all().delete()
    answer = client.get(small.get_absolute_url())
    assert [section.anchor for section in answer.context["sections"]] == ["contact"]
    assertNotContains(answer, 'class="toc"')


def test_service_is_a_therapy_with_all_of_its_names_to_machines(client, service):
    answer = client.get(service.get_absolute_url())
    assertContains(answer, 'itemtype="https://schema.org/MedicalTherapy"')
    assertContains(answer, '<h1 class="hero__title" itemprop="name">Muscle scraping therapy</h1>')
    assertContains(answer, '<meta itemprop="alternateName" content="IASTM">')
    assertContains(answer, 'itemprop="alternateName"', count=4)


def test_year_of_a_study_stands_beside_it_for_the_eye_alone(client, service):
    answer = client.get(service.get_absolute_url())
    for year in (2019, 2023):
        assertContains(answer, f'<span class="study__year" aria-hidden="true">{year}</span>', count=1)
    service.claims.update(text="No year here.")
    assertNotContains(client.get(service.get_absolute_url()), "study__year")
