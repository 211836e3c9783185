import pytest

from services.text import Point, first_year, lines, numbers, opening, point_items, points
from tests.services.linear import is_linear


@pytest.mark.parametrize(
    ("line", "point"),
    [
        ("Technique: Pressure is adjusted.", Point("Technique", "Pressure is adjusted.")),
        ("Plain sentence.", Point("", "Plain sentence.")),
        ("It is so. Then: more.", Point("", "It is so. Then: more.")),
        ("At 8:30 we open.", Point("", "At 8:30 we open.")),
        ("Label:", Point("", "Label:")),
        ("A label that is much too long to be one of them: text", None),
    ],
)
def test_point_may_begin_with_a_label(line, point):
    assert points(line) == [point or Point("", line)]


def test_points_are_items_of_a_list_with_what_was_typed_escaped():
    assert point_items("A & B: <i>\nPlain") == "<li><b>A &amp; B:</b> &lt;i&gt;</li><li>Plain</li>"
    assert hasattr(point_items("Plain"), "__html__")
    assert point_items("") == ""


def test_empty_lines_and_space_are_dropped():
    assert lines(" one \n\n\t\r\ntwo") == ["one", "two"]
    assert points("") == []


@pytest.mark.parametrize(
    ("text", "sentence", "rest"),
    [
        ("It helps. We use it.  It\nis safe.", "It helps.", "We use it.  It\nis safe."),
        ("Is it (IASTM)? “Yes.”", "Is it (IASTM)?", "“Yes.”"),
        ("Ask Dr. Smith, e.g. Ann, in 2.5 days", "Ask Dr. Smith, e.g. Ann, in 2.5 days", ""),
        ("Help for\n\nknees. And feet.", "Help for", "knees. And feet."),
        ("", "", ""),
    ],
)
def test_opening_is_the_first_sentence(text, sentence, rest):
    assert opening(text) == (sentence, rest)


def test_year_is_the_first_one_named():
    assert first_year("A 2019 study of 2020") == "2019"
    assert first_year("In 12019 cases, no year") == ""


def test_number_of_any_length_can_be_typed():
    assert numbers("9" * 5000 + " or 45") == {45}


def test_numbers_are_whole():
    assert numbers("between 30 and 45 minutes, 130 at most") == {30, 45, 130}


@pytest.mark.parametrize("part", [" ", "\n", " \n", "a. ", "\t", "\N{NO-BREAK SPACE}", "A: ", "é"])
def test_no_text_takes_long(part):
    assert is_linear(opening, part)
    assert is_linear(points, part)
