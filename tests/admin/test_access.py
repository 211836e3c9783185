import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import NoReverseMatch, reverse
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects, assertTemplateUsed

from tests.admin.rows import MAKERS, address

LOGIN = "/admin/login/"
each_model = pytest.mark.parametrize("model", MAKERS)


@each_model
def test_every_page_of_a_model_opens(manager_client, model):
    row = MAKERS[model](1)
    addresses = [address(model, "changelist"), address(model, "add")]
    addresses += [address(model, action, row.pk) for action in ("change", "delete", "history")]
    for url in addresses:
        assert manager_client.get(url).status_code == 200, url


@each_model
def test_anonymous_visitor_is_sent_to_the_login(client, db, model):
    row = MAKERS[model](1)
    for url in (address(model, "changelist"), address(model, "add"), address(model, "change", row.pk)):
        assertRedirects(client.get(url), f"{LOGIN}?next={url}")


@each_model
def test_user_who_is_not_staff_is_refused(client, django_user_model, model):
    client.force_login(django_user_model.objects.create_user("patient"))
    url = address(model, "changelist")
    response = client.get(url, follow=True)
    assertRedirects(response, f"{LOGIN}?next={url}")
    assertContains(response, "You are authenticated as patient, but are not authorized")


@each_model
def test_staff_without_a_right_to_the_model_are_refused(staff_client, model):
    row = MAKERS[model](1)
    for url in (address(model, "changelist"), address(model, "add"), address(model, "change", row.pk)):
        assert staff_client.get(url).status_code == 403


@each_model
def test_staff_who_may_only_view_see_but_cannot_save(staff_client, staff_member, model):
    name = model.split("_")[1]
    staff_member.user_permissions.add(*Permission.objects.filter(codename=f"view_{name}"))
    url = address(model, "change", MAKERS[model](1).pk)
    assertContains(staff_client.get(address(model, "changelist")), url)
    response = staff_client.get(url)
    assert response.status_code == 200
    assert 'name="_save"' not in response.content.decode()
    assert staff_client.post(url, {}).status_code == 403


@each_model
def test_unknown_row_leads_back_with_a_message(manager_client, model):
    response = manager_client.get(address(model, "change", "0"), follow=True)
    assertContains(response, "doesn’t exist. Perhaps it was deleted?")


@each_model
def test_nonsense_in_the_lists_address_is_harmless(manager_client, model):
    MAKERS[model](1)
    for query in ("?state=nonsense", "?consent=nonsense", "?p=999", "?o=99", "?q=%00"):
        response = manager_client.get(address(model, "changelist") + query, follow=True)
        assert response.status_code == 200, query


def test_sites_of_the_sites_framework_are_not_offered(manager_client):
    with pytest.raises(NoReverseMatch):
        reverse("admin:sites_site_changelist")


def test_missing_page_of_the_staffs_is_the_sites_own(manager_client):
    response = manager_client.get("/admin/nonsense/")
    assert response.status_code == 404
    assertTemplateUsed(response, "404.html")
    assert "script-src" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("url", ["/admin/login/", "/admin/", "/admin/jsi18n/"])
def test_pages_of_the_staffs_allow_scripts_of_the_site_alone(manager_client, url):
    policy = manager_client.get(url, follow=True).headers["Content-Security-Policy"]
    assert "script-src 'self';" in f"{policy};"
    assert "unsafe" not in policy


@pytest.mark.parametrize("url", [LOGIN, "/admin/pages/page/add/"])
def test_form_without_its_token_is_refused_in_plain_words(manager, url):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    answer = strict.post(url, {})
    assertContains(answer, "This form was not sent.", status_code=403)
    assertContains(answer, 'href="/admin/"', status_code=403)
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assertNotContains(answer, "<style", status_code=403)
