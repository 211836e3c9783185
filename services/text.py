"""Structure in the plain text that staff type: lines, points with labels, sentences, numbers."""

import re
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from services.links import linked

LABEL = re.compile(r"(?P<label>[^.:!?]{1,40}): +(?P<text>\S.*)")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
NUMBER = re.compile(r"(?<!\d)\d{1,9}(?!\d)")  # Python refuses to read one of 5,000 digits
# No sentence ends after a word of one or two letters: "Dr. Smith", "J. Smith", "e.g. Smith".
# No pattern begins with white space of any length: it would try each length at each place of a long run.
SENTENCE_END = re.compile(r"(?<=[\w)”\"]{3}[.!?])\s+(?=[A-Z“\"])|\n")


class Opening(NamedTuple):
    sentence: str
    rest: str


class Point(NamedTuple):
    label: str
    text: str


def lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def points(text: str) -> list[Point]:
    """Return the points of a text, one a line; "Label: text" gives the point a label."""
    matches = [(LABEL.fullmatch(line), line) for line in lines(text)]
    return [Point(match["label"], match["text"]) if match else Point("", line) for match, line in matches]


def point_items(text: str) -> SafeString:
    found = points(text)
    return format_html_join(
        "", "<li>{}{}</li>", [(label and format_html("<b>{}:</b> ", label), linked(rest)) for label, rest in found]
    )


def opening(text: str) -> Opening:
    text = text.strip()
    end = SENTENCE_END.search(text)
    return Opening(text[: end.start()].rstrip(), text[end.end() :].lstrip()) if end else Opening(text, "")


def first_year(text: str) -> str:
    match = YEAR.search(text)
    return match[0] if match else ""


def numbers(text: str) -> set[int]:
    return {int(digits) for digits in NUMBER.findall(text)}
