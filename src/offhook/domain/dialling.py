"""Dialling: which numbers the digits of a call may stand for, by the rules of the trunk that brought it.

Read `_read_digits` first. Its order goes from what can mean one thing only to what can mean several, and all that
one text may mean lies in one country: no rule lets a call fall through to a number of another one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from offhook.domain.numbers import LONGEST_DIN, SHORTEST_DIN, is_digits, short_digits, unadorned
from offhook.domain.rules import NO_PREFIX, PLAIN, TrunkRules

MOST_FORMS = 8
"""Forms of one call that are looked for; rules can make no more than six of one text."""
CONTEXT = ";phone-context="
"""Behind a local number (RFC 3966 section 5.1.5)."""

_E164 = re.compile(rf"[1-9][0-9]{{{SHORTEST_DIN - 1},{LONGEST_DIN - 1}}}")
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """The forms to look for, best first and each once; if there are none, `problem` says why."""

    forms: tuple[str, ...]
    problem: str = ""


def forms(dialled: str, rules: TrunkRules = PLAIN) -> tuple[str, ...]:
    """Return the E.164 digits, without `+`, that a dialled user part may stand for; none if it is no number."""
    return read(dialled, rules).forms


def forms_of(places: Iterable[str], rules: TrunkRules) -> tuple[str, ...]:
    """Return the forms of all places where a call may name its number, each once; at most `MOST_FORMS`."""
    return tuple(dict.fromkeys(form for place in places for form in forms(place, rules)))[:MOST_FORMS]


def problem_of(places: Iterable[str], rules: TrunkRules) -> str:
    """Say why no place names a number, empty if one does or there is no place."""
    problems = [read(place, rules).problem for place in places]
    return problems[0] if problems and all(problems) else ""


def read(dialled: str, rules: TrunkRules = PLAIN) -> Reading:
    """Read a number as a URI's user part has it: digits with visual separators (RFC 3966 section 5.1.1).

    Behind it `;phone-context=+81` may say where a local number is at home; other parameters mean nothing here.
    """
    shown = f"{dialled[:_SHOWN]!r}"
    text = unadorned(dialled)
    is_whole = text.startswith("+")
    text = text.removeprefix("+")
    if not is_digits(text):
        return Reading((), f"{shown} is no number")
    if not is_whole:
        # A `+` says that the number is whole: nothing is taken from it, and nothing put before it.
        if rules.strip >= len(text):
            return Reading((), f"{shown} has no digits left once {rules.strip} are taken off")
        text = rules.prepend + text[rules.strip :]
        is_whole = text.startswith("+")
    context = _context_of(dialled)
    found = [text.removeprefix("+")] if is_whole else _read_digits(text, context, rules)
    if numbers := tuple(dict.fromkeys(form for form in found if _E164.fullmatch(form))):
        return Reading(numbers)
    if text.startswith("0") and not is_whole and not rules.country_code and not context:
        return Reading((), f"{shown} has no country code, and the rules of the trunk name none")
    return Reading((), f"{shown} is no number of {SHORTEST_DIN} to {LONGEST_DIN} digits with a country code")


def _read_digits(digits: str, context: str, rules: TrunkRules) -> list[str]:
    """Return what digits without a `+` may stand for.

    1. Behind an international prefix: that number and no other.
    2. With the country code in front: as they stand. Behind a national prefix: a number of that country. A
       country's numbers may begin with the digits of its own code, so both are tried.
    3. Else nothing says that they are national: as they stand, a number of another country.
    """
    abroad = _longest(digits, rules.international_prefixes)
    if abroad is not None:
        return [digits.removeprefix(abroad)]
    # A context says where the digits are at home, but not whether they are dialled with a prefix there.
    country = context or rules.country_code
    prefixes = {*rules.national_prefixes, NO_PREFIX} if context else {*rules.national_prefixes}
    found = []
    if country:
        if digits.startswith(country):
            found.append(digits)
        longest_first = sorted(prefixes, key=len, reverse=True)
        found += [country + digits.removeprefix(prefix) for prefix in longest_first if digits.startswith(prefix)]
    return found or [digits]


def _context_of(dialled: str) -> str:
    """Return the digits of a context that is a number's beginning; a domain's name tells nothing about digits."""
    context = dialled.partition(CONTEXT)[2].partition(";")[0]
    return short_digits(context) if context.startswith("+") else ""


def _longest(digits: str, prefixes: Iterable[str]) -> str | None:
    return max((prefix for prefix in prefixes if digits.startswith(prefix)), key=len, default=None)
