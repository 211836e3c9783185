import re

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from services.models import FAQ, Service
from testimonials.models import Testimonial


def many(number):
    now = timezone.now()
    for i in range(number):
        Testimonial.objects.create(quote=f"Quote {i}", name=f"Patient {i}", publish_at=now)
        FAQ.objects.create(question=f"General {i}?", answer="An answer.")


def test_testimonials_are_verbatim_in_quotes_of_the_page(client, clinic):
    answer = client.get("/testimonials/")
    assertContains(answer, "the best team ever!.</p>")
    assertContains(answer, "enough!!.</p>")
    assertContains(answer, '<figure class="voice', count=4)
    assertNotContains(answer, "Pages of testimonials")


@pytest.mark.parametrize(("rows", "leads"), [(1, 1), (2, 2), (3, 1), (4, 2), (5, 3), (6, 2), (7, 3)])
def test_small_testimonials_stand_in_pairs(client, db, rows, leads):
    many(rows)
    assertContains(client.get("/testimonials/"), "voice--lead", count=leads)


def test_questions_stand_under_their_service(client, clinic):
    answer = client.get("/faq/")
    assert re.findall(r'<details id="q-[0-9a-f]{32}"( open)?>', answer.content.decode()) == [" open", "", "", ""]
    assertContains(answer, ">Muscle scraping therapy</a></h2>")
    assertNotContains(answer, "General")


def test_general_questions_come_first_and_then_the_services_in_their_order(client, clinic):
    many(1)
    other = Service.objects.create(title="Other", slug="other", publish_at=timezone.now(), position=0)
    FAQ.objects.create(service=other, question="Other?", answer="Yes.")
    content = client.get("/faq/").content.decode()
    found = [content.index(text) for text in (">General</h2>", "General 0?", "Other?", "therapy safe?")]
    assert found == sorted(found)


@pytest.mark.parametrize("address", ["/testimonials/", "/faq/"])
def test_long_list_has_pages(client, clinic, address):
    many(30)
    first, second = client.get(address), client.get(f"{address}?page=2")
    assertContains(first, 'rel="next" href="?page=2"')
    assertNotContains(first, 'rel="prev"')
    assertContains(second, "Page 2 of 2")
    assertContains(second, "page 2 |")


@pytest.mark.parametrize("address", ["/testimonials/", "/faq/"])
@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "", "1.5", "%00", "9" * 5000])
def test_page_that_is_not_there_is_not_found(client, clinic, address, page):
    assert client.get(f"{address}?page={page}").status_code == 404


@pytest.mark.parametrize("address", ["/testimonials/", "/faq/"])
def test_empty_index_is_not_found_and_not_linked(client, clinic, address):
    Testimonial.objects.all().delete()
    FAQ.objects.all().delete()
    assert client.get(address).status_code == 404
    for page in ("/", "/services/muscle-scraping-therapy/", "/no-such-page/"):
        assert address not in client.get(page).content.decode()


def test_drafts_are_not_listed(client, clinic):
    Testimonial.objects.create(quote="Not yet", name="Draft")
    assertNotContains(client.get("/testimonials/"), "Not yet")


def test_question_has_an_address_that_opens_it(client, clinic):
    many(30)
    question = FAQ.objects.get(question="Is muscle scraping therapy safe?")
    address = question.get_absolute_url()
    path, fragment = address.split("#")
    answer = client.get(path)
    opened = re.findall(r'<details id="(q-[0-9a-f]{32})" open><summary>([^<]+)<', answer.content.decode())
    assert opened == [(fragment, question.question)]
    assertContains(answer, "Page 2 of 2")
    assertContains(answer, '<link rel="canonical" href="http://testserver/faq/?page=2">')


def test_question_that_is_gone_leads_to_the_others(client, clinic):
    question = FAQ.objects.first()
    address = question.get_absolute_url()
    question.delete()
    assertRedirects(client.get(address), "/faq/")


@pytest.mark.parametrize("key", ["", "x", "0" * 31, "0" * 33, "G" * 32, "%00", "12345678-1234-5678-1234-567812345678"])
def test_key_that_is_none_leads_to_the_questions(client, clinic, key):
    assert client.get(f"/faq/?question={key}", follow=False).headers["Location"] == "/faq/"


def test_answer_tells_its_own_address(client, clinic):
    for question in FAQ.objects.all():
        assertContains(client.get("/faq/"), f'<a href="{question.get_absolute_url()}">Link to this answer</a>')


def test_staff_view_a_question_where_it_is_open(manager_client, clinic):
    question = FAQ.objects.last()
    form = manager_client.get(f"/admin/services/faq/{question.pk}/change/")
    assertContains(form, f'href="{question.get_absolute_url()}"')
