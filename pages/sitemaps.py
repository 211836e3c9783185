from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from pages.context import Site
from pages.models import STATEMENT_SLUGS, Page
from services.models import Service


class CanonicalSitemap(Sitemap):
    """Addresses below SITE_URL, whatever host the request named."""

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol=None):
        return urlsplit(settings.SITE_URL).scheme

    def lastmod(self, item):
        return getattr(item, "updated_at", None)


class FixedPages(CanonicalSitemap):
    def items(self):
        return [reverse("home"), *(link.url for link in Site().main_links), *map(reverse, STATEMENT_SLUGS)]

    def location(self, item):
        return item


class Services(CanonicalSitemap):
    def items(self):
        return Service.objects.live()


class Pages(CanonicalSitemap):
    def items(self):
        return Page.objects.live().exclude(slug__in=STATEMENT_SLUGS)


SITEMAPS: dict[str, type[Sitemap] | Sitemap] = {"fixed": FixedPages, "services": Services, "pages": Pages}
