"""Keeping My Number (個人番号) out of free text.

Twelve digits whose last one is right are refused wherever people write in their own words. Phone and policy numbers,
where real numbers can look alike, are not looked at.
"""

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

# Q of the ordinance's check digit, for the eleven digits from left to right (平成26年総務省令第85号第5条).
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MODULUS = 11
# In one run, or in three groups of four as on the card; more digits on either side make it another number.
_TWELVE = re.compile(r"(?<!\d)(\d{4})[\s‐-―−ー・.-]{0,3}(\d{4})[\s‐-―−ー・.-]{0,3}(\d{4})(?!\d)")


def is_my_number(digits: str) -> bool:
    """Say whether twelve digits pass the check digit of a My Number."""
    rest = sum(int(digit) * weight for digit, weight in zip(digits[:11], _WEIGHTS, strict=True)) % _MODULUS
    return int(digits[11]) == (0 if rest <= 1 else _MODULUS - rest)


def holds_my_number(text: str) -> bool:
    """Say whether a text holds what could be a My Number, full-width or grouped digits included."""
    plain = unicodedata.normalize("NFKC", text)
    return any(is_my_number("".join(found.groups())) for found in _TWELVE.finditer(plain))


def _without_my_number(text: str) -> str:
    if holds_my_number(text):
        # The text itself must reach neither the answer nor a log.
        raise PydanticCustomError("my_number", "this looks like a My Number, which is never stored here; leave it out")
    return text


PlainText = Annotated[str, AfterValidator(_without_my_number)]
"""A free text; set its length with `Field(max_length=…)`."""
Text2000 = Annotated[PlainText, Field(max_length=2000)]
