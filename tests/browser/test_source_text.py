"""Every sentence of the clinic's text is shown, word for word, as a patient reads it."""

import re
from pathlib import Path

import pytest

from tests.everywhere.walk import SERVICE

SOURCE = Path(__file__).parent.parent / "pages" / "source.txt"
LIST_LEFTOVER = re.compile(r"^(Bullet List 11\. |Bullet List 1· )")
POINT_NUMBER = re.compile(r"^\d\. ")
SENTENCE_END = re.compile(r"(?<=[.!?:])[\"”]? (?=[A-Z“])")
# Each step keeps its number in its heading; the questions and the points of a list have their place instead.
STEPS = ("1. Assessment", "2. Targeted", "3. Feedback", "4. Home")


def sentences():
    """The source in sentences: quotes without their marks, names apart, telephone numbers as the site shows them."""
    text = re.sub(r"\((\d{3})\)-(\d{3}-\d{4})", r"(\1) \2", SOURCE.read_text().replace("✆ ", ""))
    for line in filter(None, map(str.strip, text.splitlines())):
        bare = LIST_LEFTOVER.sub("", line)
        if not bare.startswith(STEPS):
            bare = POINT_NUMBER.sub("", bare)
        quote, dash, name = bare.partition('" - ')
        yield from SENTENCE_END.split(quote.removeprefix('"'))
        if dash:
            yield name


def plain(text):
    return " ".join(text.split())


@pytest.fixture
def shown(live_server, page, clinic):
    """The text of the service's page and of the testimonials, of which that page shows but one about the clinic."""
    texts = []
    for address in ("/testimonials/", SERVICE):
        page.goto(live_server.url + address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        texts.append(plain(page.inner_text("body")))
    return " ".join(texts)


def test_source_is_read_whole():
    assert len(list(sentences())) > 100


def test_every_sentence_of_the_source_is_shown(shown):
    # A label and what it is about stand in two places: "Massage vs. Muscle Scraping: Traditional ..." in a table,
    # "Plantar Fasciitis: Eases ..." as a heading and its text.
    missing = [sentence for sentence in sentences() if plain(sentence).rstrip(":") not in shown]
    assert missing == []


def test_both_telephone_numbers_stand_in_their_places(shown, page):
    assert "Contact us at (973) 922-9659 to schedule your muscle scraping therapy session." in shown
    assert "Phone (appointments) (973) 241-1338" in shown
    numbers = page.eval_on_selector_all("a[href^='tel:']", "links => links.map(link => link.href + link.textContent)")
    assert {number for number in numbers if "Call" not in number} == {
        "tel:+19739229659(973) 922-9659",
        "tel:+19732411338(973) 241-1338",
    }
