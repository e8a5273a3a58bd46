"""Which rules a trunk may have, and how they are changed one by one."""

import pytest

from offhook.domain.rules import NO_CHANGES, PLAIN, NumberFrom, RuleChanges, TrunkRules, changed, check_rules
from offhook.errors import InputError


@pytest.mark.parametrize(
    "rules",
    [
        PLAIN,
        TrunkRules(country_code="81", international_prefixes=("00", "010")),
        TrunkRules(country_code="1", national_prefixes=("1", ""), international_prefixes=("011",)),
        TrunkRules(country_code="7", national_prefixes=("8",), international_prefixes=("810",)),
        TrunkRules(NumberFrom.DIVERSION, strip=15, prepend="+81", is_trusted=True),
    ],
)
def test_rules_that_can_be_kept_stay_as_they_are(rules: TrunkRules) -> None:
    assert check_rules(rules) == rules


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (TrunkRules(country_code="0"), "country_code"),
        (TrunkRules(country_code="+81"), "country_code"),
        (TrunkRules(country_code="8181"), "country_code"),
        (TrunkRules(country_code="８１"), "country_code"),
        (TrunkRules(national_prefixes=()), "national_prefix"),
        (TrunkRules(national_prefixes=("1", "2", "3", "4", "5")), "national_prefix"),
        (TrunkRules(national_prefixes=("0x",)), "national_prefix"),
        (TrunkRules(national_prefixes=("123456789",)), "national_prefix"),
        (TrunkRules(international_prefixes=("",)), "international_prefix"),
        (TrunkRules(international_prefixes=("+",)), "international_prefix"),
        (TrunkRules(country_code="81", international_prefixes=("8",)), "international_prefix"),
        (TrunkRules(national_prefixes=("00",)), "international_prefix"),
        (TrunkRules(strip=-1), "strip"),
        (TrunkRules(strip=16), "strip"),
        (TrunkRules(prepend="tel"), "prepend"),
        (TrunkRules(prepend="+"), "prepend"),
        (TrunkRules(prepend="+081"), "prepend"),
        (TrunkRules(prepend="1" * 16), "prepend"),
    ],
)
def test_a_rule_that_cannot_be_kept_is_named(rules: TrunkRules, field: str) -> None:
    with pytest.raises(InputError) as refused:
        check_rules(rules)
    assert refused.value.field == field


def test_what_is_not_changed_stays() -> None:
    before = TrunkRules(country_code="81", strip=2, is_trusted=True)
    assert changed(before, NO_CHANGES) == before
    after = changed(before, RuleChanges(country_code="", strip=0, is_trusted=False, national_prefixes=("0", "", "0")))
    assert after == TrunkRules(national_prefixes=("0", ""))


def test_a_change_that_does_not_go_with_the_rest_is_refused() -> None:
    with pytest.raises(InputError, match="begins with 00"):
        changed(PLAIN, RuleChanges(national_prefixes=("001",)))
