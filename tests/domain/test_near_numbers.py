import pytest

from offhook.domain.near_numbers import LONGEST_DIALLED, near, rules_for
from offhook.domain.rules import PLAIN, TrunkRules

OURS = "815012345678"
CODES = ("1", "44", "81")


@pytest.mark.parametrize(
    ("dialled", "rules"),
    [
        ("05012345678", "--country-code 81"),
        ("050-1234-5678", "--country-code 81"),
        ("5012345678", "--country-code 81 --national-prefix 0,none"),
        ("99815012345678", "--international-prefix 00,99"),
        ("+05012345678", ""),
    ],
)
def test_a_number_that_was_meant_is_found_with_the_rules_that_read_it(dialled: str, rules: str) -> None:
    assert OURS in near(dialled, CODES)
    assert rules_for(dialled, PLAIN, OURS, CODES) == rules


def test_digits_of_a_carrier_are_taken_off_where_no_prefix_can_be_named() -> None:
    taken = TrunkRules(international_prefixes=("00", "010", "011", "012"))
    assert rules_for("99815012345678", taken, OURS, CODES) == "--strip 2"


def test_what_stands_in_place_of_the_country_code_is_taken_off_and_the_code_put_before() -> None:
    assert rules_for("75012345678", PLAIN, OURS, CODES) == "--strip 1 --prepend +81"


def test_the_whole_number_is_likelier_than_one_of_another_country() -> None:
    assert near("00441234567890", CODES)[0] == "441234567890"


@pytest.mark.parametrize("dialled", ["", "alice", "12345", "9" * (LONGEST_DIALLED + 1), "+81.50x"])
def test_what_is_no_number_is_near_to_none(dialled: str) -> None:
    assert near(dialled, CODES) == ()
