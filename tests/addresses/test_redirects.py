import pytest
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django.utils import timezone

from pages.models import Page
from services.models import Service


@pytest.fixture
def service(db):
    return Service.objects.create(title="A", slug="a", publish_at=timezone.now())


def rename(obj, slug):
    obj.slug = slug
    obj.save()


def redirects():
    return dict(Redirect.objects.values_list("old_path", "new_path"))


def test_old_address_redirects_after_the_slug_changed(client, service):
    rename(service, "b")
    answer = client.get("/services/a/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/services/b/")


def test_two_changes_redirect_directly_to_the_last_address(service):
    rename(service, "b")
    rename(service, "c")
    assert redirects() == {"/services/a/": "/services/c/", "/services/b/": "/services/c/"}


def test_change_back_leaves_no_redirect_loop(client, service):
    rename(service, "b")
    rename(service, "a")
    assert redirects() == {"/services/b/": "/services/a/"}
    assert client.get("/services/a/").status_code == 200


def test_new_object_at_the_old_address_is_shown_instead_of_the_redirect(client, service):
    rename(service, "b")
    Service.objects.create(title="New", slug="a", publish_at=timezone.now())
    assert b"New" in client.get("/services/a/").content


def test_redirect_leads_to_the_last_object_that_had_the_address(service):
    rename(service, "b")
    rename(Service.objects.create(title="New", slug="a", publish_at=timezone.now()), "d")
    assert redirects() == {"/services/a/": "/services/d/"}


@pytest.mark.parametrize("publish_at", [None, "2099-01-01T00:00Z"])
def test_object_that_was_not_public_changes_no_redirect(client, service, publish_at):
    rename(service, "b")
    hidden = Service.objects.create(title="Hidden", slug="a", publish_at=publish_at)
    hidden.refresh_from_db()
    rename(hidden, "d")
    assert redirects() == {"/services/a/": "/services/b/"}
    assert client.get("/services/a/").headers["Location"] == "/services/b/"


def test_unchanged_slug_and_new_object_leave_no_redirect(service):
    service.save()
    Page.objects.create(title="P", slug="p")
    assert redirects() == {}


def test_old_address_of_a_page_redirects_too(client, db):
    page = Page.objects.create(title="P", slug="p", publish_at=timezone.now())
    rename(page, "q")
    assert client.get("/p/", follow=True).redirect_chain == [("/q/", 301)]


def test_failed_save_leaves_no_redirect(service):
    Service.objects.create(title="B", slug="taken")
    with pytest.raises(Exception, match=r"(?i)unique"):
        rename(service, "taken")
    assert redirects() == {}


def test_redirect_ignores_the_query_and_is_not_cached(client, service):
    rename(service, "b")
    answer = client.get("/services/a/?utm_source=x")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/services/b/")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_redirect_of_another_address_or_site_is_not_followed(client, service):
    rename(service, "b")
    other = Site.objects.create(domain="other.example", name="Other")
    Redirect.objects.create(site=other, old_path="/old/", new_path="/faq/")
    for path in ("/old/", "/services/never/"):
        assert client.get(path).status_code == 404


def test_redirect_without_a_target_answers_gone(client, clinic):
    Redirect.objects.create(site_id=1, old_path="/old/", new_path="")
    assert client.get("/old/").status_code == 410
