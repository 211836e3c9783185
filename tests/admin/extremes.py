"""What can be typed into a field, at its worst: by what it is called, a text that is at most `size` characters long."""

import itertools

from django import forms
from django.contrib.auth.forms import ReadOnlyPasswordHashField
from django.forms.models import InlineForeignKeyField
from django_prose_editor.fields import ProseEditorFormField

from pages.models import LONGEST_BODY
from publishing.models import LONGEST_TEXT
from publishing.staff.forms import KeyField

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}\u200d\N{BOY}"
PIECES = {
    "blanks": " ",
    "ideographic blanks": "\u3000",
    "tabs and lines": "\t\n",
    "letters": "x",
    "words": "Heel pain. ",
    "mails": "ann.lee@example.com ",
    "mail without an end": "a.",
    "links": "https://www.example.com/a?b=c#d ",
    "hosts": "www.a.b.c.d.e-",
    "phones": "(973) 555-0123 ",
    "digits": "9",
    "grouped digits": "973-",
    "streets": "12 North Main Street, ",
    "capitals": "A",
    "points": "Label: a point\n",
    "colons": ": ",
    "quotes": "\"'“”`",
    "places": "{phone}",
    "templates": "{{ x }}{% now %}%s%(x)s",
    "markup": "<script>alert(1)</script>&lt;&#0;&amp;",
    "tags without an end": "<a href=",
    "opened tags": "<b>",
    "comments": "<!--",
    "signs": "<&>",
    "nested list": "<ul><li>",
    "paragraphs": "<p>Text <em>and</em> <a href='https://example.com'>more</a></p>",
    "directions": "\u202e\u2066\u200f",
    "zero width": "\u200b\u200d\ufeff",
    "null": "a\x00",
    "controls": "\x01\x1b\x7f\x85",
    "half of a pair": "\ud83d",
    "emoji": FAMILY + "\N{REGIONAL INDICATOR SYMBOL LETTER U}\N{REGIONAL INDICATOR SYMBOL LETTER S}",
    "from right to left": "שלום مرحبا ",
    "combining": "e" + "\u0301" * 50,
    "line separators": "a\u2028b\u2029",
    "wide": "\U0010ffff\ufffd",
    "slashes": "../",
    "backslashes": "\\",
    "commas": "a, ",
    "ligature that grows": "ﷺß",
}
NUMBERS = (
    "0",
    "-1",
    "-0",
    "1.5",
    "1e999",
    "NaN",
    "-Infinity",
    "٣",
    "0x10",
    "1_000",
    "32767",
    "32768",
    "2147483647",
    "2147483648",
    "9" * 20,
    "9" * 5000,
)
DATES = (
    "0001-01-01",
    "9999-12-31",
    "1899-12-31",
    "1900-01-01",
    "2999-12-31",
    "3000-01-01",
    "2026-03-08",
    "2026-11-01",
    "2026-02-30",
    "2024-02-29",
    "tomorrow",
)
TIMES = ("00:00", "23:59:59.999999", "24:00", "01:30", "02:30", "02:30:60", "noon")
KEYS = ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "not-a-key", "[]", "null")
TEXTS = ("", *PIECES)


def text(name, size):
    """As much of this piece as goes into so many characters; what is no name of one is a text itself."""
    if name not in PIECES:
        return name[:size]
    return "".join(itertools.islice(itertools.cycle(PIECES[name]), size))


def options(field):
    """What may be typed into a form's field: a list of values, or of tuples for a field of several; None for a text."""
    if isinstance(field, forms.SplitDateTimeField):
        return [*itertools.product(DATES, TIMES), ("", "")]
    if isinstance(field, forms.FileField | KeyField | InlineForeignKeyField | ReadOnlyPasswordHashField):
        return []
    if isinstance(field, forms.BooleanField):
        return ["on", ""]
    if isinstance(field, forms.MultipleChoiceField | forms.ModelMultipleChoiceField):
        return [[], *([value] for value in (*valid_choices(field), *KEYS)), [*valid_choices(field)] * 2]
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField | forms.UUIDField):
        return ["", *valid_choices(field), *KEYS]
    kinds = {forms.IntegerField: NUMBERS, forms.DateField: DATES, forms.TimeField: TIMES}
    return next((["", *values] for kind, values in kinds.items() if isinstance(field, kind)), None)


def valid_choices(field):
    return [str(value) for value, _ in itertools.islice(getattr(field, "choices", ()), 20) if value]


def bound(field):
    """How many characters a field takes at most."""
    if (longest := getattr(field, "max_length", None)) is not None:
        return longest
    return LONGEST_BODY if isinstance(field, ProseEditorFormField) else LONGEST_TEXT
