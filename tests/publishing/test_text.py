"""The one way that all texts go: what is kept, what becomes of the rest, and that twice changes nothing."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publishing.text import HANGERS, MARKS, TABLE, cleaned, folded, in_one_line, one_a_line, one_point
from tests.services.linear import is_linear

MANY = settings(max_examples=500, deadline=None, derandomize=True)
ODD = "".join(map(chr, TABLE)) + "\u200c\u200d\u200e\u200f\u2066\u2069\ufe0f\U000e0067\U000e007f" + MARKS
ODD += "\u0301\u0338\u05d0\u0915\u094d🏴👩❤•-*o1a.)( \n=e" + HANGERS
LIST_LIKE = st.lists(
    st.sampled_from(["o", "o ", "o\t", "-", "* ", "+ ", "§ ", "1.", "a) ", "\n", "x\u200dy", "▪", "•\ufe0f", *ODD])
)
ANY = (
    LIST_LIKE.map("".join)
    | st.text()
    | st.text(alphabet=ODD)
    | st.lists(st.sampled_from(ODD) | st.characters()).map("".join)
)


@pytest.mark.parametrize("clean", [cleaned, in_one_line, one_a_line, one_point])
@MANY
@given(text=ANY)
@example(text="o\nx")
@example(text="o o text")
@example(text="•\ufe0f▪x\u200dy")
def test_cleaning_twice_changes_nothing(clean, text):
    once = clean(text)
    assert clean(once) == once


@MANY
@given(text=ANY)
def test_a_cleaned_text_can_be_stored_and_holds_one_kind_of_space_and_of_line_end(text):
    once = cleaned(text)
    once.encode()
    assert {one for one in once if one.isspace() or unicodedata.category(one) == "Cc"} <= {" ", "\n"}
    assert once == once.strip() == unicodedata.normalize("NFC", once)
    assert not any(odd in once for odd in ("  ", " \n", "\n ", "\n\n\n"))


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("\u200b\n\u00ad\n\ufeff \u2060", ""),
        ("\u200d\u200c\u200e\ufe0f\u034f\u115f\u2800\u3164\U000e0041", ""),
        ("  Myo\u00adfas\u00adcial\u00a0release\t\u2003now ", "Myofascial release now"),
        ("One\r\nTwo\rThree\u2028Four\u2029Five\x0bSix\x85Seven", "One\nTwo\nThree\nFour\nFive\nSix\nSeven"),
        ("One \n\n\n \n\t\n Two", "One\n\nTwo"),
        ("\uf0b7\tBlood flow\n\uf0fc Calm", "• Blood flow\n✓ Calm"),
        ("\u202a(973) 555-0123\u202c", "(973) 555-0123"),
        ("a\u0300 la carte, Nun\u0303ez", "à la carte, Nuñez"),
        ("e\u200d\u0301", "é"),
        ("bro\ud800ken\x00\x1b", "broken"),
        ("Clif\u200cton\u200d", "Clifton"),
        ("picture \ufffc here", "picture here"),
    ],
)
def test_what_is_not_seen_goes(typed, right):
    assert cleaned(typed) == right


@pytest.mark.parametrize(
    "text",
    [
        "“Don’t,” she said – it’s 5′ 2″ — 'fine' \"so\"…",
        "👩‍⚕️ ❤️‍🔥 👨‍👩‍👧‍👦 🏳️‍🌈 1️⃣ ©️ 👍🏽",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم",  # Persian, with a non-joiner
        "क्‍ष ශ්‍රී",  # Hindi and Sinhala, with joiners
        "שלום (123)\u200f!",
        "\u2067שלום\u2069 Ann",
        "x̂ ā́ 각 ﷺ ①②",
        "-5 degrees, 1.5 hours, a. m.",
    ],
)
def test_what_a_script_or_an_emoji_needs_stays(text):
    assert cleaned(text) == text


@pytest.mark.parametrize(
    "part", ["a", " ", "\u200b", "\n", "a\u200d", "\u05d0\u200f", "• ", "- ", "\ufe0f", "1. ", "\U000e0067"]
)
@pytest.mark.parametrize("clean", [cleaned, one_a_line, folded])
def test_the_work_grows_as_the_text_does(clean, part):
    assert is_linear(clean, part)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("•\tBlood flow: more", "Blood flow: more"),
        ("1. First\n2) Second\n(3) Third\na) Fourth\niv. Fifth", "First\nSecond\nThird\nFourth\nFifth"),
        ("- x\n– x\n* x\no x\n+ x", "x\nx\nx\nx\nx"),
        (
            "\uf0b7 Aetna\n\uf0a7\tCigna\n·        Horizon\n§\tOxford\nü\tQualCare\nØ\tMedicare",
            "Aetna\nCigna\nHorizon\nOxford\nQualCare\nMedicare",
        ),
        ("\u200b\n\u00a0\n Graston \n\n\u00ad\nIASTM", "Graston\nIASTM"),
        ("▪️ One\n•Two\n• - Three", "One\nTwo\nThree"),
        ("•\n-\n1.", ""),
    ],
)
def test_a_list_with_one_point_a_line_loses_its_markers(typed, right):
    assert one_a_line(typed) == right


@pytest.mark.parametrize(
    "text",
    [
        "-5 degrees",
        "1.5 hours",
        "J. Smith",
        "24/7",
        "organ",
        "*bold*",
        "§ 12 of the law",
        "+1 973 555 0123",
        "2026. A year",
        "a.m. visits",
        "(973) 555-0123",
    ],
)
def test_what_is_text_is_no_marker(text):
    assert one_a_line(text) == text


@pytest.mark.parametrize("text", ["* Results may vary", "+ 1 973 555 0123", "+1 973", "§ 12", "o positive", "*new*"])
def test_one_point_may_begin_with_a_sign_that_is_no_bullet(text):
    assert one_point(text) == text


@pytest.mark.parametrize(
    "typed", ["\uf0b7\tWarm", "• Warm", "§\tWarm", "o\tWarm", "*\tWarm", "- Warm", "1. Warm", "\u00b7        Warm"]
)
def test_one_point_loses_the_bullet_with_which_it_was_pasted(typed):
    assert one_point(typed) == "Warm"


def test_one_line_has_no_line_ends():
    assert in_one_line("Physical\r\n\r\ntherapy\tin\u2028Clifton ") == "Physical therapy in Clifton"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("don't", "I don’t know"),
        ("nunez", "Mr. Núñez"),
        ("NAÏVE", "a naive question"),
        ('"knots"', "so-called “knots”"),
        ("follow-up", "Follow‑up"),
        ("strasse", "Straße"),
        ("soren lodz aesop", "Søren Łódź Æsop"),
    ],
)
def test_a_search_finds_other_quotes_accents_and_capitals(typed, stored):
    assert folded(typed) in folded(stored)
