import pytest
from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from pages.models import Page
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


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("/home#map", "/faq/", "old_path"),
        ("/contact", "/faq/", "old_path"),
        ("/CONTACT/", "/faq/", "old_path"),
        ("/Old-1", "/faq/", "old_path"),
        ("/old page", "/faq/", "old_path"),
        ("/" + "a" * 250, "/faq/", "old_path"),
        ("/a\0b", "/faq/", "old_path"),
        ("/faq-old", "/OLD-1x#", None),
        ("/x", "/X/", "new_path"),
        ("/to-1", "/from-1", "new_path"),
        ("/x", "https://exa mple/", "new_path"),
        ("/x", "/" + "a" * 250, "new_path"),
        ("", "", "old_path"),
    ],
)
def test_address_that_leads_nowhere_or_back_is_refused_beside_its_field(manager_client, clinic, old, new, field):
    redirect(1)
    Redirect.objects.create(site_id=1, old_path="/from-1", new_path="/to-1")
    answer = manager_client.post(ADD, {"old_path": old, "new_path": new})
    if field is None:
        assert answer.status_code == 302
        return
    assert list(errors(answer)) == [field]
    assert Redirect.objects.count() == 2
    shown = answer.context["adminform"].form["old_path"].value()
    assert (shown or "") == old


def test_redirect_is_stored_in_its_one_spelling_and_straight_to_the_end(manager_client, clinic, client):
    Redirect.objects.create(site_id=1, old_path="/mid/", new_path="/contact/")
    Redirect.objects.create(site_id=1, old_path="/first/", new_path="/caf%C3%A9")
    answer = manager_client.post(ADD, {"old_path": "/Caf%C3%A9", "new_path": "/MID"}, follow=True)
    assert "leads straight to /contact/" in answer.content.decode()
    news = dict(Redirect.objects.values_list("old_path", "new_path"))
    assert news == {"/café": "/contact/", "/first/": "/contact/", "/mid/": "/contact/"}
    assert client.get("/CAF%C3%A9/").headers["Location"] == "/contact/"


def test_redirect_can_be_saved_again_and_respelled(manager_client, clinic):
    row = redirect(1)
    url = address("redirects_redirect", "change", row.pk)
    assertRedirects(manager_client.post(url, filled(manager_client, url)), LIST)
    assertRedirects(manager_client.post(url, filled(manager_client, url, old_path="/OLD-1")), LIST)
    row.refresh_from_db()
    assert row.old_path == "/old-1"


def test_list_tells_of_redirects_that_do_nothing_or_lead_nowhere(manager_client, clinic):
    for old, new in (("/a/", "/faq/"), ("/b/", "/gone/"), ("/c/", "https://other.example/"), ("/d/", "")):
        Redirect.objects.create(site_id=1, old_path=old, new_path=new)
    Page.objects.create(title="A", slug="a", publish_at=timezone.now())
    answer = manager_client.get(LIST)
    assertContains(answer, "Does nothing: the site shows a page at the old address.", count=1)
    assertContains(answer, "There is no page at the new address now.", count=1)


def test_redirect_is_told_that_nothing_is_at_its_new_address(manager_client, clinic):
    answer = manager_client.post(ADD, {"old_path": "/a", "new_path": "/nowhere/"}, follow=True)
    assertContains(answer, "There is no page at the new address now.", count=2)


def test_browser_cuts_nothing_that_is_pasted(manager_client, clinic):
    assertNotContains(manager_client.get(ADD), "maxlength")


@pytest.fixture
def twins(clinic):
    """Two redirects of one address, as from before there was one spelling: visitors get the first."""
    rows = [Redirect(site_id=1, old_path=old, new_path=new) for old, new in (("/b", "/faq/"), ("/b/", "/privacy/"))]
    return Redirect.objects.bulk_create(rows)


def test_list_tells_which_of_two_redirects_visitors_get(manager_client, twins):
    assertContains(manager_client.get(LIST), "Does nothing: visitors get the redirect of /b.", count=1)


def test_redirect_that_another_hides_is_not_changed_in_vain(manager_client, twins):
    url = address("redirects_redirect", "change", twins[1].pk)
    answer = manager_client.post(url, filled(manager_client, url, new_path="/contact/"))
    assert list(errors(answer)) == ["old_path"]


@pytest.mark.parametrize("old", ["/b", "/B/", "/c"])
def test_redirect_that_is_saved_takes_away_what_it_hid(manager_client, twins, client, old):
    url = address("redirects_redirect", "change", twins[0].pk)
    data = filled(manager_client, url, old_path=old, new_path="/contact/")
    assertRedirects(manager_client.post(url, data), LIST)
    assert dict(Redirect.objects.values_list("old_path", "new_path")) == {old.lower(): "/contact/"}


def test_list_names_its_columns_as_the_form_and_tells_what_is_gone(manager_client, clinic):
    Redirect.objects.create(site_id=1, old_path="/d/", new_path="")
    answer = manager_client.get(LIST)
    for words in ("Old address", "New address", "None: the page is gone"):
        assertContains(answer, words)
    assertContains(manager_client.get(f"{LIST}?o=-2"), "/d/")
