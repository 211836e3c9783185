"""What every text of content goes through once, whichever way it comes in; and how texts are compared in a search.

`cleaned` makes one text of what was typed, pasted, loaded or restored; doing it twice changes nothing, and its work
grows as the text does. Letters, quotation marks, dashes and emoji stay as they are.

| comes in | becomes |
| --- | --- |
| line ends of all kinds: CR, CR LF, vertical tab, form feed, U+0085, U+2028, U+2029, U+001C to U+001E | a line end |
| tabs, non-breaking and all other spaces, blanks such as U+2800 and U+3164 | a space, one of several |
| white space at the ends of a line; more than one empty line | nothing; one empty line |
| control characters, soft hyphens, zero-width spaces, word joiners, byte order marks, marks of objects | nothing |
| halves of surrogate pairs, and what Unicode will never use | nothing |
| bullets of Word's symbol fonts, in the private use area | the bullet that they look like |
| joiners (U+200C, U+200D) in a word of Latin, Greek or Cyrillic letters without emoji | nothing |
| tags (U+E0020 to U+E007F) in a word without a black flag, whose region they name | nothing |
| marks of direction in a text without letters from right to left; overrides of direction | nothing |
| a word of nothing but what is invisible | nothing |
| a letter and its accent | one character where Unicode has it (NFC) |
"""

import re
import unicodedata
from collections.abc import Iterable

LINE_ENDS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
SPACES = "\t\x1f\xa0\u1680\u202f\u205f\u2800\u3000\u3164\uffa0" + "".join(map(chr, range(0x2000, 0x200B)))
BULLETS = {
    "\uf06c": "●",
    "\uf06e": "■",
    "\uf06f": "□",
    "\uf071": "❑",
    "\uf076": "❖",
    "\uf0a7": "▪",
    "\uf0a8": "◻",
    "\uf0b7": "•",
    "\uf0d8": "➢",
    "\uf0e0": "→",
    "\uf0e8": "➔",
    "\uf0fc": "✓",
    "\uf0fe": "☑",
}
NOTHING = (
    *((0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x180E, 0x180E), (0x200B, 0x200B)),
    *((0x202D, 0x202E), (0x2060, 0x2065), (0x206A, 0x206F), (0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF)),
    *((0xFFF0, 0xFFFC), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE001F), (0xE0080, 0xE00FF)),
    *((0xE01F0, 0xE0FFF), *((plane + 0xFFFE, plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000))),
)


def table_of(ranges: Iterable[tuple[int, int]]) -> dict[int, str]:
    nothing = {code: "" for first, last in ranges for code in range(first, last + 1)}
    one_for_one = {**dict.fromkeys(LINE_ENDS, "\n"), **dict.fromkeys(SPACES, " "), **BULLETS}
    return nothing | {ord(character): becomes for character, becomes in one_for_one.items()}


TABLE = table_of(NOTHING)
JOINERS = "\u200c\u200d"
TAGS = "\U000e0020-\U000e007f"
DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202c\u2066-\u2069"
# They belong to what stands before them, and show nothing by themselves: variation selectors, fillers of syllables.
HANGERS = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
UNSEEN = JOINERS + TAGS + HANGERS + DIRECTIONS
UNSEEN_WORD = re.compile(rf"(?<!\S)[{UNSEEN}]+(?!\S)")
NEEDS_CARE = re.compile(f"[{JOINERS}{TAGS}]")
# Scripts whose letters join, and symbols of which emoji are made.
JOINED = re.compile(
    "[\u0590-\u060b\u060d-\u061b\u061d-\u1cff\u20d0-\u20ff\u2190-\u2bff\ua840-\uabff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U0001fbff]"
)
FLAG = "\U0001f3f4"
EDGES = re.compile(r" *\n *")
# What Word writes for its bullets into a text without format, always with a tab.
WORD_MARKER = re.compile(r"^[ \t]*[§Øüvqo*+]\t", re.MULTILINE)
MARKS = "•·◦▪▫‣⁃●○■□◻◼◾◽❑❖➢➔→►▶✓✔☑" + "".join(map(chr, range(0xF000, 0xF100)))
LEADING = re.compile(f"^[{MARKS}{UNSEEN}]+")
BULLET = rf"[{MARKS}][{UNSEEN}]* *"
COUNTED = r"(?:[-–—−]|[0-9]{1,2}[.)]|\([0-9]{1,2}\)|[a-z][.)]|[A-Z]\)|\([A-Za-z]\)|[ivx]{1,4}[.)])(?: +|$)"
MARKER_OF_LINE = re.compile(rf"(?:{BULLET}|{COUNTED}|[*+](?: +|$)|o +)+")
MARKER_OF_POINT = re.compile(rf"(?:{BULLET}|{COUNTED})+")  # a single text may begin with "* " or "+ "
SAME = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛ʼʻ′`´", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
    | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


def cleaned(text: str) -> str:
    """Return the text as it is stored, with its lines."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(TABLE))
    if not is_from_right(text):
        text = re.sub(f"[{DIRECTIONS}]", "", text)
    if NEEDS_CARE.search(text):
        text = re.sub(r"\S+", joined_word, text)
    text = unicodedata.normalize("NFC", UNSEEN_WORD.sub("", text))
    text = EDGES.sub("\n", re.sub(" {2,}", " ", text))
    return re.sub("\n{3,}", "\n\n", text).strip()


def is_from_right(text: str) -> bool:
    return not text.isascii() and any(one.isalpha() and unicodedata.bidirectional(one) in ("R", "AL") for one in text)


def joined_word(match: re.Match[str]) -> str:
    word = match[0]
    if FLAG not in word:
        word = re.sub(f"[{TAGS}]", "", word)
    return word if JOINED.search(LEADING.sub("", word)) else re.sub(f"[{JOINERS}]", "", word)


def in_one_line(text: str) -> str:
    return cleaned(text).replace("\n\n", "\n").replace("\n", " ")


def one_a_line(text: str) -> str:
    """Return a list that was typed or pasted with one point a line: without markers, and without empty lines."""
    lines = cleaned(WORD_MARKER.sub("", text)).split("\n")
    return "\n".join(filter(None, (without(MARKER_OF_LINE, line) for line in lines)))


def one_point(text: str) -> str:
    """Return one point of a list, without the marker with which it was pasted."""
    return without(MARKER_OF_POINT, in_one_line(WORD_MARKER.sub("", text)))


def without(marker: re.Pattern[str], line: str) -> str:
    found = marker.match(line)
    return line[found.end() :] if found else line


def folded(text: str) -> str:
    """Return what of a text a search compares: no case, no accents, one kind of quotation marks and dashes."""
    decomposed = unicodedata.normalize("NFKD", in_one_line(text).translate(SAME).casefold())
    return "".join(one for one in decomposed if not unicodedata.combining(one)).translate(SAME)
