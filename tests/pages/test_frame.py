"""The header, the footer and the head of every page."""

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from pagecache.models import ContentVersion
from pages.models import Clinic
from services.models import FAQ, Service
from testimonials.models import Testimonial


def parts(client, address):
    """The header, the main part and the footer of a page."""
    head, _, rest = client.get(address).content.decode().partition("<main")
    main, _, foot = rest.partition("</main>")
    return head, main, foot


def test_index_that_holds_only_drafts_is_not_linked(client, clinic):
    FAQ.objects.create(service=Service.objects.create(title="Draft", slug="draft"), question="Q?", answer="A.")
    Service.objects.update(publish_at=None)
    Testimonial.objects.update(publish_at=None)
    head, _, foot = parts(client, "/")
    for address in ("/services/", "/testimonials/", "/faq/"):
        assert f'href="{address}"' not in head + foot
    Service.objects.filter(slug="draft").update(publish_at=timezone.now())
    head, _, foot = parts(client, "/")
    for address in ("/services/", "/faq/"):
        assert f'href="{address}"' in head
        assert f'href="{address}"' in foot


@pytest.mark.parametrize(
    ("address", "header", "footer"),
    [
        ("/contact/", '"/contact/" aria-current="page"', '"/contact/" aria-current="page"'),
        (
            "/services/muscle-scraping-therapy/",
            '"/services/" aria-current="true"',
            '"/services/muscle-scraping-therapy/" aria-current="page"',
        ),
        ("/privacy/", "", '"/privacy/" aria-current="page"'),
        ("/", "", ""),
    ],
)
def test_links_tell_where_one_is(client, clinic, address, header, footer):
    head, _, foot = parts(client, address)
    for part, link in ((head, header), (foot, footer)):
        assert part.count("aria-current") == (1 if link else 0)
        assert f"<a href={link}" in part


def test_shared_link_shows_the_picture_of_the_site(client, clinic):
    answer = client.get("/contact/")
    assertContains(answer, '<meta property="og:image" content="http://testserver/static/img/share.png">')
    assertContains(answer, '<meta property="og:url" content="http://testserver/contact/">')
    assertContains(answer, '<meta property="og:site_name" content="Clifton Physical Therapy">')


def test_footer_tells_machines_what_the_clinic_is(client, clinic):
    foot = parts(client, "/privacy/")[2]
    assert '<div itemscope itemtype="https://schema.org/MedicalClinic">' in foot
    assert '<h2 itemprop="name">Clifton Physical Therapy</h2>' in foot
    assert '<span itemprop="address">1059 Bloomfield Ave, Clifton, NJ 07012</span>' in foot
    assert 'href="tel:+19732411338" itemprop="telephone">(973) 241-1338</a>' in foot


def test_fax_and_email_stand_on_the_contact_page_alone(client, clinic):
    Clinic.objects.update(fax="+19735550123", email="desk@example.com")
    for address in ("/", "/services/muscle-scraping-therapy/", "/privacy/"):
        answer = client.get(address)
        assertNotContains(answer, "(973) 555-0123")
        assertNotContains(answer, "desk@example.com")


def test_page_is_whole_without_the_row_of_the_version(client, clinic):
    ContentVersion.objects.all().delete()
    assert "FAQs" in client.get("/contact/").content.decode()
