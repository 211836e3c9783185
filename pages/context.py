"""What the header and the footer of every public page show."""

from functools import cached_property
from typing import NamedTuple, cast

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from pagecache.state import PageState, page_state
from pages.models import Clinic
from pages.queries import are_there_any, first_service, pages_in_footer
from services.models import Service


class Link(NamedTuple):
    url: str
    label: str
    current: str = ""


class Site:
    """What all pages of a version show alike. Asks the database only for what a template shows."""

    def __init__(self) -> None:
        self.parts: dict[tuple[str, ...], str] = {}  # of the frame, by their names and the links that are current
        self.counts: dict[str, int] = {}  # rows of a list, by its path

    @cached_property
    def clinic(self) -> Clinic:
        return Clinic.current()

    @cached_property
    def first_service(self) -> Service | None:
        return first_service.first()

    @cached_property
    def main_links(self) -> list[Link]:
        """The header's links; an index with nothing in it is not linked."""
        has_testimonials, has_questions = are_there_any.first() or (True, True)
        indexes = (
            (self.first_service, "services", "Services"),
            (has_testimonials, "testimonials", "Testimonials"),
            (has_questions, "faq", "FAQs"),
            (True, "contact", "Contact"),
        )
        return [Link(reverse(name), label) for filled, name, label in indexes if filled]

    @cached_property
    def footer_links(self) -> list[Link]:
        first = [self.first_service] if self.first_service else []
        statements = [Link(reverse(name), name.capitalize()) for name in ("privacy", "accessibility")]
        services, pages = (
            [Link(found.get_absolute_url(), found.title) for found in rows] for rows in (first, pages_in_footer())
        )
        return [*services, *self.main_links, *pages, *statements]


def site(state: PageState) -> Site:
    return cast(Site, state.shared.memo.setdefault("site", Site()))


class Chrome:
    def __init__(self, request: HttpRequest) -> None:
        self.path, self.site = request.path, site(page_state(request))
        self.site_url = settings.SITE_URL

    @property
    def clinic(self) -> Clinic:
        return self.site.clinic

    @property
    def main_links(self) -> list[Link]:
        return self.site.main_links

    @property
    def header(self) -> str:
        return self.rendered("header", self.site.main_links)

    @property
    def footer(self) -> str:
        return self.rendered("footer", self.site.footer_links)

    @property
    def call_bar(self) -> str:
        return self.rendered("call_bar", [])

    def rendered(self, name: str, links: list[Link]) -> str:
        links = [link._replace(current=self.current(link.url)) for link in links]
        key = name, *(link.current for link in links)
        if key not in self.site.parts:
            context = {"clinic": self.site.clinic, "links": links}
            self.site.parts[key] = render_to_string(f"includes/{name}.html", context)
        return self.site.parts[key]

    def current(self, url: str) -> str:
        """Whether a link leads to this page ("page") or to what this page belongs to ("true")."""
        return "page" if url == self.path else "true" if self.path.startswith(url) else ""


def chrome(request: HttpRequest) -> dict[str, "Chrome"]:
    return {"chrome": Chrome(request)}
