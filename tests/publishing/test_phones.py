"""Numbers of all countries: what the site shows of one is understood again, and nothing that is typed is lost."""

import phonenumbers
import pytest
from django.core.exceptions import ValidationError
from phonenumber_field.phonenumber import PhoneNumber, to_python

from publishing.phones import MORE_THAN_A_NUMBER, NOT_A_NUMBER, PhoneTyped, shown

KINDS = range(11)  # fixed, mobile, toll free ...: of each the library has an example in each region


def examples(region):
    found = (phonenumbers.example_number_for_type(region, kind) for kind in KINDS)
    for one in {phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164) for one in found if one}:
        for extension in ("", ";ext=7", ";ext=0204"):
            number = to_python(f"tel:{one}{extension}")
            if number.is_valid():
                yield number


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_number_of_any_region_is_understood_as_it_is_shown(region):
    numbers = list(examples(region))
    assert numbers
    for number in numbers:
        for again in (PhoneTyped().clean(shown(number)), to_python(shown(number))):
            assert again.as_rfc3966 == number.as_rfc3966, shown(number)


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("1-800-FLOWERS", "(800) 356-9377"),
        ("1-800-TAXINOW", "(800) 829-4669"),
        ("(800) flowers ext. 204", "(800) 356-9377 ext. 204"),
        ("Tel. 973-555-0123 x 204", "(973) 555-0123 ext. 204"),
        ("+51 1 1234567 Anexo 204", "+51 1 1234567 Anexo 204"),
    ],
)
def test_letters_of_keys_and_words_of_a_country_are_understood(typed, right):
    assert shown(PhoneTyped().clean(typed)) == right


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Call 973-555-0123", MORE_THAN_A_NUMBER),
        ("Ann +33 1 42 68 53 00", MORE_THAN_A_NUMBER),
        ("(973) 555-0123 Ask Ann", NOT_A_NUMBER),
        ("1-800-FLOWERSHOPS-AND-MORE", NOT_A_NUMBER),
        ("FLOWERS", NOT_A_NUMBER),
        ("1-800-ЦВЕТЫ", NOT_A_NUMBER),
    ],
)
def test_letters_that_are_no_number_are_refused_in_words(typed, told):
    with pytest.raises(ValidationError) as refused:
        PhoneTyped().clean(typed)
    assert refused.value.messages == [told]


def test_what_was_not_understood_is_shown_as_it_was_typed():
    assert shown(PhoneNumber(raw_input="none")) == "none"
