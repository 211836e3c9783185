"""Telephone numbers of any country, with an extension: stored, typed and shown as one.

They are stored as RFC 3966 has it, `tel:+1-201-555-0123;ext=204`, and shown as Americans write them; a number of
another country with its prefix.
"""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from phonenumber_field import formfields
from phonenumber_field.modelfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import convert_alpha_characters_in_number, national_significant_number

from publishing.text import in_one_line

OWN_COUNTRY = 1  # the United States, Canada and others that are dialed alike
NOT_A_NUMBER = (
    "Write a telephone number like (973) 555-0123 or (973) 555-0123 ext. 204; from abroad with + at its start."
)
MORE_THAN_A_NUMBER = "Write one telephone number and nothing else. An extension follows it like this: ext. 204."
WORDS = re.compile(r"\b(?:tel|phone)\b\.?:?|(?:extension|extn?|x)\.?:?(?= *[0-9]+$)", re.IGNORECASE)
LETTERS_BEFORE = re.compile(r"[^\d+]*?[^\W\d_]")  # the first digit, or +


def shown(number: PhoneNumber) -> str:
    if number.country_code is None:  # it was not understood
        return str(number.raw_input or "")
    text: str = number.as_national if number.country_code == OWN_COUNTRY else number.as_international
    return text


def is_whole(number: PhoneNumber, typed: str) -> bool:
    """Return whether all that was typed is in the number: what comes after a number is otherwise left out silently.

    Letters after the first digit stand for the digits of their keys, as in 1-800-FLOWERS.
    """
    if typed == in_one_line(shown(number)):  # with the word for an extension of that number's country
        return True
    rest = WORDS.sub("", typed)
    if LETTERS_BEFORE.match(rest):
        return False
    keyed = convert_alpha_characters_in_number(rest)
    if any(character.isalpha() for character in keyed):
        return False
    digits = "".join(str(int(character)) for character in keyed if character.isdecimal())
    return digits.endswith(national_significant_number(number) + (number.extension or ""))


class PhoneTyped(formfields.PhoneNumberField):  # type: ignore[misc] # the library has no types
    default_error_messages = {"invalid": NOT_A_NUMBER}

    def prepare_value(self, value: Any) -> Any:
        return shown(value) if isinstance(value, PhoneNumber) else value

    def to_python(self, value: Any) -> Any:
        text = in_one_line(value) if isinstance(value, str) else value
        number = super().to_python(text)
        is_valid = isinstance(number, PhoneNumber) and number.is_valid()
        if is_valid and isinstance(text, str) and not is_whole(number, text):
            raise ValidationError(MORE_THAN_A_NUMBER, code="more")
        return number


class PhoneField(PhoneNumberField):  # type: ignore[misc] # the library has no types
    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**({"form_class": PhoneTyped} | kwargs))

    def value_to_string(self, obj: models.Model) -> str:
        number = self.value_from_object(obj)
        if not isinstance(number, PhoneNumber):
            return ""
        return shown(number) if number.is_valid() else str(number)
