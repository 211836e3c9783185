"""What the header and the footer of every public page show."""

from functools import cached_property
from typing import NamedTuple, cast

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from phonenumber_field.phonenumber import PhoneNumber

from pagecache.state import PageState, page_state
from pages.models import Clinic
from pages.queries import are_there_any, first_service, pages_in_footer


class Link(NamedTuple):
    url: str
    label: str
    current: str = ""

    def on(self, path: str) -> "Link":
        """Return the link as it stands on a page: current if it leads there ("page") or to a page above ("true")."""
        return self._replace(current="page" if self.url == path else "true" if path.startswith(self.url) else "")


class Frame(NamedTuple):
    notice: str
    header: str
    footer: str
    call_bar: str


class Site:
    def __init__(self) -> None:
        self.frames: dict[tuple[str, ...], Frame] = {}  # by the number to call, and which of their links are current
        self.contacts: dict[bool, str] = {}
        self.counts: dict[str, int] = {}  # rows of a list, by its path

    @cached_property
    def clinic(self) -> Clinic:
        return Clinic.current()

    def contact(self, has_call: bool) -> str:
        """Return how to reach the clinic as HTML, with or without a button that calls it."""
        if not (self.clinic.has_phone or self.clinic.email or self.clinic.address):
            return ""
        if has_call not in self.contacts:
            context = {"clinic": self.clinic, "has_call": has_call}
            facts = render_to_string("components/facts.html", context)
            actions = render_to_string("components/contact_actions.html", context)
            self.contacts[has_call] = format_html("{}\n{}", facts, actions)
        return self.contacts[has_call]

    @cached_property
    def first_service(self) -> tuple[str, str] | None:
        return first_service.first()

    @cached_property
    def main_links(self) -> list[Link]:
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
            [Link(reverse(name, args=[slug]), title) for slug, title in rows]
            for name, rows in (("service", first), ("page", pages_in_footer()))
        )
        return [*services, *self.main_links, *pages, *statements]

    def frame(self, path: str, booking_phone: PhoneNumber | None = None) -> Frame:
        header, footer = ([link.on(path) for link in links] for links in (self.main_links, self.footer_links))
        key = (str(booking_phone or ""), *(link.current for link in header + footer))
        if key not in self.frames:
            clinic = self.clinic
            purpose = "Call to schedule" if booking_phone else "Call for appointments"
            call = {"clinic": clinic, "phone": booking_phone or clinic.phone, "purpose": purpose}
            self.frames[key] = Frame(
                notice=render_to_string("includes/notice.html", {"notice": clinic.live_notice}),
                header=render_to_string("includes/header.html", call | {"links": header}),
                footer=render_to_string("includes/footer.html", {"clinic": clinic, "links": footer}),
                call_bar=render_to_string("includes/call_bar.html", call),
            )
        return self.frames[key]


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

    @cached_property
    def frame(self) -> Frame:
        return self.site.frame(self.path)


def chrome(request: HttpRequest) -> dict[str, object]:
    """Give templates `chrome`, and `frame`, in whose place a view may give another."""
    found = Chrome(request)
    return {"chrome": found, "frame": SimpleLazyObject(lambda: found.frame)}
