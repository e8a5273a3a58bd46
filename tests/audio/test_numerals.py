"""Numbers as English words."""

import pytest

from offhook.audio import numerals


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (20, "twenty"),
        (99, "ninety-nine"),
        (100, "one hundred"),
        (1_234, "one thousand two hundred thirty-four"),
        (1_000_001, "one million one"),
        (999_999_999_999_999, None),
    ],
)
def test_a_number_is_said_in_words(number: int, words: str | None) -> None:
    said = numerals.cardinal(number)
    assert said == words if words else said.startswith("nine hundred ninety-nine trillion nine hundred")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (2, "second"),
        (5, "fifth"),
        (9, "ninth"),
        (12, "twelfth"),
        (20, "twentieth"),
        (21, "twenty-first"),
        (100, "one hundredth"),
        (103, "one hundred third"),
        (11, "eleventh"),
    ],
)
def test_a_place_in_a_row_is_said_in_words(number: int, words: str) -> None:
    assert numerals.ordinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1987, "nineteen eighty-seven"),
        (2000, "two thousand"),
        (2005, "two thousand five"),
        (2026, "twenty twenty-six"),
    ],
)
def test_a_year_is_said_as_people_do(number: int, words: str) -> None:
    assert numerals.year(number) == words


def test_a_fraction_is_said_digit_by_digit() -> None:
    assert numerals.decimal("1,234.05") == "one thousand two hundred thirty-four point zero five"
    assert numerals.decimal("7") == "seven"
