"""An audit of the books: what was looked at, and every rule that does not hold."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """What must be true of the books, whatever was killed and when."""

    AMOUNTS = "amounts"
    """No posting moves less than nothing, or from an account to itself."""
    SIDES = "sides"
    """Each kind of posting moves credits between the two accounts that it is about."""
    BALANCES = "balances"
    """What an account can spend and holds is the sum of its postings, and never below zero."""
    CHAIN = "chain"
    """Each posting's balance follows from the one before it."""
    HOLDS = "holds"
    """A running call holds the minutes that are on record, and an ended call holds nothing."""
    SETTLEMENTS = "settlements"
    """A call was settled once, and its cost is what was charged for it."""
    NUMBERS = "numbers"
    """A number has one living subscription, or it is free, reserved or resting."""
    PERIODS = "periods"
    """A subscription is paid until the end of the periods that it was charged."""
    SUM = "sum"
    """All accounts together, the operator's included, have nothing: credits are neither made nor lost."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold, and where."""

    rule: Rule
    text: str


@dataclass(frozen=True, slots=True)
class Totals:
    """What is in the books, in micro-credits: operators' accounts as they stand, customers' together."""

    postings: int
    cash: int
    revenue: int
    adjustments: int
    available: int
    held: int


@dataclass(frozen=True, slots=True)
class Audit:
    """The books, and what is wrong with them: nothing, unless we have a defect or somebody changed rows by hand."""

    totals: Totals
    accounts: int
    running_calls: int
    findings: tuple[Finding, ...]
