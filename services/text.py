"""Plain text that staff type and pages show as lists."""

import re
from typing import NamedTuple

LABEL = re.compile(r"(?P<label>[^.:!?]{1,40}): +(?P<text>\S.*)")
YEAR = re.compile(r"\b(?:19|20)\d\d\b")
NUMBER = re.compile(r"\d+")
# After a short word a full stop may be an abbreviation's: "Dr. Smith", "J. Smith", "e.g. Smith".
SENTENCE_END = re.compile(r"(?<=[\w)”\"]{3}[.!?])\s+(?=[A-Z“\"])|\s*\n\s*")


class Opening(NamedTuple):
    sentence: str
    rest: str


class Point(NamedTuple):
    label: str
    text: str


def lines(text):
    """The lines of a text that hold anything, without the space around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def points(text):
    """The points of a text, one a line; "Label: text" gives the point a label."""
    found = [(LABEL.fullmatch(line), line) for line in lines(text)]
    return [Point(match["label"], match["text"]) if match else Point("", line) for match, line in found]


def opening(text):
    """The first sentence of a text, and what follows it."""
    sentence, *rest = SENTENCE_END.split(text.strip(), maxsplit=1)
    return Opening(sentence, "".join(rest))


def first_year(text):
    """The first year that the text names, as digits, or an empty text."""
    match = YEAR.search(text)
    return match[0] if match else ""


def numbers(text):
    """The whole numbers that the text names."""
    return {int(digits) for digits in NUMBER.findall(text)}
