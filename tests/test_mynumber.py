"""What counts as a My Number, and what doesn't."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from sharecare.mynumber import PlainText, holds_my_number, is_my_number

# Made up; the last digit is worked out by hand from the ordinance's formula.
VALID = "123456789018"


class Note(BaseModel):
    text: PlainText = Field(max_length=40)


def reference_check_digit(eleven: str) -> int:
    """Follow the ordinance's words: P_n is the nth digit from the right, Q_n is n + 1 up to 6 and n - 5 beyond."""
    total = sum(int(eleven[-n]) * (n + 1 if n <= 6 else n - 5) for n in range(1, 12))
    return 0 if total % 11 <= 1 else 11 - total % 11


@given(st.text("0123456789", min_size=11, max_size=11))
def test_exactly_one_last_digit_passes(eleven: str) -> None:
    passing = [digit for digit in range(10) if is_my_number(f"{eleven}{digit}")]

    assert passing == [reference_check_digit(eleven)]


@pytest.mark.parametrize(
    "text",
    [
        VALID,
        "番号は123456789018です",
        "1234 5678 9018",
        "1234-5678-9018",
        "１２３４－５６７８－９０１８",
        "1234・5678・9018",
        "090-1234-5678 / 123456789018",
    ],
)
def test_my_number_is_found(text: str) -> None:
    assert holds_my_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "123456789012",
        "12345678901",
        "0123456789018",
        "1234567890180",
        "090-1234-5678",
        "2026-10-01 17:30",
        "12 3456 789018",
    ],
)
def test_other_digits_are_left_alone(text: str) -> None:
    assert not holds_my_number(text)


def test_plain_text_refuses_without_repeating_the_number() -> None:
    with pytest.raises(ValidationError) as refused:
        Note(text=f"マイナンバー {VALID}")

    [problem] = refused.value.errors()
    assert problem["type"] == "my_number"
    assert VALID not in problem["msg"]
    assert Note(text="母子手帳").text == "母子手帳"
