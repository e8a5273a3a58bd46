import pytest

from offhook.domain.tariffs import NoRate, Rate, RateKind, danger_of, judge, prefixes

TOKYO = "81312345678"
LONDON = "442071234567"
HAVANA = "5371234567"
SATELLITE = "881612345678"
PREMIUM_IN_LONDON = "449098790000"
JAPAN = Rate("81", 20_000)


def test_a_rate_may_stand_under_everything_that_a_number_begins_with() -> None:
    assert prefixes("8131") == ["8131", "813", "81", "8"]
    assert len(prefixes("1" * 20)) == 15


def test_a_destination_with_a_rate_in_an_allowed_country_may_be_called() -> None:
    assert judge(TOKYO, JAPAN, ["JP"]) == JAPAN


@pytest.mark.parametrize(
    ("number", "rate", "allowed", "word"),
    [
        (TOKYO, None, ["JP"], "no tariff covers"),
        (LONDON, Rate("44", 1), ["JP"], "in GB, and the account may call: JP"),
        (LONDON, Rate("44", 1), [], "may call: none"),
        (TOKYO, Rate("813", 1, RateKind.REFUSED), ["JP"], "refuses what begins with 813"),
        ("80012345678", Rate("800", 1), ["XX"], "of no country"),
        (HAVANA, Rate("53", 1), ["CU"], "Cuba, which is high-risk"),
        (SATELLITE, Rate("8816", 1), ["XX"], "satellite"),
        (PREMIUM_IN_LONDON, Rate("44", 1), ["GB"], "a premium number"),
        (PREMIUM_IN_LONDON, None, ["GB"], "a premium number"),
        (LONDON, Rate("44", 1, RateKind.PREMIUM), ["JP"], "in GB"),
        (TOKYO, Rate("81", 1, RateKind.REFUSED), ["JP"], "refuses"),
    ],
)
def test_a_destination_that_must_not_be_called_says_why(
    number: str, rate: Rate | None, allowed: list[str], word: str
) -> None:
    found = judge(number, rate, allowed)
    assert isinstance(found, NoRate)
    assert word in found.text
    assert number in found.text


@pytest.mark.parametrize(("number", "allowed"), [(HAVANA, ["CU"]), (SATELLITE, ["JP"]), (PREMIUM_IN_LONDON, ["GB"])])
def test_a_rate_of_the_kind_premium_lets_the_dangerous_be_called(number: str, allowed: list[str]) -> None:
    rate = Rate(number[:3], 9, RateKind.PREMIUM)
    assert judge(number, rate, allowed) == rate


@pytest.mark.parametrize("number", [TOKYO, LONDON, "9991234567", "7"])
def test_ordinary_numbers_are_no_danger(number: str) -> None:
    assert danger_of(number) == ""
