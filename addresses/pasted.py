"""A list of redirects as staff paste or upload it: old and new address, with comma, semicolon or tab between."""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from django.core.exceptions import ValidationError

MOST_LINES = 5_000
MOST_BYTES = 1_000_000
DELIMITERS = "\t;,"
HEADINGS = ("old", "from", "source", "address", "url", "path", "redirect", "alt")
TWO = "Write the old address and the new one, with a comma, a semicolon or a tab between."


class Line(NamedTuple):
    number: int
    text: str
    old: str = ""
    new: str = ""
    fault: str = ""


def decoded(content: bytes) -> str:
    """Return the text of a file as Excel and others write it; ValidationError where it is none."""
    has_mark_of_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if has_mark_of_utf_16 else ["utf-8-sig", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ValidationError("This file is no list in plain text. Save it as CSV, and choose that.")


def lines_of(text: str) -> list[Line]:
    """Return the lines that hold something, without the heading; ValidationError for too many."""
    numbered = [(number, line.strip(" \r\ufeff")) for number, line in enumerate(text.split("\n"), 1)]
    filled = [(number, line) for number, line in numbered if line.strip(f" {DELIMITERS}")]
    if len(filled) > MOST_LINES:
        raise ValidationError(f"The list has {len(filled):,} lines. At most {MOST_LINES:,} fit at once: divide it.")
    delimiter = delimiter_of([line for _, line in filled])
    found = [cells_of(number, line, delimiter) for number, line in filled if not line.lower().startswith("sep=")]
    return found[1:] if found and is_heading(found[0]) else found


def delimiter_of(lines: list[str]) -> str:
    """Return what most lines have between their addresses."""
    return max(DELIMITERS, key=lambda sign: sum(sign in line for line in lines))


def cells_of(number: int, text: str, delimiter: str) -> Line:
    cells = list(split(text, delimiter))
    if len(cells) < 2:
        return Line(number, text, fault=TWO)
    if any(cells[2:]):
        return Line(number, text, fault=f"This line has {len(cells)} parts. {TWO}")
    return Line(number, text, cells[0], cells[1])


def split(text: str, delimiter: str) -> Iterator[str]:
    """Yield what is between the delimiters; each line for itself, so that a lone quote takes no others with it."""
    try:
        for row in csv.reader([text], delimiter=delimiter):
            yield from (cell.strip() for cell in row)
    except csv.Error:
        yield text


def is_heading(line: Line) -> bool:
    is_address = any(sign in cell for cell in (line.old, line.new) for sign in "/.")
    return not line.fault and not is_address and any(word in line.old.lower() for word in HEADINGS)
