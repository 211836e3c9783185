"""Recording what is live as a version, and the lists of the history."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pages.models import Page
from publishing.models import Revision
from publishing.revisions import history
from publishing.revisions.record import current_version, record_version, record_whole
from publishing.revisions.rights import may_publish
from publishing.revisions.snapshot import take
from services.models import FAQ, Service

HOUR = timedelta(hours=1)


@pytest.fixture
def question(service):
    return service.questions.first()


def record(model, pk, author=None):
    with transaction.atomic():
        return record_version(model, pk, author)


def test_version_is_recorded_once_until_something_changes(service, manager):
    first = record(Service, service.pk, manager)
    assert (first.author, first.base, first.data) == (manager, None, take(service))
    assert first.applied_at is not None
    assert record(Service, service.pk) == first
    Service.objects.update(title="By a script")
    second = record(Service, service.pk)
    assert (second.author, second.base) == (None, first)
    assert Revision.objects.count() == 2


def test_version_of_what_is_not_there_is_none(service):
    pk = service.pk
    service.delete()
    assert record(Service, pk) is None
    assert not Revision.objects.exists()


def test_recording_a_part_records_its_whole_by_the_same_author(service, question, manager):
    record(FAQ, question.pk, manager)
    whole = Revision.objects.of(Service, service.pk).get()
    assert (whole.author, whole.data) == (manager, take(service))


def test_both_wholes_of_a_part_that_moves_are_asked_for_before_it(service, question):
    """In the order of their keys, so that no two moves wait for each other."""
    other = Service.objects.create(pk=UUID(int=1), title="Other", slug="other")
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        record_version(FAQ, question.pk, new_whole=str(other.pk))
    keys = [row.pk.hex for row in (other, service, question)]
    found = [key for query in asked for key in keys if key in query["sql"].replace("-", "")]
    assert found[1:4] == keys, "after the question's own whole was looked up"


def test_recording_a_part_without_a_whole_records_nothing_else(db):
    general = FAQ.objects.create(question="Q", answer="A")
    record(FAQ, general.pk)
    assert Revision.objects.count() == 1


def test_whole_of_a_deleted_part_is_recorded(service, question, manager):
    data = take(question)
    question.delete()
    with transaction.atomic():
        record_whole(data, manager)
    assert f"questions/{data['pk']}" not in Revision.objects.of(Service, service.pk).get().data["rows"]


@pytest.fixture
def versions(service, manager, time_machine):
    """Three versions of the service, one an hour."""
    start = timezone.now()
    found = []
    for n in range(3):
        time_machine.move_to(start + n * HOUR, tick=False)
        Service.objects.update(title=f"Title {n}")
        found.append(record(Service, service.pk, manager))
    return found


def test_versions_are_listed_with_what_each_changed(service, versions):
    listed = history.versions(Service, str(service.pk))
    assert [version.revision for version in listed] == versions[::-1]
    changes = [[(change.before, change.after) for change in version.differences] for version in listed]
    assert changes == [[("Title 1", "Title 2")], [("Title 0", "Title 1")], []]


@pytest.mark.parametrize(("shown", "differing"), [(2, [1, 1]), (3, [1, 1, 0])])
def test_last_listed_version_differs_from_the_one_before_it(service, versions, monkeypatch, shown, differing):
    monkeypatch.setattr(history, "SHOWN", shown)
    listed = history.versions(Service, str(service.pk))
    assert [len(version.differences) for version in listed] == differing


def test_closed_drafts_of_an_object_are_listed(service, versions, monkeypatch):
    fields = {"content_type": versions[0].content_type, "object_id": service.pk, "data": versions[0].data}
    Revision.objects.create(**fields)
    drafts = [Revision.objects.create(**fields, closed_at=timezone.now() + n * HOUR) for n in range(3)]
    assert history.closed_drafts(Service, str(service.pk)) == drafts[::-1]
    monkeypatch.setattr(history, "SHOWN", 2)
    assert history.closed_drafts(Service, str(service.pk)) == drafts[:0:-1]


def test_discarded_are_the_closed_drafts_of_what_never_existed(service, versions):
    fields = {"content_type": versions[0].content_type, "data": versions[0].data, "closed_at": timezone.now()}
    other = "00000000-0000-4000-8000-000000000000"
    Revision.objects.create(**fields, object_id=service.pk)
    replaced = Revision.objects.create(**fields, object_id=other)
    last = Revision.objects.create(**fields, object_id=other)
    replaced.successor = last
    replaced.save()
    assert history.discarded(Service) == [last]
    assert history.discarded(FAQ) == []


def test_deleted_are_the_last_versions_of_what_does_not_exist(service, versions, monkeypatch):
    assert history.deleted(Service) == []
    service.delete()
    other = Service.objects.create(title="Other", slug="other")
    gone = record(Service, other.pk)
    Revision.objects.filter(pk=gone.pk).update(applied_at=timezone.now() + HOUR)
    assert history.deleted(Service) == [versions[-1]]
    other.delete()
    assert history.deleted(Service) == [gone, versions[-1]]
    assert history.deleted(FAQ) == []
    monkeypatch.setattr(history, "SHOWN", 1)
    assert history.deleted(Service) == [gone]


def test_authors_are_read_with_each_list(service, versions, manager, django_assert_num_queries):
    fields = {"content_type": versions[0].content_type, "data": versions[0].data, "closed_at": timezone.now()}
    for key in (service.pk, "00000000-0000-4000-8000-000000000000"):
        Revision.objects.create(**fields, object_id=key, author=manager)
    lists = [history.closed_drafts(Service, str(service.pk)), history.discarded(Service)]
    lists.append([version.revision for version in history.versions(Service, str(service.pk))])
    service.delete()
    lists.append(history.deleted(Service))
    with django_assert_num_queries(0):
        assert [{revision.author for revision in found} for found in lists] == [{manager}] * 4


def test_only_active_people_with_the_right_may_publish(manager, django_user_model):
    assert may_publish(manager, Service)
    assert not may_publish(django_user_model.objects.create_user("visitor"), Service)
    assert not may_publish(None, Service)
    manager.is_active = False
    assert not may_publish(manager, Service)


def test_object_that_is_deleted_while_it_is_read_has_no_version(clinic, monkeypatch):
    def take_late(obj):
        type(obj)._base_manager.filter(pk=obj.pk).delete()
        return take(obj)

    monkeypatch.setattr("publishing.revisions.record.take", take_late)
    page = Page.objects.create(title="Gone", slug="gone")
    assert current_version(Page, page.pk) is None
