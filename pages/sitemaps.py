from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from pages.context import Site
from pages.models import STATEMENT_SLUGS, Page
from services.models import Service


class CanonicalSitemap(Sitemap):
    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme


class PublishedPages(CanonicalSitemap):
    def lastmod(self, item: Service | Page) -> datetime:
        moments = (item.updated_at, item.publish_at, item.picture and item.picture.updated_at)
        return max(moment for moment in moments if moment)


class FixedPages(CanonicalSitemap):
    def items(self) -> list[str]:
        return [reverse("home"), *(link.url for link in Site().main_links), *map(reverse, STATEMENT_SLUGS)]

    def location(self, item: str) -> str:
        return item


class Services(PublishedPages):
    def items(self) -> QuerySet[Service]:
        return Service.objects.live().select_related("picture")


class Pages(PublishedPages):
    def items(self) -> QuerySet[Page]:
        return Page.objects.live().select_related("picture").exclude(slug__in=STATEMENT_SLUGS)


SITEMAPS: dict[str, type[Sitemap] | Sitemap] = {"fixed": FixedPages, "services": Services, "pages": Pages}
