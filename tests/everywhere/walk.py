"""Every public address of a site that uses everything it can hold. New pages are added here, and only here."""

from datetime import time, timedelta
from html.parser import HTMLParser

from django.utils import timezone

from pages.models import HoursException, OpeningHours, Page
from pictures.models import Picture
from services.models import FAQ, Service
from testimonials.models import Testimonial
from tests.pictures.images import quarters, upload

SERVICE = "/services/muscle-scraping-therapy/"
SMALL_SERVICE = "/services/small/"
ADDRESSES = (
    "/",
    "/services/",
    SERVICE,
    SMALL_SERVICE,
    "/testimonials/",
    "/testimonials/?page=2",
    "/faq/",
    "/faq/?page=2",
    "/contact/",
    "/privacy/",
    "/accessibility/",
    "/parking/",
)
MISSING = "/no-such-page/"
DOWNLOADS = ("/contact/clinic.vcf", "/robots.txt", "/sitemap.xml")


def picture(image, alt="The entrance, seen from the street"):
    return Picture.objects.create(file=upload(image), alt=alt, credit="Photo: A. Neighbour")


def fill(clinic):
    """Give the clinic, which has its own content, one of everything else."""
    past = timezone.now() - timedelta(days=1)
    clinic.fax, clinic.email = "+19735550123", "appointments@cliftonphysicaltherapy.example.com"
    clinic.social_links = "https://www.example.com/clinic"
    clinic.notice, clinic.notice_until = "Closed today: snow", timezone.now() + timedelta(days=1)
    clinic.save()
    for weekday in range(5):
        OpeningHours.objects.create(weekday=weekday, opens=time(8), closes=time(12))
        OpeningHours.objects.create(weekday=weekday, opens=time(13), closes=time(18, 30))
    HoursException.objects.create(date=timezone.localdate() + timedelta(days=3), note="Holiday")
    small = Service.objects.create(title="Small", slug="small", publish_at=past)
    for number in range(2):
        FAQ.objects.create(service=small, question=f"Small question {number}?", answer="An answer.")
    for number in range(25):
        FAQ.objects.create(question=f"General question {number}?", answer="An answer.")
        Testimonial.objects.create(quote=f"Quote {number}", name=f"Patient {number}", publish_at=past)
    entrance, yard = picture(quarters(800, 400)), picture(quarters(250, 300))
    Service.objects.filter(slug=SERVICE.split("/")[-2]).update(picture=entrance)
    body = '<h2>Where</h2><p>Behind <a href="/contact/">the house</a>.</p><ul><li>Two places</li></ul>'
    Page.objects.create(title="Parking", slug="parking", body=body, picture=yard, publish_at=past, is_in_footer=True)
    body = "<p>Ask at the desk.</p>"
    Page.objects.create(title="Our practice", slug="privacy", body=body, picture=yard, publish_at=past)


class Document(HTMLParser):
    """What the tests ask of a page: its elements as (name, attributes), and the text of some."""

    def __init__(self, html):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.texts: dict[str, list[str]] = {"title": [], "h1": [], "h2": []}
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in self.texts:
            self.texts[tag].append("")
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data):
        if self.open:
            self.texts[self.open[-1]][-1] += data

    def all(self, *tags):
        return [attributes for tag, attributes in self.elements if tag in tags]

    @property
    def ids(self):
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self):
        return [attributes["href"] for attributes in self.all("a")]

    @property
    def description(self):
        found = [meta["content"] for meta in self.all("meta") if meta.get("name") == "description"]
        return found[0] if len(found) == 1 else found
