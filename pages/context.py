"""What the header and the footer of every public page show."""

from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from pages.models import STATEMENT_SLUGS, Clinic, Page
from services.models import FAQ, Service
from testimonials.models import Testimonial


class Link(NamedTuple):
    url: str
    label: str
    current: str = ""


class Chrome:
    """Asks the database only for what a template shows."""

    def __init__(self, path):
        self.path = path
        self.site_url = settings.SITE_URL

    def link(self, url, label):
        """A link that knows whether it leads to this page ("page") or to what this page belongs to ("true")."""
        current = "page" if url == self.path else "true" if self.path.startswith(url) else ""
        return Link(url, label, current)

    @cached_property
    def clinic(self):
        return Clinic.current()

    @cached_property
    def first_service(self):
        return Service.objects.live().only("title", "slug").first()

    @cached_property
    def main_links(self):
        """The header's links; an index with nothing in it is not linked."""
        indexes = (
            (self.first_service, "services", "Services"),
            (Testimonial.objects.live().exists(), "testimonials", "Testimonials"),
            (FAQ.objects.live().exists(), "faq", "FAQs"),
            (True, "contact", "Contact"),
        )
        return [self.link(reverse(name), label) for filled, name, label in indexes if filled]

    @cached_property
    def footer_links(self):
        first = (
            [self.link(self.first_service.get_absolute_url(), self.first_service.title)] if self.first_service else []
        )
        pages = Page.objects.live().filter(is_in_footer=True).exclude(slug__in=STATEMENT_SLUGS).only("title", "slug")
        statements = [self.link(reverse(name), name.capitalize()) for name in ("privacy", "accessibility")]
        return [*first, *self.main_links, *(self.link(p.get_absolute_url(), p.title) for p in pages), *statements]


def chrome(request):
    return {"chrome": Chrome(request.path)}
