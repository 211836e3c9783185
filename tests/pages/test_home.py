from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django.asserts import assertContains, assertNotContains

from services.models import FAQ, Service
from testimonials.models import Testimonial


def test_home_tells_the_first_service(client, service):
    answer = client.get("/")
    for text in ("Recover from chronic pain", "Whether you’ve tried", "One session, four steps", "Heel"):
        assertContains(answer, text)
    assertContains(answer, service.get_absolute_url())
    assertContains(answer, '<figure class="voice', count=1)
    assertContains(answer, "<details>", count=3)
    assertNotContains(answer, "Other services")


def test_home_tells_one_sentence_at_its_head_and_loses_none_of_the_rest(client, service):
    text = strip_tags(client.get("/").content.decode())
    first, second = service.lead.split(". At ")
    paragraphs = [f"{first}.", "What it is", f"At {second}", *service.what_it_is.split("\n\n")]
    places = [text.index(paragraph, text.index(first)) for paragraph in paragraphs]
    assert places == sorted(places)
    service.lead, service.what_it_is = "One sentence alone", ""
    service.save()
    answer = client.get("/")
    assertContains(answer, '<p class="lead">One sentence alone</p>')
    assertNotContains(answer, "What it is")


def test_home_lists_other_services_in_their_order(client, service):
    for number in range(8):
        Service.objects.create(title=f"Other {number}", slug=f"o{number}", publish_at=timezone.now())
    answer = client.get(reverse("home"))
    assertContains(answer, "Other services")
    assertContains(answer, 'class="service__title"', count=6)
    assertNotContains(answer, "Other 6")


def test_home_shows_the_drawing_of_the_first_service_or_none(client, service):
    assertContains(client.get("/"), "hero-light.svg")
    service.drawing = ""
    service.save()
    assertNotContains(client.get("/"), "hero-light.svg")
    service.drawing = "print-3"
    service.save()
    assertContains(client.get("/"), "strip-3-light.svg")


def test_home_quotes_first_who_speaks_of_its_service(client, service):
    assertContains(client.get("/"), f"<figcaption>{Testimonial.objects.first().name}</figcaption>")
    other = Service.objects.create(title="Other", slug="other", publish_at=timezone.now())
    for name, about in (("Of another", other), ("Of this", service)):
        Testimonial.objects.create(quote="Good.", name=name, service=about, publish_at=timezone.now())
    answer = client.get("/")
    assertContains(answer, "<figcaption>Of this</figcaption>")
    assertContains(answer, '<figure class="voice', count=1)


def test_home_quotes_the_first_where_nobody_speaks_of_its_service_or_the_clinic(client, service):
    other = Service.objects.create(title="Other", slug="other", publish_at=timezone.now())
    Testimonial.objects.update(service=other)
    assertContains(client.get("/"), f"<figcaption>{Testimonial.objects.first().name}</figcaption>")


def test_home_without_services_quotes_who_speaks_of_the_clinic(client, clinic):
    Service.objects.all().delete()
    assertContains(client.get("/"), f"<figcaption>{Testimonial.objects.first().name}</figcaption>")


def test_home_without_services_asks_general_questions(client, clinic):
    Service.objects.all().delete()
    for question in ("Where do I park?", "Two?", "Three?", "Four?"):
        FAQ.objects.create(question=question, answer="Behind the house.")
    answer = client.get("/")
    assertContains(answer, "<details>", count=3)
    assertContains(answer, "Where do I park?")
    for heading in ("Benefits", "Where it helps", "One session", "Schedule a session"):
        assertNotContains(answer, heading)


def test_home_without_any_content_stands(client, db):
    answer = client.get("/")
    assertContains(answer, "<h1")
    assertNotContains(answer, "<h2>")
    assertNotContains(answer, "tel:")


def test_single_step_is_one_step(client, service):
    service.steps.exclude(position=1).delete()
    assertContains(client.get("/"), "One session, one step<")


def test_home_asks_the_questions_of_the_service_that_it_tells(client, service):
    other = Service.objects.create(title="Other", slug="other", publish_at=timezone.now())
    FAQ.objects.create(service=other, question="Elsewhere?", answer="A.", position=0)
    FAQ.objects.create(question="General?", answer="A.", position=0)
    answer = client.get("/")
    assertContains(answer, "Is muscle scraping therapy safe?")
    assertNotContains(answer, "Elsewhere?")
    assertNotContains(answer, "General?")


def test_home_tells_nothing_of_a_draft(client, service):
    Service.objects.update(publish_at=None)
    answer = client.get("/")
    assertNotContains(answer, "Muscle scraping")
    assertNotContains(answer, "Is muscle scraping therapy safe?")


def test_home_without_a_call_to_schedule_ends_with_the_clinics(client, service):
    service.schedule_text = service.booking_phone = ""
    service.save()
    assertContains(client.get("/"), '<h2>Appointments</h2>\n<p>Call <a class="tel" href="tel:+19732411338">')
    Service.objects.all().delete()
    assertContains(client.get("/"), "<h2>Appointments</h2>")
