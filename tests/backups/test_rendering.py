from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings as project_settings
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from backups import BackupError, rendering
from backups.moment import describe
from backups.rendering import rendered
from pages.models import Clinic, Page
from publishing.models import Revision


def at(manifest, moment):
    return rendered(replace(manifest, made_at=moment.isoformat()))


def test_pages_are_those_of_the_moment_that_is_asked_for(full_site):
    manifest = describe()
    ends = timezone.now() + timedelta(days=400)
    Clinic.objects.update(notice="Closed today: snow", notice_until=ends)
    Page.objects.filter(slug="parking").update(publish_at=ends)
    before, after = (at(manifest, ends + timedelta(seconds=seconds)) for seconds in (-1, 1))
    assert at(manifest, ends - timedelta(seconds=1)) == before
    assert before["/"] != after["/"]
    assert after.keys() - before.keys() == {"/parking/"}


def test_hours_are_open_or_closed_as_of_the_moment(full_site):
    manifest = describe()
    noon = datetime.fromisoformat("2026-11-24T10:00:00-05:00")
    assert at(manifest, noon)["/contact/"] != at(manifest, noon + timedelta(hours=9))["/contact/"]


def test_time_zone_and_address_are_those_of_the_manifest(full_site):
    manifest = describe()
    here = rendered(manifest)
    elsewhere = rendered(replace(manifest, site_url="https://www.example.com"))
    assert all(here[page] != elsewhere[page] for page in ("/", "/faq/", "/sitemap.xml", "/robots.txt"))
    noon = datetime.fromisoformat("2026-11-24T10:00:00-05:00")
    assert at(manifest, noon)["/contact/"] != at(replace(manifest, time_zone="Asia/Tokyo"), noon)["/contact/"]
    assert (project_settings.TIME_ZONE, timezone.get_current_timezone_name()) == ("America/New_York",) * 2


def test_names_of_gathered_files_are_in_no_page(full_site, collected):
    manifest = describe()
    with_gathered = rendered(manifest)
    collected.rename(collected.with_name("gone"))
    assert rendered(manifest) == with_gathered


def test_rendering_releases_and_writes_nothing(full_site):
    Revision.objects.update(apply_at=timezone.now() - timedelta(days=1))
    manifest = describe()
    with connection.execute_wrapper(refuse_writing):
        rendered(manifest)


def refuse_writing(execute, sql, parameters, many, context):
    assert sql.lstrip("( ").startswith(("SELECT", "PRAGMA"))
    return execute(sql, parameters, many, context)


def test_empty_site_has_its_fixed_pages(db):
    assert {"/", "/contact/", "/privacy/", "/robots.txt"} <= rendered(describe()).keys()


def test_page_that_answers_otherwise_is_told(clinic, monkeypatch):
    from pages import urls

    pattern = next(one for one in urls.urlpatterns if one.name == "contact")
    monkeypatch.setattr(pattern, "callback", lambda request: HttpResponse(status=500))
    with pytest.raises(BackupError, match="The page /contact/ cannot be shown"):
        rendered(describe())


def test_lists_are_followed_to_their_end(full_site):
    pages = rendered(describe())
    for address in map(rendering.reverse, rendering.LISTS):
        assert address in pages
    assert {"/faq/?page=2", "/testimonials/?page=2"} <= pages.keys()
    assert not {"/faq/?page=3", "/testimonials/?page=3", "/services/?page=2"} & pages.keys()
