from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from pagecache.state import page_state
from publishing.models import Revision
from publishing.revisions.record import record_version
from publishing.revisions.release import release_due
from publishing.revisions.snapshot import take
from services.models import Service
from tests.publishing.test_snapshot import edited, without

HOUR = timedelta(hours=1)


@pytest.fixture
def planned(service, manager):
    """A draft with another title, a changed row and a deleted one, due in an hour."""
    base = record_version(Service, service.pk)
    data = without(edited(edited(base.data, title="Planned"), "steps", 0, title="Changed step"), "benefits")
    return Revision.objects.create(
        content_type=base.content_type,
        object_id=service.pk,
        data=data,
        base=base,
        author=manager,
        apply_at=timezone.now() + HOUR,
        approved_by=manager,
    )


@pytest.fixture
def later(planned, time_machine):
    time_machine.move_to(planned.apply_at + HOUR)


def title():
    return Service.objects.get().title


def test_dated_change_is_not_live_before_its_time(client, planned):
    client.get("/")
    assert title() == "Muscle scraping therapy"


def test_first_visit_after_its_time_releases_it_once(client, planned, later, manager):
    assert b"Planned" in client.get(f"/services/{planned.data['rows'][f'/{planned.object_id}']['slug']}/").content
    planned.refresh_from_db()
    assert planned.applied_at
    assert planned.data == take(Service.objects.get())
    assert Service.objects.get().benefits.count() == 4
    assert LogEntry.objects.get().user == manager
    client.get("/")
    assert LogEntry.objects.count() == 1


def test_page_ends_with_what_falls_due_while_it_is_made(client, planned, time_machine, monkeypatch):
    def none_yet():
        time_machine.move_to(planned.apply_at + HOUR)
        return []

    monkeypatch.setattr("publishing.revisions.middleware.keys_due", none_yet)
    assert page_state(client.get("/").wsgi_request).expires_at == planned.apply_at.timestamp()


def test_tick_releases_due_changes(planned, later, capsys):
    call_command("tick")
    assert title() == "Planned"
    assert capsys.readouterr().out == "Released 1 dated change.\n"
    call_command("tick")
    assert capsys.readouterr().out == ""


def test_visit_that_asks_for_headers_alone_releases_too(client, planned, later):
    client.head("/")
    assert title() == "Planned"


def test_posted_form_releases_nothing(client, planned, later):
    client.post("/")
    assert title() == "Muscle scraping therapy"


def test_release_is_merged_with_other_changes_of_the_live_page(planned, later):
    Service.objects.update(summary="By a script.")
    release_due()
    service = Service.objects.get()
    assert (service.title, service.summary) == ("Planned", "By a script.")


@pytest.mark.parametrize("what", ["conflict", "deleted", "taken", "right", "account"])
def test_change_that_cannot_be_released_fails_with_the_reason(client, planned, later, manager, what):
    reasons = {
        "conflict": "changed in the same place",
        "deleted": "deleted meanwhile",
        "taken": "already exists",
        "right": "may not publish any more",
        "account": "may not publish any more",
    }
    if what == "conflict":
        Service.objects.update(title="Theirs")
    elif what == "deleted":
        Service.objects.all().delete()
    elif what == "taken":
        Service.objects.create(title="Thief", slug="stolen")
        planned.data = edited(planned.data, slug="stolen")
        planned.save()
    elif what == "right":
        manager.is_superuser = False
        manager.save()
    elif what == "account":
        manager.is_active = False
        manager.save()
    before = list(Service.objects.values())
    assert client.get("/").status_code == 200
    planned.refresh_from_db()
    assert planned.failed_at
    assert planned.applied_at is None
    assert reasons[what] in planned.errors[0]
    assert list(Service.objects.values()) == before
    client.get("/")
    planned.refresh_from_db()
    assert len(planned.errors) == 1


def test_exception_is_recorded_and_does_not_stop_other_releases(client, planned, later, monkeypatch, caplog):
    other = Revision.objects.create(
        content_type=planned.content_type,
        object_id=planned.object_id,
        data=planned.data | {"rows": {"nonsense/1": {}}},
        base=planned.base,
        apply_at=planned.apply_at - HOUR / 2,
        approved_by=planned.approved_by,
    )
    assert client.get("/").status_code == 200
    other.refresh_from_db()
    assert "KeyError" in other.errors[0]
    assert title() == "Planned"
    assert "A dated change failed" in caplog.text


def test_closed_draft_is_never_released(client, planned, later):
    Revision.objects.update(closed_at=timezone.now())
    client.get("/")
    assert title() == "Muscle scraping therapy"


def test_draft_whose_approver_was_deleted_fails(planned, manager, django_user_model):
    django_user_model.objects.get(pk=manager.pk).delete()
    Revision.objects.filter(pk=planned.pk).update(apply_at=timezone.now())
    assert release_due() == 0
    planned.refresh_from_db()
    assert planned.errors == ["The person who set the date may not publish any more."]


def test_database_error_leaves_the_draft_due(client, planned, later, monkeypatch, caplog):
    def fail(*args):
        raise OperationalError("deadlock detected")

    monkeypatch.setattr("publishing.revisions.release.release", fail)
    response = client.get("/")
    assert response.status_code == 200
    assert page_state(response.wsgi_request).expires_at < timezone.now().timestamp()
    assert "Dated changes could not be released: deadlock detected" in caplog.text
    monkeypatch.undo()
    client.get("/")
    assert title() == "Planned"


def wait_now():
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SHOW lock_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_visitor_waits_only_briefly_for_a_release_and_staff_as_long_as_before(client, clinic, monkeypatch):
    waits = []
    monkeypatch.setattr("publishing.revisions.middleware.keys_due", lambda: [(1,), (2,)])
    monkeypatch.setattr("publishing.revisions.middleware.release_one", lambda pk: waits.append((pk, wait_now())))
    client.get("/")
    waits.append(wait_now())
    brief, usual = ("200", "20000") if connection.vendor == "sqlite" else ("200ms", "20s")
    assert waits == [(1, brief), (2, brief), usual]


def test_nobody_sets_a_wait_where_nothing_is_due(client, planned, monkeypatch):
    monkeypatch.setattr("publishing.revisions.middleware.brief_waits", lambda: 1 / 0)
    assert client.get("/").status_code == 200


def test_draft_of_a_removed_model_fails(client, planned, later, manager):
    gone = ContentType.objects.create(app_label="services", model="retired")
    Revision.objects.filter(pk=planned.pk).update(content_type=gone)
    assert client.get("/").status_code == 200
    planned.refresh_from_db()
    assert planned.errors == ["Its kind of page is gone."]
    client.force_login(manager)
    assert client.get("/admin/").status_code == 200
    Revision.objects.filter(pk=planned.pk).update(data=planned.data | {"model": "services.retired"})
    assert client.get(reverse("shared_draft", args=[planned.token])).status_code == 404


def test_version_of_a_merged_release_equals_the_live_page(planned, later):
    Service.objects.update(lead="Changed meanwhile.")
    assert release_due() == 1
    planned.refresh_from_db()
    assert planned.data == take(Service.objects.get())
    assert planned.base.data["rows"][f"/{planned.object_id}"]["lead"] == "Changed meanwhile."


def test_dated_draft_of_a_new_page_goes_live(service, manager):
    data = take(service)
    kind = ContentType.objects.get_for_model(Service)
    service.delete()
    draft = Revision.objects.create(
        content_type=kind, object_id=data["pk"], data=data, apply_at=timezone.now(), approved_by=manager
    )
    assert release_due() == 1
    draft.refresh_from_db()
    assert (draft.base, draft.errors) == (None, [])
    assert take(Service.objects.get()) == data


def test_release_of_a_part_records_its_whole(service, manager):
    question = service.questions.first()
    base = record_version(type(question), question.pk)
    Revision.objects.create(
        content_type=base.content_type,
        object_id=question.pk,
        data=edited(base.data, answer="Planned answer"),
        base=base,
        apply_at=timezone.now(),
        approved_by=manager,
    )
    assert release_due() == 1
    newest = Revision.objects.of(Service, service.pk).versions().first()
    assert (newest.author, newest.data) == (manager, take(service))
