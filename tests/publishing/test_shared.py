"""What all pages of one version of the content share."""

from datetime import timedelta
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import OperationalError, close_old_connections, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic_site.front import query_parameters
from pagecache.cache import PageCache
from pagecache.state import PAGE_STATE, SharedState, page_state
from pages.context import site
from pages.models import Clinic, Page
from publishing.models import Revision
from publishing.revisions.preview import public_page
from publishing.revisions.record import record_version
from services.models import Service
from testimonials.models import Testimonial
from tests.everywhere.walk import SERVICE
from tests.publishing.test_snapshot import edited

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def connection_stays_open():
    """Django closes old connections before and after each request: here it would be the test's own."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def version():
    """The version that the page cache reads."""
    return {"now": "one"}


@pytest.fixture
def cache(version):
    """A page cache in front of Django."""
    return PageCache(
        WSGIHandler(),
        lambda checked_within=0: version["now"],
        ("http", "testserver"),
        "testserver".__eq__,
        query_parameters,
    )


@pytest.fixture
def visit(cache, version, clinic):
    """Let the page at an address be made anew, of this version."""

    def made(now, address="/contact/"):
        version["now"] = now
        cache.store.pages.clear()
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": address, "HTTP_HOST": "testserver"}
        setup_testing_defaults(environ)
        return b"".join(cache(environ, lambda status, headers: None)).decode()

    return made


def test_pages_of_a_version_ask_for_their_frame_once(visit, django_assert_num_queries):
    visit("one")
    with django_assert_num_queries(1):
        visit("one", "/privacy/")
    with django_assert_num_queries(7):
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


def test_pages_without_the_cache_share_nothing(client, visit):
    visit("one")
    Clinic.objects.update(name="Renamed")
    assert "Renamed" in client.get("/contact/").content.decode()
    assert "Renamed" not in visit("one")


def test_visitor_cannot_hand_over_a_state(rf):
    request = rf.get("/", headers={PAGE_STATE: "x", "Pagecache-State": "x"})
    assert page_state(request) is page_state(request)
    assert page_state(request).shared == SharedState()


def test_what_a_page_of_two_versions_shared_is_forgotten(visit, version, cache, monkeypatch):
    visit("one")
    known = cache.newest
    monkeypatch.setattr("pages.views.vcard", lambda *args: version.update(now="two") or "")
    visit("one", "/contact/clinic.vcf")
    assert known
    assert cache.newest is None


def test_what_is_shared_ends_when_something_changes_by_itself(visit, time_machine):
    now = timezone.now()
    Page.objects.create(title="Opening party", slug="party", is_in_footer=True, publish_at=now + HOUR)
    time_machine.move_to(now, tick=False)
    assert "Opening party" not in visit("one")
    time_machine.move_to(now + HOUR - timedelta(seconds=1), tick=False)
    assert "Opening party" not in visit("one")
    time_machine.move_to(now + HOUR, tick=False)
    assert "Opening party" in visit("one")


def test_what_is_shared_by_a_clock_that_ran_ahead_ends_when_that_is_set_right(visit, time_machine):
    now = timezone.now()
    Page.objects.create(title="Opening party", slug="party", is_in_footer=True, publish_at=now + HOUR)
    time_machine.move_to(now + HOUR, tick=False)
    assert "Opening party" in visit("one")
    time_machine.move_to(now, tick=False)
    assert "Opening party" not in visit("one")


def test_dated_change_is_released_though_its_version_is_known(visit, manager, time_machine):
    now = timezone.now()
    service = Service.objects.get()
    live = record_version(Service, service.pk)
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


def test_failed_page_shares_nothing(visit, cache, monkeypatch):
    monkeypatch.setattr("pagecache.decorators.next_change", lambda now: 1 / 0)
    assert "Something went wrong" in visit("one")
    assert cache.newest is None


def test_page_after_a_failed_release_tries_again(visit, monkeypatch):
    tries = []

    def fail(pk):
        tries.append(pk)
        raise OperationalError("deadlock detected")

    monkeypatch.setattr("publishing.revisions.middleware.keys_due", lambda: [(1,)])
    monkeypatch.setattr("publishing.revisions.middleware.release_one", fail)
    for _ in range(2):
        visit("one")
    assert tries == [1, 1]


def test_preview_shares_nothing_with_the_page_around_it(clinic):
    request = RequestFactory().get("/admin/")
    request.user = None
    assert site(page_state(request)).clinic.name != "Renamed"
    Clinic.objects.update(name="Renamed")
    assert "Renamed" in public_page(request, Clinic.current()).content.decode()
