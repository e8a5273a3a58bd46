"""Near numbers: which number of the pool may have been meant by digits that the rules of their trunk do not read so.

Carriers write one number in many ways. What is found here is only told to the operator: no call is let in by it.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from offhook.domain.dialling import forms
from offhook.domain.numbers import LONGEST_DIN, SHORTEST_DIN, is_digits, unadorned
from offhook.domain.rules import NO_PREFIX, TrunkRules, check_rules
from offhook.errors import InputError

MOST_CUT = 5
"""So many digits may stand before the number that was meant: prefixes, a carrier's own code."""
MOST_CUT_BEFORE_CODE = 2
"""So many may stand before a national number."""
LONGEST_DIALLED = 24
SHORTEST_NATIONAL = 8
"""Digits; of fewer some number of some country would always be near."""
_LONGEST_CODE = 3


def near(dialled: str, country_codes: Collection[str]) -> tuple[str, ...]:
    """Return what a dialled user part may have been meant to stand for, the likeliest first: E.164 digits."""
    digits = unadorned(dialled).removeprefix("+")
    if not is_digits(digits) or len(digits) > LONGEST_DIALLED:
        return ()
    rests = [digits[cut:] for cut in range(MOST_CUT + 1)]
    whole = [rest for rest in rests if SHORTEST_DIN <= len(rest) <= LONGEST_DIN and not rest.startswith("0")]
    national = [
        code + rest
        for rest in rests[: MOST_CUT_BEFORE_CODE + 1]
        if len(rest) >= SHORTEST_NATIONAL
        for code in country_codes
        if len(code) + len(rest) <= LONGEST_DIN
    ]
    return tuple(dict.fromkeys((*whole, *national)))


def rules_for(dialled: str, rules: TrunkRules, number: str, country_codes: Collection[str]) -> str:
    """Return the options of `offhook trunks set` by which what was dialled is read as the number; empty if none do."""
    for options, changed in _ways(unadorned(dialled), rules, number, country_codes):
        if number in forms(dialled, changed) and _is_possible(changed):
            return options
    return ""


def _ways(
    digits: str, rules: TrunkRules, number: str, country_codes: Collection[str]
) -> Iterator[tuple[str, TrunkRules]]:
    """Yield what could be said of the trunk, first what says most about its numbers."""
    for code in (number[:length] for length in range(1, _LONGEST_CODE + 1)):
        if code in country_codes:
            at_home = replace(rules, country_code=code)
            yield f"--country-code {code}", at_home
            national = (*rules.national_prefixes, NO_PREFIX)
            words = ",".join(prefix or "none" for prefix in dict.fromkeys(national))
            bare = replace(at_home, national_prefixes=tuple(dict.fromkeys(national)))
            yield f"--country-code {code} --national-prefix {words}", bare
    if digits.endswith(number):
        prefixes = (*rules.international_prefixes, digits.removesuffix(number))
        words = ",".join(prefixes)
        yield f"--international-prefix {words}", replace(rules, international_prefixes=prefixes)
        yield f"--strip {len(digits) - len(number)}", replace(rules, strip=len(digits) - len(number), prepend="")
    shared = _shared(digits, number)
    strip, prepend = len(digits) - shared, f"+{number[: len(number) - shared]}"
    yield f"--strip {strip} --prepend {prepend}", replace(rules, strip=strip, prepend=prepend)


def _is_possible(rules: TrunkRules) -> bool:
    try:
        check_rules(rules)
    except InputError:
        return False
    return True


def _shared(digits: str, number: str) -> int:
    """Return how many digits both end with."""
    pairs = zip(reversed(digits), reversed(number), strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(digits), len(number)))
