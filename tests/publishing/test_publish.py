"""Saving what was merged with changes of others."""

import pytest
from django.urls import reverse

from publishing.models import Revision
from publishing.revisions.snapshot import own_fields
from services.models import Service
from tests.admin.forms import filled

IN_ORDER = "the first may not exceed the second."


@pytest.fixture
def url(service):
    Service.objects.update(session_length_text="From 30 to 45 minutes.")
    return reverse("admin:services_service_change", args=[service.pk])


def minutes():
    return Service.objects.values_list("minutes_from", "minutes_to").get()


def test_merge_that_violates_a_rule_becomes_a_draft_and_is_not_published(manager_client, url):
    mine, theirs = filled(manager_client, url, minutes_from="45"), filled(manager_client, url, minutes_to="30")
    assert manager_client.post(url, theirs).status_code == 302
    before = list(Service.objects.values())
    answer = manager_client.post(url, mine, follow=True)
    assert list(Service.objects.values()) == before
    assert minutes() == (30, 30)
    draft = Revision.objects.drafts().get()
    assert own_fields(draft.data)["minutes_from"] == 45
    assert IN_ORDER in answer.content.decode()
    assert answer.redirect_chain[-1][0] == f"{url}?revision={draft.pk}"


def test_draft_whose_merge_violates_a_rule_stays_open(manager_client, url):
    mine = filled(manager_client, url, minutes_from="45", _keep="1")
    place = manager_client.post(url, mine).headers["Location"]
    draft = Revision.objects.drafts().get()
    data = filled(manager_client, place)
    assert manager_client.post(url, filled(manager_client, url, minutes_to="30")).status_code == 302
    manager_client.post(place, data)
    replaced_by = Revision.objects.drafts().get()
    draft.refresh_from_db()
    assert draft.successor == replaced_by
    assert replaced_by.applied_at is None
    assert minutes() == (30, 30)
