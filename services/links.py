"""Links in the plain text that staff type: telephone numbers, e-mail, web and street addresses."""

import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import PhoneNumberMatcher

from publishing.phones import shown

# An apostrophe may stand within a name, as in o'brien@example.com, but not around an address.
MAIL = re.compile(r"(?<![\w.+-])(?<!\w['’])\w[\w.+'’-]{0,63}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b")
HOST = r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b"
REST = r"(?::\d{1,5})?(?:[/?#][^\s<>“”\"«»\[\]*—–]*)?"
WEB = re.compile(
    # Without https:// or www. only what is surely a web address: a domain known here, or one with a path.
    rf"(?:https?://|\bwww\.){HOST}{REST}"
    rf"|(?<![\w.@/-])(?:[\w-]{{1,63}}\.){{1,8}}(?:(?:com|edu|gov|health|info|net|org)\b{REST}|[a-z]{{2,24}}/[^\s<>“”\"«»\[\]*—–]+)",
    re.IGNORECASE,
)
DIRECTION = r"(?: (?:North|South|East|West|[NSEW])\b\.?)?"
STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
    "|N\\.[JY]\\.|New Jersey|New York|Pennsylvania"
)
STREET = re.compile(
    rf"\b\d{{1,6}}(?:-?[A-Z]|-\d{{1,5}})?\b{DIRECTION} "
    r"(?:(?:[A-Z0-9][\w.’'-]{0,40} ){1,4}?(?:Ave(?:nue)?|Blvd|Boulevard|Cir(?:cle)?|Ct|Court|Dr(?:ive)?|Highway|Hwy"
    r"|Lane|Ln|Pkwy|Parkway|Pl(?:ace)?|Plaza|Rd|Road|Sq(?:uare)?|St(?:reet)?|Ter(?:race)?|Tpke|Turnpike|Way)\b\.?"
    rf"|(?:(?:US|NJ|State) )?(?:Route|Rte\.?|Highway|Hwy\.?) \d{{1,4}}\b){DIRECTION}"
    r"(?:,? (?:(?:Suite|Ste|Unit|Apartment|Apt|Floor|Fl|Room|Rm)\b\.? ?|#)[\w-]+|,? \d+(?:st|nd|rd|th) Fl(?:oor|\.))?"
    rf",\s[A-Z][\w.’'-]{{0,40}}(?: [A-Z][\w.’'-]{{0,40}}){{0,3}}?,? (?:{STATES})(?!\w)(?: \d{{5}}(?:-\d{{4}})?\b)?"
)
# How numbers are written in the United States; what is grouped in another way is none, such as two billing codes.
PHONE = re.compile(
    r"(?:\+?1[ .-]?)?(?:\(\d{3}\)[ .-]*|\d{3}[ .-])\d{3}[ .-]\d{4}\b(?: ?(?:ext\b\.?|x|extension) ?\d{1,6})?"
    r"|\+[\d ()-]{7,}"
)
BARE_PHONE = re.compile(r"(?<=\b(?:call|dial|text) )\d{10}\b", re.IGNORECASE)
SHORT_PHONE = re.compile(r"(?<=\b(?:call|dial|text) )(?:711|911|988)\b", re.IGNORECASE)
LETTERED_PHONE = re.compile(r"\b1-8\d\d-(?=[\dA-Z-]*[A-Z])[\dA-Z]{3}-?[\dA-Z]{4}\b")
FAX = re.compile(r"\bfax\W{0,3}$", re.IGNORECASE)
DIGITS_OF_A_NUMBER = re.compile(r"(?:\d\D{0,4}){7}")
# What stays on one line: a time and its half of the day, a title and a name, a state and its ZIP code, a month and day.
TOGETHER = re.compile(
    r"\d [ap]\.?m\b|\b(?:Dr|Mrs?|Ms)\. (?=[A-Z])|\b[A-Z]{2} (?=\d{5}\b)"
    r"|\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.? (?=\d{1,2}\b)",
    re.IGNORECASE,
)
WORD_ENDS = re.compile(r"(?<=[/.])(?=[\w-])")
BREAK = SafeString("<wbr>")
CLOSING = ".,;:!?)’'"
MOST_NUMBERS = 100  # telephone numbers of one text that become links: each is parsed, which takes 0.2 ms
LONGEST_CACHED = 4000  # characters, so that what is remembered stays below some megabytes


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
    return format_html('<a class="tel{}" href="{}">{}</a>', css and f" {css}", phone_url(number), shown(number))


def mail_link(address: str) -> SafeString:
    return format_html('<a href="mailto:{}">{}</a>', address, breakable(address))


def breakable(text: str) -> SafeString:
    """Allow a line to end after the @ of an address, or else a slash or a dot, and nowhere else in the word."""
    name, at, host = text.rpartition("@")
    pieces = [name + at] * bool(at) + WORD_ENDS.split(host)
    return format_html_join(BREAK, "{}", ((piece,) for piece in pieces))


def linked(text: str) -> SafeString:
    """Return the text as HTML, with what can be called, written to, opened or driven to as links."""
    return links_of_short(text) if len(text) <= LONGEST_CACHED else with_links(text)


def with_links(text: str) -> SafeString:
    pieces: list[SafeString] = []
    at = 0
    for found in sorted(all_links(text)):
        if found.start < at:
            continue
        shown = text[found.start : found.end]
        pieces.append(spaced(text[at : found.start]))
        label = breakable(shown) if not found.css and " " not in shown else spaced(shown)
        css = format_html(' class="{}"', found.css) if found.css else ""
        pieces.append(format_html('<a{} href="{}">{}</a>', css, found.url, label))
        at = found.end
    return format_html_join("", "{}", ((piece,) for piece in [*pieces, spaced(text[at:])]))


links_of_short = lru_cache(1024)(with_links)


def spaced(text: str) -> SafeString:
    return escape(TOGETHER.sub(lambda match: match[0].replace(" ", "\N{NO-BREAK SPACE}"), text))


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
    for match in SHORT_PHONE.finditer(text):
        yield Found(match.start(), match.end(), f"tel:{match[0]}", "tel")
    for match in LETTERED_PHONE.finditer(text):
        yield Found(match.start(), match.end(), phone_url(PhoneNumber.from_string(match[0], "US")), "tel")
    if DIGITS_OF_A_NUMBER.search(text):
        yield from phone_numbers(text)


def phone_numbers(text: str) -> Iterator[Found]:
    for found in islice(PhoneNumberMatcher(text, "US", max_tries=MOST_NUMBERS), MOST_NUMBERS):
        before = text[max(found.start - 12, 0) : found.start]
        is_written_so = PHONE.fullmatch(found.raw_string) or BARE_PHONE.match(text, found.start)
        if is_written_so and not FAX.search(before) and not before.endswith(("#", "/")):
            number = PhoneNumber()
            number.merge_from(found.number)  # parsed already
            yield Found(found.start, found.end, phone_url(number), "tel")
