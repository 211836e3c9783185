import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import get_resolver
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import RESERVED_SLUGS, Page
from tests.everywhere.walk import Document

HOSTILE = (
    '<script>alert(1)</script><p onclick="alert(1)" style="color:red">Text</p>'
    '<a href="javascript:alert(1)">Link</a><img src=x onerror=alert(1)><iframe src="https://elsewhere.example"></iframe>'
)


@pytest.fixture
def parking(clinic):
    return Page.objects.create(title="Parking", slug="parking", body="<p>Behind.</p>", publish_at=timezone.now())


def test_page_is_shown_at_its_address(client, parking):
    assertContains(client.get("/parking/"), "<p>Behind.</p>")


def test_page_is_linked_in_the_footer_when_asked(client, parking):
    assertNotContains(client.get("/"), 'href="/parking/"')
    Page.objects.update(is_in_footer=True)
    assertContains(client.get("/"), '<a href="/parking/">Parking</a>', count=1)
    Page.objects.update(publish_at=None)
    assertNotContains(client.get("/"), 'href="/parking/"')
    assert client.get("/parking/").status_code == 404


def test_body_is_sanitised_as_it_leaves(client, parking):
    Page.objects.update(body=HOSTILE)
    answer = client.get("/parking/")
    assertContains(answer, "<p>Text</p>")
    for word in ("<script", "onclick", "onerror", "javascript:", "color:red", "<iframe", "elsewhere"):
        assertNotContains(answer, word)


def test_body_is_sanitised_by_the_form(db):
    page = Page(title="T", slug="t", body=HOSTILE)
    page.full_clean()
    assert page.body.replace(' rel="noopener noreferrer"', "") == "<p>Text</p><a>Link</a>"


@pytest.mark.parametrize("slug", RESERVED_SLUGS)
def test_page_cannot_take_an_address_of_the_site(db, slug):
    page = Page(title="T", slug=slug)
    with pytest.raises(ValidationError) as error:
        page.full_clean()
    assert list(error.value.message_dict) == ["slug"]
    with pytest.raises(IntegrityError), transaction.atomic():
        page.save()


def test_every_first_part_of_an_address_is_reserved():
    def firsts(patterns, start=""):
        for pattern in patterns:
            route = start + str(pattern.pattern)
            if hasattr(pattern, "url_patterns") and not route:
                yield from firsts(pattern.url_patterns, route)
            elif "/" in route and not route.startswith("<"):
                yield route.split("/")[0]

    assert set(firsts(get_resolver().url_patterns)) - {"privacy", "accessibility"} <= set(RESERVED_SLUGS)


@pytest.mark.parametrize("slug", ["privacy", "accessibility"])
def test_statement_has_the_clinics_own_text_after_it(client, clinic, slug):
    own = client.get(f"/{slug}/")
    assertContains(own, "(973) 241-1338")
    assertContains(own, '<h2 class="h-small">', count=3)
    Page.objects.create(title="Ours", slug=slug, body="<p>Ask us.</p>", publish_at=timezone.now(), is_in_footer=True)
    assertContains(client.get(f"/{slug}/"), "<p>Ask us.</p>")
    assertContains(client.get("/"), f'href="/{slug}/"', count=1)


def test_privacy_statement_follows_the_settings(client, clinic, settings):
    assertContains(client.get("/privacy/"), "end after 12 hours")
    settings.SESSION_COOKIE_AGE = 7200
    assertContains(client.get("/privacy/"), "end after 2 hours")


def test_description_is_plain_text_whatever_the_body_holds(client, parking):
    Page.objects.update(body='<h2>Where</h2><p>The "Yellow" door" http-equiv="refresh &amp; more</p>')
    document = Document(client.get("/parking/").content.decode())
    assert document.description == 'Parking: Where The "Yellow" door" http-equiv="refresh & more'
    assert not [meta for meta in document.all("meta") if "http-equiv" in meta]
    Page.objects.update(body="")
    assert Document(client.get("/parking/").content.decode()).description == "Parking at Clifton Physical Therapy"
