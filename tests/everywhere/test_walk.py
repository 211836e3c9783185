from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from tests.everywhere.walk import ADDRESSES, DOWNLOADS, MISSING, SMALL_SERVICE, Document

RESOURCES = {"img": "src", "source": "srcset", "script": "src", "link": "href", "use": "href", "image": "href"}


@pytest.fixture
def documents(client, full_site):
    """Each page by its address, the missing one included."""
    answers = {address: client.get(address) for address in (*ADDRESSES, MISSING)}
    statuses = {address: answer.status_code for address, answer in answers.items()}
    assert statuses == {**dict.fromkeys(ADDRESSES, 200), MISSING: 404}
    return {address: Document(answer.content.decode()) for address, answer in answers.items()}


def test_walk_knows_every_public_address(client, documents):
    for pattern in get_resolver("pages.urls").url_patterns:
        assert any(pattern.resolve(address.lstrip("/").split("?")[0]) for address in (*ADDRESSES, *DOWNLOADS)), pattern
    linked = {urlsplit(urljoin(address, link)) for address, page in documents.items() for link in page.links}
    internal = {parts.path + (f"?{parts.query}" if parts.query else "") for parts in linked if not parts.scheme}
    questions = {address for address in internal if address.startswith("/faq/?question=")}
    assert len(questions) > 25
    others = internal - questions
    assert others - {"/testimonials/?page=1", "/faq/?page=1"} <= {*ADDRESSES, *DOWNLOADS, MISSING}


def test_each_page_has_one_heading_a_title_and_a_description_of_its_own(documents):
    titles = [page.texts["title"] for page in documents.values()]
    assert all(len(page.texts["h1"]) == 1 and page.texts["h1"][0].strip() for page in documents.values())
    assert len({title for (title,) in titles}) == len(documents)
    described = [page.description for address, page in documents.items() if address != MISSING]
    assert all(isinstance(text, str) and len(text) > 15 for text in described)
    assert len(set(described)) == len(described)


def test_each_link_and_fragment_resolves(client, documents):
    for address, page in documents.items():
        assert len(set(page.ids)) == len(page.ids), address
        for link in page.links:
            path, fragment = urldefrag(urljoin(address, link))
            if urlsplit(path).scheme:
                continue
            answer = client.get(path)
            assert answer.status_code == (404 if path == MISSING else 200), (address, link)
            assert not fragment or fragment in Document(answer.content.decode()).ids, (address, link)


def test_no_page_asks_another_host_or_runs_a_script(documents):
    for address, page in documents.items():
        for tag, attribute in RESOURCES.items():
            for element in page.all(tag):
                is_own_name = element.get("rel") == "canonical"
                own = f"{settings.SITE_URL}/" if is_own_name else ("/static/", "/media/", "/apple-touch-icon.png")
                for value in element.get(attribute, "").split(", "):
                    assert value.startswith(own), (address, value)
        assert not page.all("script", "iframe", "object", "embed", "style", "base"), address
        assert not [a for _, a in page.elements if "style" in a or any(name.startswith("on") for name in a)], address


@pytest.mark.parametrize("address", [*ADDRESSES, *DOWNLOADS, MISSING])
def test_no_answer_sets_a_cookie_or_varies_by_one(client, full_site, address):
    answer = client.get(address)
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_canonical_addresses_are_below_the_site_url(documents):
    for address, page in documents.items():
        canonical = [link["href"] for link in page.all("link") if link["rel"] == "canonical"]
        assert canonical == ([] if address == MISSING else [settings.SITE_URL + address])


def test_small_service_has_no_empty_heading_and_no_drawing_of_another(documents):
    page = documents[SMALL_SERVICE]
    assert page.texts["h2"] == ["FAQs", "Testimonials", "Contact", "Clifton Physical Therapy"]
    assert [link for link in page.links if link.startswith("#")] == ["#main", "#questions", "#testimonials", "#contact"]
    assert not page.all("img")


@pytest.mark.parametrize("address", [*ADDRESSES, *DOWNLOADS])
def test_public_pages_only_answer_safe_methods(full_site, address):
    client = Client(enforce_csrf_checks=True)
    assert client.head(address).status_code == 200
    for method in (client.post, client.put, client.delete):
        answer = method(address)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
