"""Numbers: what is in the pool, and what is a digit; what a call dialled is read by `dialling`.

A number is E.164 digits without `+`. Its `din_uid` is what customers name it by: opaque, so that
the pool can be sorted, sold and moved without a trace in anybody's code.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from offhook.domain.calls import Caller
from offhook.errors import InputError

SHORTEST_DIN = 7
LONGEST_DIN = 15
"""ITU-T E.164: a country code and a number of at most 15 digits together."""
LONGEST_RAW = 200
UID_CHARACTERS = 14
UNKNOWN_REGION = "XX"

_ORNAMENTS = str.maketrans("", "", "-. \t()")


class Feature(StrEnum):
    """What sets a number apart, in the words of the API."""

    TRANSFER = "transfer"
    """Its calls may be transferred."""
    VERIFICATION = "verification"
    """Only an account whose owner's identity was checked may subscribe it."""


@dataclass(frozen=True, slots=True)
class Number:
    """A dial-in number. Costs are micro-credits; `trunk` is a trunk's name, empty for any."""

    id: int
    din: str
    din_uid: str
    country_code: str
    prefix: str
    monthly_cost: int
    minute_cost: int
    trunk: str
    day_cost: int = 0
    allow_transfer: bool = True
    requires_verification: bool = False


@dataclass(frozen=True, slots=True)
class NewNumber:
    """A number on its way into the pool; `region` is an ISO 3166 code or `XX`."""

    din: str
    din_uid: str
    region: str
    country_code: str
    prefix: str
    monthly_cost: int
    minute_cost: int
    trunk: str
    day_cost: int = 0
    allow_transfer: bool = True
    requires_verification: bool = False


class PoolState(StrEnum):
    """How a number of the pool stands."""

    FREE = "free"
    RESERVED = "reserved"
    SUBSCRIBED = "subscribed"
    RESTING = "resting"


@dataclass(frozen=True, slots=True)
class PoolNumber:
    """A number as its operator sees it: how it stands, until when if that ends by itself, and whose it is."""

    number: Number
    state: PoolState
    until: datetime | None = None
    account: str = ""


def state_of(free_from: datetime | None, *, is_reserved: bool, now: datetime) -> PoolState:
    """Say how a number stands that is free from a moment on; None while somebody subscribes it."""
    if free_from is None:
        return PoolState.SUBSCRIBED
    if free_from <= now:
        return PoolState.FREE
    return PoolState.RESERVED if is_reserved else PoolState.RESTING


@dataclass(frozen=True, slots=True)
class SearchFilters:
    """What a free number must be like: all of it. Costs are micro-credits."""

    region: str | None = None
    prefix: str | None = None
    contains: str | None = None
    max_monthly_cost: int | None = None
    max_minute_cost: int | None = None
    features: frozenset[Feature] = frozenset()


def make_uid(region: str, token: str) -> str:
    """Build a `din_uid` like `JPafr34rafic76tf` from a region and at least 14 random letters or digits."""
    characters = [character for character in token.lower() if character.isascii() and character.isalnum()]
    if len(characters) < UID_CHARACTERS:
        raise ValueError(f"a token needs {UID_CHARACTERS} letters or digits")
    return region + "".join(characters[:UID_CHARACTERS])


def features_of(number: Number) -> tuple[Feature, ...]:
    """Return what sets a number apart, in the order of `Feature`."""
    has = {Feature.TRANSFER: number.allow_transfer, Feature.VERIFICATION: number.requires_verification}
    return tuple(feature for feature in Feature if has[feature])


def read_features(written: str) -> frozenset[Feature]:
    """Read words with commas between them; raises InputError (`features`)."""
    try:
        return frozenset(map(Feature, written.split(",")))
    except ValueError:
        words = " and ".join(Feature)
        raise InputError("features", f"the words are {words}, with a comma between them") from None


def caller_identity(raw: str, name: str, anonymous: bool) -> Caller:
    """Say who calls by ACTIONS' rule: E.164 digits without `+`, other digits (1 to 15) as received, else none.

    Of a caller who withheld the number nothing is passed on, also not the form as received.
    """
    if anonymous or raw.strip().lower() == "anonymous":
        return Caller(number="", raw="", anonymous=True)
    return Caller(number=short_digits(raw), raw=legible(raw), name=legible(name))


def short_digits(raw: str) -> str:
    """Return the 1 to 15 digits that a peer wrote, without `+` and visual separators; empty if it is anything else."""
    digits = unadorned(raw).removeprefix("+")
    return digits if is_digits(digits) and len(digits) <= LONGEST_DIN else ""


def legible(text: str) -> str:
    """Return a peer's text so that it can be kept and shown: short, and without what is not printable."""
    short = text[:LONGEST_RAW]
    if short.isprintable():
        return short
    return "".join(character if character.isprintable() else "\ufffd" for character in short)


def unadorned(user: str) -> str:
    """Return a user part without parameters and visual separators (RFC 3966 section 5.1.1); a `+` stays."""
    return user.partition(";")[0].translate(_ORNAMENTS)


def is_digits(text: str) -> bool:
    """Tell whether a text is digits of ASCII, at least one."""
    # str.isdigit alone accepts digits of every script, and superscripts.
    return text.isascii() and text.isdigit()
