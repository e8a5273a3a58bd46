"""Limits of an account or a number: how many calls, and how many credits a day.

A limit is kept together with what was counted for it, in the minute and on the day of the last call
alone: nothing has to be summed up when the next one comes.
"""

from dataclasses import dataclass
from datetime import datetime

from offhook.domain.calls import Reason
from offhook.domain.credits import MINUTE_S, in_words

DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Limit:
    """What `owner` may do; None is no limit of its own. `spend_per_day` and `spent` are micro-credits.

    `calls` were counted in the minute so numbered since 1970, `spent` (held or charged) on the day so numbered.
    """

    owner: str
    calls_at_once: int | None = None
    calls_per_minute: int | None = None
    spend_per_day: int | None = None
    minute: int = 0
    calls: int = 0
    day: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether an account may have one more call to a number of its own.

    `available` is in micro-credits, `limits` are those of the two that have any, and the rest are the calls
    that run.
    """

    available: int
    limits: tuple[Limit, ...]
    calls_of_number: int
    calls_of_account: int


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Why one more call, or one more minute, is too much."""

    reason: Reason
    text: str


def of_account(account_id: int) -> str:
    """Name an account as the owner of a limit."""
    return f"account:{account_id}"


def of_number(din: str) -> str:
    """Name a number as the owner of a limit."""
    return f"number:{din}"


def minute_of(at: datetime) -> int:
    """Number the minute of a moment."""
    return int(at.timestamp()) // MINUTE_S


def day_of(at: datetime) -> int:
    """Number the day, in UTC, of a moment."""
    return int(at.timestamp()) // DAY_S


def check_rate(limit: Limit, at: datetime) -> Exceeded | None:
    """Tell whether another call may begin in this minute."""
    if limit.calls_per_minute is None or limit.minute != minute_of(at) or limit.calls < limit.calls_per_minute:
        return None
    calls = "call" if limit.calls_per_minute == 1 else "calls"
    return Exceeded(
        Reason.TOO_MANY_PER_MINUTE, f"{whose(limit)} takes {limit.calls_per_minute} {calls} a minute at most"
    )


def check_spending(limit: Limit, amount: int, at: datetime) -> Exceeded | None:
    """Tell whether so much more may be spent on this day."""
    if limit.spend_per_day is None or not amount:
        return None
    spent = limit.spent if limit.day == day_of(at) else 0
    if spent + amount <= limit.spend_per_day:
        return None
    return Exceeded(
        Reason.SPENT_FOR_TODAY,
        f"{whose(limit)} may spend {in_words(limit.spend_per_day)} a day, of which {in_words(spent)} are spent",
    )


def whose(limit: Limit) -> str:
    """Name in a sentence what a limit holds for."""
    return "the account" if limit.owner.startswith("account:") else "the number"
