"""Which pages may be cached, and until when."""

from datetime import timedelta

import pytest
from django.urls import get_resolver
from django.utils import timezone

from clinic_site.front import is_own_host, query_parameters
from pagecache.content import next_change
from pagecache.decorators import FOREVER
from pagecache.state import page_state
from pages.models import Clinic, HoursException, OpeningHours, Page
from publishing.models import Revision
from publishing.revisions.record import record_version
from services.models import Service
from tests.everywhere.walk import ADDRESSES, MISSING, SERVICE

HOUR = timedelta(hours=1)


def expires_at(client, address):
    return page_state(client.get(address).wsgi_request).expires_at


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_public_page_may_be_cached(client, full_site, address):
    response = client.get(address)
    assert page_state(response.wsgi_request).expires_at
    assert response.headers["Cache-Control"] == "no-cache"
    assert "Cookie" not in response.headers.get("Vary", "")
    assert not response.streaming


def test_nothing_else_may_be_cached(manager_client, full_site):
    for address in ("/admin/", "/admin/login/", MISSING, "/draft/1:x/"):
        assert expires_at(manager_client, address) is None, address


def test_lists_alone_have_a_parameter():
    found = {path: query_parameters(path) for path in ("/", SERVICE, "/testimonials/", "/faq/", "/sitemap.xml")}
    assert set(found["/testimonials/"]) == {"page"}
    assert set(found["/faq/"]) == {"page", "question"}
    assert [path for path, names in found.items() if not names] == ["/", SERVICE, "/sitemap.xml"]
    assert query_parameters("/admin/") is query_parameters("/draft/1:x/") is query_parameters("/no/such/page") is None
    assert query_parameters("/\xff/") is None


def test_page_is_cached_for_ever_where_nothing_changes_by_itself(client, clinic):
    assert expires_at(client, SERVICE) == FOREVER


@pytest.mark.parametrize("what", ["page", "service", "notice", "draft"])
def test_pages_end_when_something_changes_by_itself(client, service, what):
    soon, later = timezone.now() + HOUR, timezone.now() + 2 * HOUR
    Page.objects.create(title="Later", slug="later", publish_at=later)
    Service.objects.create(title="Past", slug="past", publish_at=timezone.now() - HOUR)
    if what == "page":
        Page.objects.create(title="Soon", slug="soon", publish_at=soon)
    elif what == "service":
        Service.objects.create(title="Soon", slug="soon", publish_at=soon)
    elif what == "notice":
        Clinic.objects.update(notice="Closed today: snow", notice_until=soon)
    else:
        live = record_version(Service, service.pk)
        Revision.objects.create(
            content_type=live.content_type,
            object_id=service.pk,
            data=live.data,
            base=live,
            apply_at=soon,
            failed_at=timezone.now(),
        )
    Clinic.objects.exclude(notice_until=soon).update(notice="", notice_until=None)
    for address in ("/", SERVICE, "/faq/"):
        assert expires_at(client, address) == soon.timestamp()
    assert next_change(soon) == later
    assert next_change(later) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T07:00:00-05:00", "2026-03-02T08:00:00-05:00"),  # Monday, before it opens
        ("2026-03-02T08:00:00-05:00", "2026-03-02T12:00:00-05:00"),  # open
        ("2026-03-02T12:00:00-05:00", "2026-03-03T00:00:00-05:00"),  # closed: "opens tomorrow" ends at midnight
        ("2026-03-09T08:00:00-04:00", "2026-03-09T10:00:00-04:00"),  # a day with other hours, in daylight time
    ],
)
def test_contact_page_ends_when_its_words_about_today_do(client, clinic, time_machine, now, until):
    OpeningHours.objects.all().delete()
    OpeningHours.objects.create(clinic=clinic, weekday=0, opens="08:00", closes="12:00")
    HoursException.objects.create(clinic=clinic, date="2026-03-09", opens="08:00", closes="10:00")
    time_machine.move_to(now, tick=False)
    assert expires_at(client, "/contact/") == timezone.datetime.fromisoformat(until).timestamp()
    assert expires_at(client, "/") == FOREVER


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("testserver", True),
        ("TestServer:80", True),
        ("testserver:8000", False),
        ("localhost", False),
        ("[::1]:80", False),
        ("evil.example", False),
        ("", False),
        ("testserver.evil.example", False),
        ("test server", False),
    ],
)
def test_only_the_sites_own_hosts_are_served_cached_pages(settings, host, is_ours):
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "[::1]"]
    assert is_own_host(host) == is_ours


def test_every_public_view_declares_itself():
    """A new page cannot be forgotten: whatever is not the staff's or a file says whether it may be cached."""
    names = [pattern.name for pattern in get_resolver().url_patterns[-1].url_patterns]
    views = [pattern.callback for pattern in get_resolver().url_patterns[-1].url_patterns]
    assert [name for name, view in zip(names, views, strict=True) if not hasattr(view, "query_parameters")] == []
