"""What all pages of one version of the content share."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pagecache.decorators import VERSION, newest, shared
from pages.context import site
from pages.models import Clinic, Page
from publishing.models import Revision
from publishing.revisions.preview import public_page
from publishing.revisions.record import record_live
from services.models import Service
from testimonials.models import Testimonial
from tests.everywhere.walk import SERVICE
from tests.publishing.test_snapshot import edited

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_shared():
    newest.clear()
    yield
    newest.clear()


@pytest.fixture
def visit(client, clinic):
    """Ask as the page cache does, which read this version before."""
    return lambda version, address="/contact/": client.get(address, **{VERSION: version}).content.decode()


def test_pages_of_a_version_ask_for_their_frame_once(visit, django_assert_num_queries):
    visit("one")
    with django_assert_num_queries(1):
        visit("one", "/privacy/")
    with django_assert_num_queries(8):
        visit("two", "/privacy/")


@pytest.mark.parametrize("address", ["/services/", "/testimonials/", "/faq/"])
def test_rows_of_a_list_are_counted_once_a_version(visit, address):
    Testimonial.objects.bulk_create(
        Testimonial(quote="Q", name=f"N{i}", position=i + 9, publish_at=timezone.now()) for i in range(30)
    )
    counted = []
    for version, path in (("one", address), ("one", address), ("one", "/"), ("one", address), ("two", address)):
        with CaptureQueriesContext(connection) as captured:
            visit(version, path)
        counted.append(any("COUNT(" in query["sql"] for query in captured.captured_queries))
    assert counted == [True, False, False, False, True]


def test_each_list_has_its_own_number_of_pages(visit):
    now = timezone.now()
    Testimonial.objects.bulk_create(
        Testimonial(quote="Q", name=f"N{i}", position=i + 9, publish_at=now) for i in range(30)
    )
    assert "Page 1 of 2" in visit("one", "/testimonials/")
    assert "Page 1 of" not in visit("one", "/faq/")


def test_pages_of_another_version_ask_anew(visit):
    assert "Renamed" not in visit("one")
    Clinic.objects.update(name="Renamed")
    assert "Renamed" not in visit("one")
    assert "Renamed" in visit("two")


def test_pages_of_no_version_share_nothing(client, visit):
    visit("one")
    Clinic.objects.update(name="Renamed")
    assert "Renamed" in client.get("/contact/").content.decode()
    assert list(newest) == ["one"]


def test_visitor_cannot_name_a_version(client, visit):
    visit("one")
    assert shared(RequestFactory(headers={VERSION: "one", "Clinic-Version": "one"}).get("/")) == {}


def test_what_is_shared_ends_when_something_changes_by_itself(visit, time_machine):
    now = timezone.now()
    Page.objects.create(title="Opening party", slug="party", is_in_footer=True, publish_at=now + HOUR)
    time_machine.move_to(now, tick=False)
    assert "Opening party" not in visit("one")
    time_machine.move_to(now + HOUR - timedelta(seconds=1), tick=False)
    assert "Opening party" not in visit("one")
    time_machine.move_to(now + HOUR, tick=False)
    assert "Opening party" in visit("one")


def test_dated_change_is_released_though_its_version_is_known(visit, manager, time_machine):
    now = timezone.now()
    service = Service.objects.get()
    live = record_live(Service, service.pk)
    data = edited(live.data, summary="Told anew.")
    Revision.objects.create(
        content_type=live.content_type,
        object_id=service.pk,
        data=data,
        base=live,
        apply_at=now + HOUR,
        approved_by=manager,
    )
    assert "Told anew." not in visit("one", SERVICE)
    time_machine.move_to(now + HOUR, tick=False)
    assert "Told anew." in visit("one", SERVICE)


def test_failed_page_shares_nothing(client, clinic, monkeypatch):
    monkeypatch.setattr("pagecache.decorators.next_change", lambda now: 1 / 0)
    client.raise_request_exception = False
    assert client.get("/contact/", **{VERSION: "one"}).status_code == 500
    assert not newest


def test_preview_shares_nothing_with_the_page_around_it(clinic):
    request = RequestFactory().get("/admin/")
    request.user = None
    assert site(request).clinic.name != "Renamed"
    Clinic.objects.update(name="Renamed")
    assert "Renamed" in public_page(request, Clinic.current()).content.decode()
