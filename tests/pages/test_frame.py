"""The header, the footer and the head of every page."""

import re
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image
from pytest_django.asserts import assertContains, assertNotContains

from pagecache.models import ContentVersion
from pages.models import Clinic, Page
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.everywhere.walk import SERVICE


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
    assert '<span itemprop="telephone"><a class="tel tapline" href="tel:+19732411338">(973) 241-1338</a></span>' in foot


def test_fax_stands_on_the_contact_page_alone(client, clinic):
    Clinic.objects.update(fax="+19735550123")
    for address in ("/", SERVICE, "/privacy/"):
        assertNotContains(client.get(address), "(973) 555-0123")


@pytest.mark.parametrize(
    ("address", "times"),
    [("/", 2), (SERVICE, 3), ("/privacy/", 2), ("/accessibility/", 2), ("/contact/", 2), ("/faq/", 2)],
)
def test_email_stands_wherever_the_telephone_does(client, clinic, address, times):
    Clinic.objects.update(email="desk@example.com")
    assertContains(client.get(address), '<a href="mailto:desk@example.com">desk@<wbr>example.<wbr>com</a>', count=times)


def test_clinic_with_nothing_but_an_email_can_be_written_to(client, clinic):
    Clinic.objects.update(email="desk@example.com", phone="", street="", city="", state="", postal_code="")
    for address in ("/privacy/", "/faq/", "/contact/"):
        assert client.get(address).content.decode().count("mailto:desk@example.com") == 2, address
    assert "Write to <a" in client.get("/privacy/").content.decode()


def test_service_is_called_at_its_own_number(client, service):
    head, foot = parts(client, SERVICE)[0], client.get(SERVICE).content.decode().split('<nav class="callbar"')[1]
    assert 'Call to schedule <a class="tel" href="tel:+19739229659">(973) 922-9659</a>' in head
    assert 'href="tel:+19739229659"><span>Call to schedule <b class="tel">(973) 922-9659</b>' in foot
    service.schedule_text = service.booking_phone = ""
    service.save()
    assert "Call for appointments <a" in parts(client, SERVICE)[0]


def test_home_of_one_service_names_the_number_of_its_call(client, service):
    assert 'Call to schedule <a class="tel" href="tel:+19739229659">' in parts(client, "/")[0]
    assert "241-1338" not in parts(client, "/")[1]
    Service.objects.create(title="Other", slug="other", publish_at=timezone.now())
    assert 'Call for appointments <a class="tel" href="tel:+19732411338">' in parts(client, "/")[0]


def test_contact_of_a_service_has_no_button_that_calls_another_number(client, service):
    contact = client.get(SERVICE).content.decode().split('id="contact"')[1].split("</section>")[0]
    assert "Phone (appointments)" in contact
    assert ">Call</a>" not in contact
    service.schedule_text = service.booking_phone = ""
    service.save()
    assert ">Call</a>" in client.get(SERVICE).content.decode()


@pytest.mark.parametrize("address", ["/contact/", "/faq/", "/services/"])
def test_other_pages_name_the_clinics_number_and_what_it_is_for(client, clinic, address):
    assert 'Call for appointments <a class="tel" href="tel:+19732411338">' in parts(client, address)[0]


@pytest.mark.parametrize("address", ["/faq/", "/testimonials/", "/services/", "/parking/"])
def test_page_ends_with_a_call(client, clinic, address):
    Page.objects.create(title="Parking", slug="parking", body="<p>Here.</p>", publish_at=timezone.now())
    end = client.get(address).content.decode().split('<div class="cta cta--clinic">')[1].split("</div>")[0]
    assert 'Call <a class="tel" href="tel:+19732411338">(973) 241-1338</a>.</p>' in end


def test_profiles_have_the_names_of_their_sites(client, clinic):
    Clinic.objects.update(
        social_links="https://www.facebook.com/clinic\nhttps://m.yelp.com/x\nhttps://www.example.org/a"
    )
    foot = parts(client, "/privacy/")[2]
    assert re.findall(r'itemprop="sameAs">([^<]+)</a>', foot) == ["Facebook", "Yelp", "example.org"]


@pytest.mark.parametrize(("path", "size"), [("/favicon.ico", 48), ("/apple-touch-icon.png", 180)])
def test_icons_are_where_systems_look_for_them(client, db, path, size):
    answer = client.get(path)
    assert answer.status_code == 200
    assert Image.open(BytesIO(answer.getvalue())).size == (size, size)


def test_page_is_whole_without_the_row_of_the_version(client, clinic):
    ContentVersion.objects.all().delete()
    assert "FAQs" in client.get("/contact/").content.decode()
