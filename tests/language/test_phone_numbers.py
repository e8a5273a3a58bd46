"""Numbers that a transfer may call."""

import pytest

from answers import action_of, marked, problem_of
from offhook.language import Code, Transfer


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("81355500123", ("81355500123",)),
        ("+81-3-5550-0123", ("81355500123",)),
        ("1234567", ("1234567",)),
        ("123456789012345", ("123456789012345",)),
        ("+15550100,1-555-0101", ("15550100", "15550101")),
        ('"+15550100,15550101"', ("15550100", "15550101")),
        (",".join(["15550100"] * 10), ("15550100",) * 10),
    ],
)
def test_numbers_are_kept_as_digits(written: str, numbers: tuple[str, ...]) -> None:
    assert action_of(f"transfer {written}") == Transfer(numbers)


@pytest.mark.parametrize(
    ("written", "mark", "sentence", "hint"),
    [
        ("0355500123", "0355500123", "starts with 0", "country code"),
        ("+0355500123", "+0355500123", "starts with 0", "country code"),
        ("0081355500123", "0081355500123", "starts with 0", 'did you mean "81355500123"?'),
        ("123456", "123456", "has 6 digits", "country code"),
        ("1234567890123456", "1234567890123456", "has 16 digits", "country code"),
        ("+1(555)0100", "+1(555)0100", "is not a phone number", 'did you mean "15550100"?'),
        ("tel:+15550100", "tel:+15550100", "is not a phone number", 'did you mean "15550100"?'),
        ("８１３５５５００１２３", "８１３５５５００１２３", "is not a phone number", 'did you mean "81355500123"?'),
        ("1--5550100", "1--5550100", "is not a phone number", 'did you mean "15550100"?'),
        ("-15550100", "-15550100", "is not a phone number", 'did you mean "15550100"?'),
        ("sip:anna@example.com", "sip:anna@example.com", "is not a phone number", "country code"),
        ("15550100,,15550101", ",", "missing next to the comma", "without blanks"),
        (",15550100", ",", "missing next to the comma", "without blanks"),
        ("15550100,1", "1", "has 1 digits", "country code"),
        ('"15550100,1"', '"15550100,1"', "has 1 digits", "country code"),
    ],
)
def test_another_number_is_marked_with_what_to_do(written: str, mark: str, sentence: str, hint: str) -> None:
    problem = problem_of(f"transfer {written}")
    assert problem.code is Code.BAD_NUMBER
    assert marked(f"transfer {written}") == mark
    assert sentence in problem.sentence
    assert hint in problem.hint


def test_at_most_ten_numbers_ring_together() -> None:
    problem = problem_of("transfer " + ",".join(["15550100"] * 11))
    assert problem.code is Code.TOO_MANY_ARGUMENTS
    assert "11 numbers" in problem.sentence
