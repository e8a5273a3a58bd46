"""Tariffs: what a minute to a destination costs, and which destinations nobody may call.

Toll fraud lives on numbers that pay whoever owns them. So a destination needs a rate, must lie in a
country that the account may call, and must not be premium or high-risk unless its rate says that it may be.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from offhook.domain import regions
from offhook.domain.numbers import LONGEST_DIN, UNKNOWN_REGION

LONGEST_NAME = 100


class RateKind(StrEnum):
    """What a rate says besides its price."""

    STANDARD = "standard"
    """The usual refusals hold."""
    PREMIUM = "premium"
    """The operator knows that these numbers are premium or high-risk, and lets them be called."""
    REFUSED = "refused"
    """Never, whatever a shorter prefix says."""


@dataclass(frozen=True, slots=True)
class Rate:
    """What a minute to numbers that begin with `prefix` costs, in micro-credits; the longest prefix counts."""

    prefix: str
    minute_cost: int
    kind: RateKind = RateKind.STANDARD
    name: str = ""


@dataclass(frozen=True, slots=True)
class NoRate:
    """A destination must not be called; `text` says why, and what would change it."""

    text: str


# Networks that are no country: satellites, international networks and premium services (ITU-T E.164,
# list of assigned country codes), which revenue-share fraud prefers.
_SPECIAL_CODES = {
    "870": "satellite (Inmarsat)",
    "878": "universal personal numbers",
    "881": "satellite",
    "882": "international networks",
    "883": "international networks",
    "888": "international networks",
    "979": "international premium rate",
}
# Where most calls of toll fraud end, as the yearly surveys of the carriers' fraud association name them.
_HIGH_RISK_CODES = {
    "53": "Cuba",
    "220": "Gambia",
    "224": "Guinea",
    "231": "Liberia",
    "232": "Sierra Leone",
    "239": "Sao Tome",
    "246": "Diego Garcia",
    "247": "Ascension",
    "252": "Somalia",
    "263": "Zimbabwe",
    "500": "Falkland Islands",
    "674": "Nauru",
    "677": "Solomon Islands",
    "678": "Vanuatu",
    "681": "Wallis and Futuna",
    "682": "Cook Islands",
    "683": "Niue",
    "686": "Kiribati",
    "688": "Tuvalu",
    "690": "Tokelau",
    "850": "North Korea",
    "960": "Maldives",
}


def prefixes(number: str) -> list[str]:
    """Return everything that digits begin with, the longest first: what a rate may stand under."""
    return [number[:length] for length in range(min(len(number), LONGEST_DIN), 0, -1)]


def judge(number: str, rate: Rate | None, allowed: Collection[str]) -> Rate | NoRate:
    """Return the rate of a destination, or why it must not be called.

    `rate` is that of its longest prefix; `allowed` are the ISO 3166 codes of the countries that the account may call.
    """
    if rate is not None and rate.kind is RateKind.REFUSED:
        return NoRate(f"+{number}: the tariff refuses what begins with {rate.prefix}")
    if rate is None or rate.kind is not RateKind.PREMIUM:
        danger = danger_of(number)
        if danger:
            return NoRate(f"+{number} is {danger}: a rate of the kind `premium` would allow it")
    region = regions.region_of_digits(number)
    if rate is None or rate.kind is not RateKind.PREMIUM or region != UNKNOWN_REGION:
        if region == UNKNOWN_REGION:
            return NoRate(f"+{number} is of no country")
        if region not in allowed:
            countries = ", ".join(sorted(allowed)) or "none"
            return NoRate(f"+{number} is in {region}, and the account may call: {countries}")
    if rate is None:
        return NoRate(f"+{number}: no tariff covers this destination")
    return rate


def danger_of(number: str) -> str:
    """Say in a few words what makes a destination premium or high-risk; empty if nothing does."""
    for code, name in (_SPECIAL_CODES | _HIGH_RISK_CODES).items():
        if number.startswith(code):
            return f"{name}, which is high-risk" if code in _HIGH_RISK_CODES else name
    return "a premium number" if regions.is_premium(number) else ""
