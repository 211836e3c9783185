import pytest
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Page
from tests.everywhere.walk import SERVICE, Document, picture


@pytest.fixture
def pictured(service):
    service.picture = picture(Image.new("RGB", (1000, 500)))
    service.save()
    return service


def shown(answer, url):
    """The attributes of the image at an address and of the source before it."""
    elements = Document(answer.content.decode()).elements
    place = next(n for n, (tag, attributes) in enumerate(elements) if attributes.get("src") == url)
    assert [tag for tag, _ in elements[place - 2 : place + 1]] == ["picture", "source", "img"]
    return elements[place][1], elements[place - 1][1]


def test_service_shows_its_picture_below_the_hero(client, pictured):
    answer = client.get(SERVICE)
    file = pictured.picture.file
    image, source = shown(answer, file.url)
    assert (image["width"], image["height"], image["loading"]) == ("1000", "500", "lazy")
    assert image["alt"] == "The entrance, seen from the street"
    assert image["srcset"] == file.srcset("webp")
    assert (source["type"], source["srcset"]) == ("image/avif", file.srcset("avif"))
    assert image["sizes"] == source["sizes"]
    html = answer.content.decode()
    assert html.index("hero__title") < html.index(file.url) < html.index('class="toc"')
    assertContains(answer, '<figcaption class="picture__credit">Photo: A. Neighbour</figcaption>')


def test_picture_that_opens_the_page_is_not_put_off(client, pictured):
    pictured.drawing = ""
    pictured.save()
    image, _ = shown(client.get(SERVICE), pictured.picture.file.url)
    assert "loading" not in image
    assert image["fetchpriority"] == "high"


@pytest.mark.parametrize("slug", ["parking", "privacy", "accessibility"])
def test_page_shows_its_picture_above_the_text(client, clinic, slug):
    page = Page.objects.create(
        title="T", slug=slug, body="<p>Text.</p>", publish_at=timezone.now(), picture=picture(Image.new("RGB", (9, 9)))
    )
    answer = client.get(f"/{slug}/")
    shown(answer, page.picture.file.url)
    html = answer.content.decode()
    assert html.index("<h1>") < html.index(page.picture.file.url) < html.index("<p>Text.</p>")


def test_decoration_is_silent_and_no_credit_leaves_no_trace(client, pictured):
    decoration = pictured.picture
    decoration.alt, decoration.is_decorative, decoration.credit = "", True, ""
    decoration.save()
    answer = client.get(SERVICE)
    image, _ = shown(answer, decoration.file.url)
    assert not image["alt"]
    assertNotContains(answer, "picture__credit")


def test_hostile_words_are_shown_as_words(client, pictured):
    hostile = pictured.picture
    hostile.alt = hostile.credit = '"><script>alert(1)</script>'
    hostile.save()
    answer = client.get(SERVICE)
    assertNotContains(answer, "<script")
    assert shown(answer, hostile.file.url)[0]["alt"] == hostile.alt


def test_picture_costs_one_query(client, pictured, django_assert_num_queries):
    with django_assert_num_queries(16):
        client.get(SERVICE)
