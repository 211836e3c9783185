import pytest
from django.conf import settings
from django.contrib.redirects.models import Redirect
from pytest_django.asserts import assertNotContains, assertRedirects

from tests.admin.forms import errors, filled
from tests.admin.rows import address, redirect

ADD = address("redirects_redirect", "add")
LIST = address("redirects_redirect", "changelist")


def test_redirect_belongs_to_this_site_without_being_asked(manager_client, clinic, client):
    assertNotContains(manager_client.get(ADD), "id_site")
    data = filled(manager_client, ADD, old_path="/old/", new_path="/faq/")
    assertRedirects(manager_client.post(ADD, data), LIST)
    assert Redirect.objects.get().site_id == settings.SITE_ID
    assertRedirects(client.get("/old/"), "/faq/", status_code=301)


def test_redirect_to_nowhere_says_gone(manager_client, client):
    manager_client.post(ADD, {"old_path": "/old/", "new_path": ""})
    assert client.get("/old/").status_code == 410


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("old/", "/faq/", "old_path"),
        ("https://example.com/old/", "/faq/", "old_path"),
        ("/old/", "faq/", "new_path"),
        ("/old/", "javascript:alert(1)", "new_path"),
        ("/old/", "/old/", "new_path"),
        ("/old-1/", "/faq/", "old_path"),
    ],
)
def test_redirect_that_cannot_work_is_refused_beside_its_field(manager_client, old, new, field):
    redirect(1)
    assert list(errors(manager_client.post(ADD, {"old_path": old, "new_path": new}))) == [field]
    assert Redirect.objects.count() == 1


def test_redirect_can_be_changed(manager_client):
    row = redirect(1)
    url = address("redirects_redirect", "change", row.pk)
    assertRedirects(manager_client.post(url, filled(manager_client, url, new_path="/contact/")), LIST)
    row.refresh_from_db()
    assert row.new_path == "/contact/"
