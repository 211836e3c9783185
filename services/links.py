"""Links in the plain text that staff type: telephone numbers, e-mail, web and street addresses."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import PhoneNumberMatcher

MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
WEB = re.compile(
    r"(?:https?://|\bwww\.)[^\s<>“”\"]+"
    r"|(?<![\w.-])(?:[\w-]{1,63}\.){1,5}(?:com|edu|gov|net|org)\b(?:/[^\s<>“”\"]*)?",
    re.IGNORECASE,
)
STREET = re.compile(
    r"\b\d+ (?:[\w.’'-]{1,40} ){1,4}?(?:Ave(?:nue)?|Blvd|Boulevard|Ct|Court|Dr(?:ive)?|Hwy|Highway|Lane|Ln|Pkwy|"
    r"Parkway|Pl(?:ace)?|Plaza|Rd|Road|Rte|Route|Sq(?:uare)?|St(?:reet)?|Ter(?:race)?|Tpke|Turnpike|Way)\b\.?"
    r"(?:,? (?:Suite|Ste\.?|Unit|Floor|Fl\.?|#) ?[\w-]+)?,\s[A-Z][\w.’'-]*(?: [A-Z][\w.’'-]*){0,3},? [A-Z]{2}\b"
    r"(?: \d{5}\b)?"
)
DIGITS_OF_A_NUMBER = re.compile(r"(?:\d\D{0,4}){7}")
# What stays on one line: a time and its half of the day, a title and a name, a state and its ZIP code.
TOGETHER = re.compile(
    r"(?<=\d) (?=[ap]\.?m\b)|(?:(?<=\b[DM][rs]\.)|(?<=\bMrs\.)) (?=[A-Z])|(?<=\b[A-Z]{2}) (?=\d{5}\b)"
)
CLOSING = ".,;:!?)’'"


class Found(NamedTuple):
    start: int
    end: int
    url: str
    css: str = ""


def directions_url(address: str) -> str:
    return f"https://www.google.com/maps/dir/?{urlencode({'api': 1, 'destination': address})}"


def phone_url(number: PhoneNumber) -> str:
    return f"tel:{number.as_e164}" + (f";ext={number.extension}" if number.extension else "")


def phone_link(number: PhoneNumber, css: str = "") -> SafeString:
    return format_html('<a class="tel{}" href="{}">{}</a>', css and f" {css}", phone_url(number), number.as_national)


def mail_link(address: str) -> SafeString:
    return format_html('<a href="mailto:{}">{}</a>', address, breakable(address))


def breakable(text: str) -> SafeString:
    """Allow a line to end after the @ of an address, or else a slash or a dot, and nowhere else in the word."""
    name, at, host = text.rpartition("@")
    return mark_safe(  # noqa: S308 escaped just here
        escape(name) + (f"{at}<wbr>" if at else "") + re.sub(r"([/.])(?=[\w-])", r"\1<wbr>", escape(host))
    )


@lru_cache(1024)
def linked(text: str) -> SafeString:
    """Return the text as HTML, with what can be called, written to, opened or driven to as links."""
    pieces, at = [], 0
    for found in sorted(all_links(text)):
        if found.start < at:
            continue
        shown = text[found.start : found.end]
        pieces.append(spaced(text[at : found.start]))
        label = breakable(shown) if not found.css and " " not in shown else spaced(shown)
        css = format_html(' class="{}"', found.css) if found.css else ""
        pieces.append(format_html('<a{} href="{}">{}</a>', css, found.url, label))
        at = found.end
    return mark_safe("".join([*pieces, spaced(text[at:])]))  # noqa: S308 each piece is escaped


def spaced(text: str) -> str:
    return escape(TOGETHER.sub("\N{NO-BREAK SPACE}", text))


class LinkedText(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.is_link = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.is_link = self.is_link or tag == "a"
        self.pieces.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self.is_link = self.is_link and tag != "a"
        self.pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.pieces.append(escape(data) if self.is_link else linked(data))


def linked_html(html: str) -> SafeString:
    parser = LinkedText()
    parser.feed(html)
    parser.close()
    return mark_safe("".join(parser.pieces))  # noqa: S308 the tags are the sanitized ones, and the text is escaped


def all_links(text: str) -> Iterator[Found]:
    for match in STREET.finditer(text):
        yield Found(match.start(), match.end(), directions_url(" ".join(match[0].split())))
    if "." in text:
        for match in MAIL.finditer(text):
            yield Found(match.start(), match.end(), f"mailto:{match[0]}")
        for match in WEB.finditer(text):
            shown = match[0] if "(" in match[0] else match[0].rstrip(CLOSING)
            shown = shown.rstrip(CLOSING.replace(")", ""))
            url = shown if shown.lower().startswith(("http://", "https://")) else f"https://{shown}"
            yield Found(match.start(), match.start() + len(shown), url)
    if DIGITS_OF_A_NUMBER.search(text):
        for found in PhoneNumberMatcher(text, "US"):
            yield Found(found.start, found.end, phone_url(PhoneNumber.from_string(found.raw_string, "US")), "tel")
