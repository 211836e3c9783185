import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from pytest_django.asserts import assertContains

from pages.models import Page
from services.models import Service
from tests.everywhere.walk import ADDRESSES, SERVICE

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(client):
    return [found.text for found in ET.fromstring(client.get("/sitemap.xml").content).iter(f"{SPACE}loc")]


def test_sitemap_holds_each_public_page_once_below_the_site_url(client, full_site):
    wanted = [f"http://testserver{address}" for address in ADDRESSES if "?" not in address]
    assert sorted(locations(client)) == sorted(wanted)


def test_sitemap_leaves_out_what_is_not_public(client, full_site):
    Service.objects.update(publish_at=None)
    assert not [location for location in locations(client) if "/services/" in location]


def test_sitemap_names_the_site_url_whatever_host_asked(client, full_site, settings):
    settings.SITE_URL = "https://www.example.com"
    assert all(location.startswith("https://www.example.com/") for location in locations(client))


def test_robots_are_shown_the_sitemap_and_kept_from_the_admin(client, db):
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assertContains(answer, "Disallow: /admin/")
    assertContains(answer, "Sitemap: http://testserver/sitemap.xml")


def test_sitemap_says_when_a_service_or_page_was_changed(client, full_site, time_machine):
    time_machine.move_to(datetime(2027, 5, 4, 12, tzinfo=UTC))
    for row in (Service.objects.first(), Page.objects.get(slug="parking")):
        row.save()
    found = ET.fromstring(client.get("/sitemap.xml").content).iter(f"{SPACE}url")
    dates = {url.findtext(f"{SPACE}loc"): url.findtext(f"{SPACE}lastmod") for url in found}
    assert dates[f"http://testserver{SERVICE}"] == dates["http://testserver/parking/"] == "2027-05-04"
    assert dates["http://testserver/"] is None


def test_sitemap_says_when_the_picture_of_a_page_was_changed(client, full_site, time_machine):
    time_machine.move_to(datetime(2027, 5, 4, 12, tzinfo=UTC))
    Page.objects.get(slug="parking").picture.save()
    assert "parking/</loc><lastmod>2027-05-04</lastmod>" in client.get("/sitemap.xml").content.decode()


def test_sitemap_says_when_a_page_became_public(client, full_site, time_machine):
    Page.objects.filter(slug="parking").update(publish_at=datetime(2027, 5, 3, 12, tzinfo=UTC))
    time_machine.move_to(datetime(2027, 5, 4, 12, tzinfo=UTC))
    assert "parking/</loc><lastmod>2027-05-03</lastmod>" in client.get("/sitemap.xml").content.decode()
