"""The public pages as one moment shows them: what their views make, without what a release adds around it."""

import hashlib
from collections.abc import Iterator
from unittest.mock import patch

from django.conf import settings
from django.http import Http404, HttpResponse
from django.template.response import SimpleTemplateResponse
from django.test import RequestFactory, override_settings
from django.urls import resolve, reverse
from django.utils import timezone

from backups import BackupError
from backups.manifest import Manifest
from pagecache.state import PAGE_STATE, PageState, SharedState
from pages.sitemaps import SITEMAPS

LISTS = ("services", "testimonials", "faq")
DOWNLOADS = ("clinic_card", "robots", "sitemap")
# The names of static files are the release's, and on an empty machine they are not gathered yet.
STATIC_FILES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def rendered(manifest: Manifest) -> dict[str, str]:
    """Return the checksum of each public page by its address, as of the manifest's moment and settings.

    In a process that does nothing else meanwhile: for all of it the clock stands still.
    """
    state = SharedState(next_change=float("inf"))  # nothing is released or looked up for later
    changed = {"STORAGES": settings.STORAGES | STATIC_FILES, "SITE_URL": manifest.site_url}
    as_then = override_settings(**changed, TIME_ZONE=manifest.time_zone)
    with as_then, patch.object(timezone, "now", return_value=manifest.moment):
        visit = Visit(PageState(manifest.moment, state))
        return {address: hashlib.sha256(content).hexdigest() for address, content in visit.pages()}


class Visit:
    def __init__(self, state: PageState) -> None:
        self.state = state

    def pages(self) -> Iterator[tuple[str, bytes]]:
        for address in dict.fromkeys(map(str, self.addresses())):
            if (content := self.content(address)) is not None:
                yield address, content
        for address in map(reverse, LISTS):
            number = 2
            while (content := self.content(f"{address}?page={number}")) is not None:
                yield f"{address}?page={number}", content
                number += 1

    def addresses(self) -> Iterator[str]:
        for sitemap in SITEMAPS.values():
            pages = sitemap() if isinstance(sitemap, type) else sitemap
            yield from (pages.location(item) for item in pages.items())
        yield from map(reverse, (*LISTS, *DOWNLOADS))

    def content(self, address: str) -> bytes | None:
        """Return what the view makes of an address; None where there is nothing."""
        request = RequestFactory().get(address, headers={"host": "localhost"})
        request.META[PAGE_STATE] = self.state
        match = resolve(request.path)
        request.resolver_match = match
        try:
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        except Http404:
            return None
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        if response.status_code != 200:
            raise BackupError(f"The page {address} cannot be shown.")
        return response.content
