import re

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from pages.models import RESERVED_SLUGS, Page
from tests.admin.forms import errors, filled
from tests.admin.rows import address

ADD = address("pages_page", "add")
LIST = address("pages_page", "changelist")
HARMFUL = {
    "<p>Hi<script>alert(1)</script></p>": "<p>Hi</p>",
    '<p onclick="alert(1)">Hi</p>': "<p>Hi</p>",
    '<p style="color:red">Hi</p>': "<p>Hi</p>",
    "<p><img src=x onerror=alert(1)>Hi</p>": "<p>Hi</p>",
    '<p><a href="javascript:alert(1)">Hi</a></p>': "<p><a>Hi</a></p>",
    '<p><a href="data:text/html,x">Hi</a></p>': "<p><a>Hi</a></p>",
    '<iframe src="https://example.com"></iframe><p>Hi</p>': "<p>Hi</p>",
    "<style>p{color:red}</style><p>Hi</p>": "<p>Hi</p>",
}


@pytest.fixture
def new(manager_client):
    """A new public page that could be saved."""
    dated = {"publish_at_0": "2026-01-01", "publish_at_1": "09:00"}
    return filled(manager_client, ADD, title="Parking", slug="parking", **dated)


def test_page_is_public_once_it_is_dated(manager_client, new, client):
    body = '<h2>How</h2><ul><li><p><strong>Yard</strong> or <a href="https://example.com">map</a></p></li></ul>'
    assertRedirects(manager_client.post(ADD, new | {"body": body}), LIST)
    response = client.get("/parking/")
    assertContains(response, "<h2>How</h2>")
    assertContains(response, "<strong>Yard</strong>")
    assertContains(response, 'href="https://example.com"')


@pytest.mark.parametrize(("body", "harmless"), HARMFUL.items())
def test_harmful_markup_is_removed_when_it_is_saved(manager_client, new, body, harmless):
    assertRedirects(manager_client.post(ADD, new | {"body": body}), LIST)
    assert Page.objects.get().body == harmless


@pytest.mark.parametrize(("body", "harmless"), HARMFUL.items())
def test_harmful_markup_that_passed_by_the_form_is_removed_on_the_page(body, harmless):
    assert Page(body=body).body_html == harmless


@pytest.mark.parametrize("slug", RESERVED_SLUGS)
def test_address_of_the_site_itself_is_refused_beside_the_field(manager_client, new, slug):
    response = manager_client.post(ADD, new | {"slug": slug, "body": "<p>Typed with care</p>"})
    assert errors(response) == {"slug": ["The site itself uses this address. Choose another one."]}
    assertContains(response, "Typed with care")


def test_address_of_another_page_is_refused_beside_the_field(manager_client, new):
    manager_client.post(ADD, new)
    assert errors(manager_client.post(ADD, new)) == {"slug": ["Page with this Address already exists."]}


def test_filter_shows_the_pages_linked_at_the_foot(manager_client, new):
    manager_client.post(ADD, new | {"is_in_footer": "on"})
    manager_client.post(ADD, new | {"slug": "insurance"})
    response = manager_client.get(LIST, {"is_in_footer__exact": "1"})
    assert [page.slug for page in response.context["cl"].result_list] == ["parking"]


def test_editor_has_the_nonce_of_the_policy(manager_client):
    response = manager_client.get(ADD)
    nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])[1]
    assertContains(response, f'<style nonce="{nonce}" data-tiptap-style></style>', html=True)
    assertContains(response, f'<script type="importmap" nonce="{nonce}">')
    assertNotContains(response, "unsafe-inline")


def test_nonce_is_never_the_same(manager_client):
    policies = {manager_client.get(ADD).headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3
