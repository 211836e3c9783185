import pytest
from django.core.exceptions import ValidationError

from addresses.pasted import MOST_LINES, decoded, lines_of


def pairs(text):
    return [(line.old, line.new) for line in lines_of(text)]


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("heading", ["", "Old address{}New address\n", "sep={}\nold{}new\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_list_is_read_with_each_sign_and_heading(sign, heading, end):
    text = f'{heading.replace("{}", sign)}/a{sign}/b\n\n"/c{sign}d" {sign} /e{sign}\n{sign}\n'.replace("\n", end)
    assert pairs(text) == [("/a", "/b"), (f"/c{sign}d", "/e")]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("team", "/contact/"),
        ("/old-page", "/new"),
        ("old-page", "/new"),
        ("www.old-clinic.example", "/new"),
        ("old.html", "new.html"),
        ("addresses", "new.html"),
    ],
)
def test_first_line_that_is_no_heading_stays(old, new):
    assert pairs(f"{old},{new}\n/a,/b") == [(old, new), ("/a", "/b")]


@pytest.mark.parametrize("heading", ["Old URL,New URL", "FROM,TO", "Source path;Target", "address,", "redirect,to"])
def test_heading_is_left_out(heading):
    assert pairs(f"{heading}\n/a,/b".replace(";", ",")) == [("/a", "/b")]


def test_lone_quote_takes_no_other_line_with_it():
    assert len(lines_of('"/a,/b\n/c,/d\n')) == 2
    assert pairs('"/a,/b\n/c,/d\n')[1] == ("/c", "/d")


@pytest.mark.parametrize("line", ["/alone", "/a,/b,301", "/a /b"])
def test_line_that_is_no_pair_says_so(line):
    [found] = lines_of(line)
    assert found.fault
    assert found.text == line


def test_line_knows_its_number_in_the_list():
    assert [line.number for line in lines_of("old,new\n\n/a,/b\n/c,/d")] == [3, 4]


def test_too_many_lines_are_told():
    lines_of("/a,/b\n" * MOST_LINES)
    with pytest.raises(ValidationError, match=r"5,001 lines\. At most 5,000"):
        lines_of("/a,/b\n" * (MOST_LINES + 1))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_file_is_read_in_the_encodings_of_spreadsheets(encoding):
    assert decoded("/café,/b".encode(encoding)) == "/café,/b"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04\0\0\x81", b"\xff\xfe\xff"])
def test_file_that_is_no_text_is_refused(content):
    with pytest.raises(ValidationError, match="Save it as CSV"):
        decoded(content)
