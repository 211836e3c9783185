from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Clinic, Page
from publishing.models import Revision
from publishing.revisions.record import record_version
from services.models import Service
from tests.admin.forms import filled
from tests.admin.rows import address


@pytest.fixture
def draft(service, manager):
    live = record_version(Service, service.pk)
    kind = live.content_type
    return Revision.objects.create(content_type=kind, object_id=service.pk, data=live.data, base=live, author=manager)


def test_home_names_the_tasks_in_words(manager_client, clinic):
    answer = manager_client.get("/admin/")
    assertContains(answer, '<a href="/admin/services/service/">Edit a service</a>')
    assertContains(answer, '<a href="/admin/testimonials/testimonial/add/">Add a testimonial</a>')
    assertContains(answer, "Opening hours, telephone and notice")
    assertNotContains(answer, '<h2 id="drafts">')


def test_home_shows_only_tasks_that_the_person_may_do(client, clinic, django_user_model):
    user = django_user_model.objects.create_user("desk", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="change_page"))
    client.force_login(user)
    answer = client.get("/admin/")
    assertContains(answer, "Write a page")
    assertNotContains(answer, "Edit a service")


def test_home_lists_drafts_with_what_becomes_of_them(manager_client, draft):
    address = f"/admin/services/service/{draft.object_id}/change/?revision={draft.pk}"
    assertContains(manager_client.get("/admin/"), f'<a href="{address}">Muscle scraping therapy</a>')
    assertContains(manager_client.get("/admin/"), "Kept on ")
    moment = timezone.now() + timedelta(days=1)
    Revision.objects.filter(pk=draft.pk).update(apply_at=moment, approved_by=draft.author)
    assertContains(manager_client.get("/admin/"), "<td>A kept change goes live by itself</td>")
    assertNotContains(manager_client.get("/admin/"), '<h2 id="drafts">')
    Revision.objects.filter(pk=draft.pk).update(failed_at=timezone.now(), errors=["The page was deleted meanwhile."])
    assertContains(manager_client.get("/admin/"), "<strong>Did not go live:</strong> The page was deleted meanwhile.")
    Revision.objects.filter(pk=draft.pk).update(closed_at=timezone.now())
    assertNotContains(manager_client.get("/admin/"), '<h2 id="drafts">')


def test_failed_drafts_come_first(manager_client, draft, service):
    later = Revision.objects.create(
        content_type=draft.content_type,
        object_id=service.pk,
        data=draft.data,
        failed_at=timezone.now(),
        errors=["Why."],
    )
    content = manager_client.get("/admin/").content.decode()
    assert content.index(f"revision={later.pk}") < content.index(f"revision={draft.pk}")


def test_drafts_of_what_a_person_may_not_edit_are_not_shown(client, draft, django_user_model):
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    assertNotContains(client.get("/admin/"), "revision=")


def test_home_tells_what_happens_by_itself_the_next_first(manager_client, full_site):
    soon, later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(days=2)
    Page.objects.create(title="Spring hours", slug="spring", body="<p>x</p>", publish_at=later)
    Clinic.objects.update(notice="Closed today: snow", notice_until=soon)
    content = manager_client.get("/admin/").content.decode()
    assert content.index(">Closed today: snow</a>") < content.index(">Spring hours</a>")
    assert content.count("<td>The notice ends</td>") == content.count("<td>Becomes public by itself</td>") == 1
    Clinic.objects.update(notice_until=timezone.now())
    Page.objects.filter(slug="spring").update(publish_at=timezone.now())
    assertNotContains(manager_client.get("/admin/"), '<h2 id="dated">')


def test_home_tells_what_anybody_changed(manager_client, client, service, django_user_model):
    url = address("services_service", "change", service.pk)
    manager_client.post(url, filled(manager_client, url, title="Newer"))
    page = Page.objects.create(title="Old page", slug="old", body="<p>x</p>")
    manager_client.post(address("pages_page", "delete", page.pk), {"post": "yes"})
    reader = django_user_model.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_service"))
    answer = manager_client.get("/admin/")
    assertContains(answer, f'manager changed the service <a href="{url}">Newer</a>')
    assertContains(answer, "Changed Title.")
    assertContains(answer, "manager deleted the page “Old page”")
    client.force_login(reader)
    assertContains(client.get("/admin/"), ">Newer</a>")
    assertNotContains(client.get("/admin/"), "Old page")


def test_failed_draft_is_not_lost_among_many(manager_client, draft, service):
    fields = {"content_type": draft.content_type, "object_id": service.pk, "data": draft.data}
    Revision.objects.bulk_create(Revision(**fields) for _ in range(200))
    failed = Revision.objects.create(**fields, failed_at=timezone.now(), errors=["Why."])
    assertContains(manager_client.get("/admin/"), f"revision={failed.pk}")
