"""Revisions: which are drafts, due, published, closed or deleted."""

from datetime import timedelta
from importlib import import_module
from itertools import count
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone

from pages.models import Clinic
from publishing.models import CLOSED_DRAFTS_FOR, SHARED_FOR, Revision, signer, title_of
from publishing.revisions.snapshot import take, with_own_fields
from services.models import Service

HOUR = timedelta(hours=1)


@pytest.fixture
def now(time_machine):
    moment = timezone.now()
    time_machine.move_to(moment, tick=False)
    return moment


@pytest.fixture
def revise(service, now):
    """Make a revision of the service."""
    kind = ContentType.objects.get_for_model(Service)
    data = take(service)

    numbers = count(1)

    def make(**fields):
        if fields.get("applied_at"):
            fields = {"number": next(numbers)} | fields
        return Revision.objects.create(**{"content_type": kind, "object_id": service.pk, "data": data} | fields)

    return make


def test_old_drafts_are_deleted_by_the_time_at_which_they_were_closed(revise, now):
    age = CLOSED_DRAFTS_FOR + HOUR
    old_but_closed_today = revise(created_at=now - age, closed_at=now)
    open_and_old = revise(created_at=now - age)
    at_the_limit = revise(created_at=now - age, closed_at=now - CLOSED_DRAFTS_FOR)
    version = revise(created_at=now - age, applied_at=now - age, closed_at=now - age)
    revise(created_at=now, closed_at=now - age)
    Revision.objects.delete_old_drafts()
    assert set(Revision.objects.all()) == {old_but_closed_today, open_and_old, at_the_limit, version}


def test_draft_is_closed_once_with_its_successor(revise, now, time_machine):
    draft, successor = revise(), revise()
    draft.close(successor)
    time_machine.move_to(now + HOUR, tick=False)
    draft.close()
    draft.refresh_from_db()
    successor.refresh_from_db()
    assert (draft.closed_at, draft.successor) == (now, successor)
    assert successor.closed_at is None


def test_version_cannot_be_closed(revise, now):
    version = revise(applied_at=now)
    version.close(revise())
    version.refresh_from_db()
    assert (version.closed_at, version.successor) == (None, None)


def test_latest_follows_all_successors(revise):
    last = revise()
    middle = revise(successor=last)
    assert revise(successor=middle).latest == last
    assert last.latest == last


def test_drafts_are_neither_published_nor_closed(revise, now):
    draft, version, closed = revise(), revise(applied_at=now), revise(closed_at=now)
    assert list(Revision.objects.drafts()) == [draft]
    assert [row.is_draft for row in (draft, version, closed)] == [True, False, False]


def test_due_are_drafts_whose_time_has_come_and_that_have_not_failed(revise, now):
    due, later = revise(apply_at=now), revise(apply_at=now + HOUR)
    revise(apply_at=now, failed_at=now)
    revise(apply_at=now, closed_at=now)
    revise(apply_at=now, applied_at=now)
    revise()
    assert list(Revision.objects.due()) == [due]
    assert set(Revision.objects.due(now + HOUR)) == {due, later}


def test_published_and_closed_are_listed_the_latest_first(revise, now):
    versions = [revise(applied_at=at, number=number) for at, number in ((now - HOUR, 2), (now + HOUR, 3), (now, 4))]
    drafts = [revise(closed_at=at) for at in (now - HOUR, now, now)]
    revise(applied_at=now, closed_at=now, number=1)
    of_an_older_release = revise(applied_at=now, number=None)
    assert list(Revision.objects.versions())[:4] == [of_an_older_release, *versions[::-1]]
    assert list(Revision.objects.closed()) == drafts[::-1]


def test_versions_of_before_are_numbered_in_the_order_in_which_they_were_applied(revise, service, now):
    versions = [revise(applied_at=now + step * HOUR, number=9) for step in (2, 0, 1)]
    draft, other = revise(), revise(object_id=UUID(int=7), applied_at=now, number=9)
    migration = import_module("publishing.migrations.0006_number_versions")
    migration.number_versions(apps, SimpleNamespace(connection=connection))
    numbers = [Revision.objects.get(pk=one.pk).number for one in (*versions, draft, other)]
    assert numbers == [3, 1, 2, None, 1]


def test_revisions_of_an_object_are_those_of_its_model_and_key(revise, service):
    own = revise()
    revise(content_type=ContentType.objects.get_for_model(Clinic))
    revise(object_id="00000000-0000-4000-8000-000000000000")
    assert list(Revision.objects.of(Service, service.pk)) == [own]


def test_object_was_public_if_a_version_of_it_had_a_date(revise, service, now):
    hidden = with_own_fields(take(service), {"publish_at": None})
    revise(data=hidden, applied_at=now)
    revise()
    assert not Revision.objects.was_public(Service, service.pk)
    revise(applied_at=now)
    assert Revision.objects.was_public(Service, service.pk)


def test_content_without_a_date_was_public_with_its_first_version(clinic, now):
    kind = ContentType.objects.get_for_model(Clinic)
    assert not Revision.objects.was_public(Clinic, clinic.pk)
    Revision.objects.create(content_type=kind, object_id=clinic.pk, data=take(clinic), number=1, applied_at=now)
    assert Revision.objects.was_public(Clinic, clinic.pk)


def test_revision_is_named_by_the_first_naming_field_that_is_not_empty(revise, service):
    assert str(revise()) == service.title
    assert str(Revision(data={"pk": "1", "rows": {}})) == ""
    assert title_of({"text": "Text", "title": "", "name": "Name"}) == "Name"


def test_token_is_the_signed_key(revise):
    draft = revise()
    assert signer.unsign(draft.token, max_age=SHARED_FOR) == str(draft.pk)


def test_model_of_a_revision_is_none_unless_it_is_stored_content(revise):
    assert revise().model is Service
    assert revise(content_type=ContentType.objects.get_for_model(ContentType)).model is None
