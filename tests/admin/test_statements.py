"""What opening and saving a form asks of the database."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from publishing.models import Revision
from services.models import FAQ, Claim, Condition
from tests.admin.forms import filled
from tests.admin.rows import recorded


@pytest.fixture
def url(service):
    return reverse("admin:services_service_change", args=[service.pk])


def grow(service, rows):
    start = service.conditions.count()
    for number in range(start, start + rows):
        Condition.objects.create(service=service, name="N", anchor=f"anchor-{number}", text="T")
        Claim.objects.create(service=service, text="A study.")
        FAQ.objects.create(service=service, question="Why?", answer="Because.")


def statements(do):
    with CaptureQueriesContext(connection) as captured:
        do()
    return len(captured)


def test_statements_of_opening_a_form_do_not_grow_with_its_rows(manager_client, service, url):
    counts = []
    for rows in (0, 20):
        grow(service, rows)
        manager_client.get(url)
        counts.append(statements(lambda: manager_client.get(url)))
    assert counts[0] == counts[1]


def test_statements_of_a_save_grow_neither_with_the_rows_nor_with_those_that_change(manager_client, service, url):
    counts = {}
    for rows in (0, 20):
        grow(service, rows)
        recorded(service)
        for changed in (0, 1, 3):
            data = filled(manager_client, url, title=f"Title {rows} {changed}")
            for number in range(changed):
                data[f"questions-{number}-answer"] = f"Changed {rows} {changed}."
            counts[rows, changed] = statements(lambda data=data: manager_client.post(url, data))
    for changed in (0, 1, 3):
        assert counts[0, changed] == counts[20, changed]
    assert counts[0, 3] == counts[0, 1]


def test_form_that_is_refused_writes_nothing(staff_client, service, url):
    for place in (url, url.replace("change", "history"), reverse("admin:services_service_add")):
        assert staff_client.get(place).status_code == 403
    assert staff_client.post(url, {"title": "X"}).status_code == 403
    assert not Revision.objects.exists()
