from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pages.models import Clinic, Page
from publishing.models import Revision
from publishing.revisions.record import record_version
from services.models import Service
from testimonials.models import Testimonial
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


# What waits for someone who may publish


@pytest.fixture
def contributor_client(client, db, django_user_model):
    user = django_user_model.objects.create_user("contributor", is_staff=True)
    user.groups.add(Group.objects.get(name="Contributor"))
    contributor = Client()
    contributor.force_login(user)
    return contributor


NEW = {
    "services_service": {"title": "New thing", "slug": "new"},
    "testimonials_testimonial": {"quote": "It helped.", "name": "New thing"},
    "pages_page": {"title": "New thing", "slug": "new", "body": "<p>x</p>"},
}
WAITS = ">New thing</a>"


def saved_new(client, model, **pressed):
    url = address(model, "add")
    answer = client.post(url, filled(client, url, **NEW[model], **pressed))
    assert answer.status_code == 302
    return answer


def table(client):
    """The part of the home that tells what waits."""
    html = client.get("/admin/").content.decode()
    return html.partition('<h2 id="drafts">')[2].partition("</section>")[0]


@pytest.mark.parametrize("button", [{}, {"_continue": "1"}, {"_addanother": "1"}, {"_keep": "1"}])
@pytest.mark.parametrize("model", NEW)
def test_what_a_contributor_saved_waits_once_however_it_was_saved(manager_client, contributor_client, model, button):
    saved_new(contributor_client, model, **button)
    told = table(manager_client)
    assert told.count(WAITS) == 1
    assert "<td>contributor</td>" in told
    assert ("New and not public, saved on " in told) != bool("_keep" in button)
    assert table(contributor_client).count(WAITS) == 1


@pytest.mark.parametrize("model", NEW)
def test_what_is_published_or_deleted_does_not_wait(manager_client, contributor_client, model):
    saved_new(contributor_client, model)
    row = apps.get_model(model.replace("_", ".")).objects.get()
    url = address(model, "change", row.pk)
    published = filled(manager_client, url, publish_at_0="2026-01-01", publish_at_1="09:00")
    assert manager_client.post(url, published).status_code == 302
    assert WAITS not in table(manager_client)
    manager_client.post(url, filled(manager_client, url, publish_at_0="", publish_at_1=""))
    assert WAITS not in table(manager_client), "a Publisher took it back"
    row.delete()
    saved_new(contributor_client, model)
    manager_client.post(address(model, "delete", type(row).objects.get().pk), {"post": "yes"})
    assert WAITS not in table(manager_client)


def test_what_a_publisher_saved_as_it_is_was_put_aside_until_it_is_changed(manager_client, contributor_client):
    saved_new(contributor_client, "pages_page")
    url = address("pages_page", "change", Page.objects.get().pk)
    manager_client.post(url, filled(manager_client, url))
    assert WAITS not in table(manager_client)
    contributor_client.post(url, filled(contributor_client, url, body="<p>y</p>"))
    assert table(manager_client).count(WAITS) == 1


def test_what_was_moved_goes_on_to_wait(manager_client, contributor_client):
    Testimonial.objects.create(quote="Q", name="First")
    saved_new(contributor_client, "testimonials_testimonial")
    new = Testimonial.objects.get(name="New thing")
    manager_client.post(address("testimonials_testimonial", "move", new.pk), {"move": "top:"})
    assert table(manager_client).count(WAITS) == 1


def test_new_thing_with_a_draft_waits_once(manager_client, contributor_client):
    saved_new(contributor_client, "pages_page")
    url = address("pages_page", "change", Page.objects.get().pk)
    contributor_client.post(url, filled(contributor_client, url, body="<p>y</p>", _keep="1"))
    told = table(manager_client)
    assert told.count(WAITS) == 1
    assert "revision=" in told
    manager_client.post(url + "?revision=" + told.partition("revision=")[2].partition('"')[0], {"_discard": "1"})
    assert table(manager_client).count(WAITS) == 1, "it waits without the draft"


def test_question_of_a_contributor_waits(manager_client, contributor_client, clinic):
    url = address("services_faq", "add")
    data = filled(contributor_client, url, question="New thing", answer="Yes.", _keep="1")
    assert contributor_client.post(url, data).status_code == 302
    assert table(manager_client).count(WAITS) == 1


def test_draft_of_a_publisher_for_himself_is_no_news_of_a_contributor(manager_client, clinic):
    saved_new(manager_client, "pages_page")
    assert WAITS not in table(manager_client)


def test_who_may_not_edit_it_is_not_told(contributor_client, client, django_user_model, clinic):
    saved_new(contributor_client, "pages_page")
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))
    assert table(client) == ""


def test_many_entries_of_the_log_are_not_read_to_tell_who_saved_last(
    manager_client, contributor_client, manager, monkeypatch
):
    saved_new(contributor_client, "pages_page")
    page, entry = Page.objects.get(), LogEntry.objects.get()
    read = []
    from_db = LogEntry.from_db.__func__
    monkeypatch.setattr(LogEntry, "from_db", classmethod(lambda *args: read.append(1) or from_db(*args)))
    counts = []
    for number in (100, 900):
        fields = {"content_type": entry.content_type, "object_id": str(page.pk), "action_flag": CHANGE}
        for user in (manager, entry.user):
            LogEntry.objects.bulk_create(LogEntry(user=user, **fields, object_repr="P") for _ in range(number))
        read.clear()
        assert table(manager_client).count(WAITS) == 1
        counts.append(len(read))
    assert counts[0] == counts[1]


def test_what_waits_is_told_beside_much_that_was_put_aside(manager_client, contributor_client):
    saved_new(contributor_client, "pages_page")
    Page.objects.bulk_create(Page(title=f"P {n}", slug=f"p-{n}", position=n) for n in range(150))
    assert table(manager_client).count(WAITS) == 1


def test_queries_of_the_home_do_not_grow_with_what_waits(manager_client, contributor_client, clinic):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            manager_client.get("/admin/")
        return len(asked)

    counts = []
    for number in (1, 1, 30):
        for n in range(number):
            name = f"Many {len(counts)} {n}"
            url = address("testimonials_testimonial", "add")
            for button in ({}, {"_keep": "1"}):
                contributor_client.post(url, filled(contributor_client, url, quote="Q", name=name, **button))
        counts.append(queries())
    assert counts[1] == counts[2]
    assert table(manager_client).count("Many 2 ") == 60
