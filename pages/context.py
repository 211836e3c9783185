"""What the header and the footer of every public page show."""

from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from pages.models import STATEMENT_SLUGS, Clinic, Page
from publishing.keeping import shared
from services.models import FAQ, Service
from testimonials.models import Testimonial


class Link(NamedTuple):
    url: str
    label: str
    current: str = ""


class Site:
    """What every page shows of the content. Asks the database only for what a template shows."""

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
        return [Link(reverse(name), label) for filled, name, label in indexes if filled]

    @cached_property
    def footer_links(self):
        first = [self.first_service] if self.first_service else []
        pages = Page.objects.live().filter(is_in_footer=True).exclude(slug__in=STATEMENT_SLUGS).only("title", "slug")
        statements = [Link(reverse(name), name.capitalize()) for name in ("privacy", "accessibility")]
        first, pages = ([Link(found.get_absolute_url(), found.title) for found in rows] for rows in (first, pages))
        return [*first, *self.main_links, *pages, *statements]


def site(request):
    """The Site as this request may see it."""
    return shared(request).setdefault("site", Site())


class Chrome:
    """The same for one page."""

    def __init__(self, request):
        self.path, self.site = request.path, site(request)
        self.site_url = settings.SITE_URL

    def known(self, links):
        """Links that know whether they lead to this page ("page") or to what this page belongs to ("true")."""
        return [
            link._replace(current="page" if link.url == self.path else "true" if self.path.startswith(link.url) else "")
            for link in links
        ]

    @property
    def clinic(self):
        return self.site.clinic

    @property
    def main_links(self):
        return self.known(self.site.main_links)

    @property
    def footer_links(self):
        return self.known(self.site.footer_links)


def chrome(request):
    return {"chrome": Chrome(request)}
