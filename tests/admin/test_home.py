from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from publishing.models import Revision
from services.models import Service


@pytest.fixture
def draft(service, manager):
    live = Revision.objects.live(Service, service.pk)
    kind = live.content_type
    return Revision.objects.create(content_type=kind, object_id=service.pk, data=live.data, base=live, author=manager)


def test_home_names_the_tasks_in_words(manager_client, clinic):
    answer = manager_client.get("/admin/")
    assertContains(answer, '<a href="/admin/services/service/">Edit a service</a>')
    assertContains(answer, '<a href="/admin/testimonials/testimonial/add/">Add a testimonial</a>')
    assertContains(answer, "Opening hours, address and notice")
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
    assertContains(manager_client.get("/admin/"), "Goes live by itself on ")
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


def test_failed_draft_is_not_lost_among_many(manager_client, draft, service):
    fields = {"content_type": draft.content_type, "object_id": service.pk, "data": draft.data}
    Revision.objects.bulk_create(Revision(**fields) for _ in range(200))
    failed = Revision.objects.create(**fields, failed_at=timezone.now(), errors=["Why."])
    assertContains(manager_client.get("/admin/"), f"revision={failed.pk}")
