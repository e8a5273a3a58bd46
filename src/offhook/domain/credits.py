"""Credits: how they are written, and the postings that move them.

Money is an integer of micro-credits everywhere inside. A posting moves an amount >= 0 from one
ledger account to another and is never changed. Ledger accounts are words: `account:<id>` is what
a customer can spend, `hold:<call_id>` what a running call has put aside, and `cash`, `revenue` and
`adjustments` are the operator's, whose balances are sums and nothing else.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil

from offhook.errors import InputError

CREDIT = 1_000_000
DECIMALS = 6
MOST_CREDITS = 1_000_000_000
"""More than this in one amount is a slip of the pen; it also keeps every sum inside 64 bits."""
MINUTE_S = 60

CASH = "cash"
REVENUE = "revenue"
ADJUSTMENTS = "adjustments"

# Narrower than Decimal, which reads underscores, signs, `NaN` and the digits of every script.
_AMOUNT = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?(e[+-]?[0-9]{1,2})?")


class PostingKind(StrEnum):
    """Why credits moved, in the words of the API."""

    TOP_UP = "top-up"
    SUBSCRIPTION = "subscription"
    RENEWAL = "renewal"
    REBATE = "rebate"
    CALL_HOLD = "call-hold"
    HOLD_EXTENSION = "hold-extension"
    SETTLE = "settle"
    RELEASE = "release"
    TRANSFER_MINUTES = "transfer-minutes"
    RECORDING_STORAGE = "recording-storage"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class Posting:
    """Micro-credits on their way from `source` to `target`, in the book of one customer account.

    `id` names the fact outside the ledger that caused it: the same fact twice is one posting.
    """

    id: str
    at: datetime
    kind: PostingKind
    source: str
    target: str
    amount: int
    account_id: int
    din: str | None
    call_id: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What one posting does to a customer: to what can be spent, and to what running calls hold."""

    available: int
    held: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A posting as its customer reads it, in micro-credits.

    `change` and `balance` are of the account's own credit, available and held together, so that
    the changes add up to the balance. A hold moves credit inside the account: its change is 0
    and its `posting.amount` says how much was put aside.
    """

    posting: Posting
    change: int
    balance: int


@dataclass(frozen=True, slots=True)
class Hold:
    """What one leg of a call has put aside: whole minutes at one price, both as they are on record.

    All legs hold in the ledger account of their call. Leg 1 is the caller's.
    """

    call_id: str
    account_id: int
    din: str
    minutes: int
    minute_cost: int
    leg: int = 1

    @property
    def fact(self) -> str:
        """The beginning of the ids of its postings."""
        return self.call_id if self.leg == 1 else f"{self.call_id}:leg{self.leg}"

    @property
    def whose(self) -> str:
        """How a sentence that has named the minutes goes on; a caller's needs no word."""
        return "" if self.leg == 1 else f" of the transfer (leg {self.leg})"


def to_credits(micro: int) -> float:
    """Return credits as the API writes them: a JSON number."""
    return micro / CREDIT


def from_credits(amount: Decimal | str | float | int) -> int:
    """Read credits written by a human or a program as micro-credits.

    Raises InputError (`credit`) unless it is a number from 0 to a thousand million with at most
    six decimals. A float is read as the shortest decimal that stands for it.
    """
    written = str(amount).strip()
    if not _AMOUNT.fullmatch(written):
        raise InputError("credit", f"{written[:40]!r} is not an amount of credits")
    credits_ = Decimal(written)
    if credits_ > MOST_CREDITS:
        raise InputError("credit", f"an amount of credits is at most {MOST_CREDITS}")
    if credits_ != round(credits_, DECIMALS):
        raise InputError("credit", f"an amount of credits has at most {DECIMALS} decimals")
    return int(credits_ * CREDIT)


def spell(micro: int) -> str:
    """Write credits for a sentence, without zeros that say nothing: `1`, `0.25`."""
    return f"{Decimal(micro) / CREDIT:f}"


def in_words(micro: int) -> str:
    """Write an amount for a sentence: `1 credit`, `0.25 credits`."""
    return f"{spell(micro)} {'credit' if micro == CREDIT else 'credits'}"


def available_of(account_id: int) -> str:
    """Name the ledger account of what a customer can spend."""
    return f"account:{account_id}"


def hold_of(call_id: str) -> str:
    """Name the ledger account of what a running call has put aside."""
    return f"hold:{call_id}"


def effect(posting: Posting) -> Effect:
    """Return what the posting adds to the customer's available and held micro-credits."""
    own = available_of(posting.account_id)
    hold = hold_of(posting.call_id) if posting.call_id is not None else None

    def added_to(name: str | None) -> int:
        return posting.amount * ((posting.target == name) - (posting.source == name))

    return Effect(available=added_to(own), held=added_to(hold))


def payment(account_id: int, amount: int, *, fact: str, at: datetime, text: str) -> Posting:
    """Bring an operator's credit into an account."""
    return Posting(fact, at, PostingKind.TOP_UP, CASH, available_of(account_id), amount, account_id, None, None, text)


def charge(account_id: int, amount: int, *, kind: PostingKind, fact: str, at: datetime, din: str, text: str) -> Posting:
    """Charge what belongs to a number and to no call: a period of its subscription, the storage of recordings."""
    own = available_of(account_id)
    return Posting(fact, at, kind, own, REVENUE, amount, account_id, din, None, text)


def rebate(account_id: int, amount: int, *, fact: str, at: datetime, din: str, text: str) -> Posting:
    """Pay a subscription's charge back."""
    own = available_of(account_id)
    return Posting(fact, at, PostingKind.REBATE, REVENUE, own, amount, account_id, din, None, text)


def adjustment(account_id: int, amount: int, *, fact: str, at: datetime, text: str) -> Posting:
    """Put an account right by hand: a positive amount is given, a negative one taken."""
    own, other = available_of(account_id), ADJUSTMENTS
    source, target = (other, own) if amount > 0 else (own, other)
    return Posting(fact, at, PostingKind.ADJUSTMENT, source, target, abs(amount), account_id, None, None, text)


def hold(before: Hold, minute: int, at: datetime) -> Posting:
    """Put one more minute aside for a leg; `minute` counts from 1 and is part of the posting's id."""
    return Posting(
        id=f"{before.fact}:hold:{minute}",
        at=at,
        kind=PostingKind.CALL_HOLD if minute == 1 else PostingKind.HOLD_EXTENSION,
        source=available_of(before.account_id),
        target=hold_of(before.call_id),
        amount=before.minute_cost,
        account_id=before.account_id,
        din=before.din,
        call_id=before.call_id,
        text=f"{in_words(before.minute_cost)} held for minute {minute}{before.whose}",
    )


def started_minutes(seconds: float) -> int:
    """Count the minutes that an answered call of this many seconds has begun: at least one."""
    return max(1, ceil(seconds / MINUTE_S))


def settle(held: Hold, used: int, at: datetime) -> list[Posting]:
    """Charge the minutes that a leg used and give the rest of its hold back.

    A leg can never use more than was held: the next minute is held before it begins. Should it
    happen, the excess is our defect and not the customer's cost.
    """
    charged = min(used, held.minutes)
    rest = held.minutes - charged
    kind = PostingKind.SETTLE if held.leg == 1 else PostingKind.TRANSFER_MINUTES
    postings = [
        _from_hold(held, charged, kind, REVENUE, at, "charged"),
        _from_hold(held, rest, PostingKind.RELEASE, available_of(held.account_id), at, "given back"),
    ]
    # A zero posting would be true but says nothing; the ledger keeps only news.
    return [posting for posting in postings if posting.amount]


def _from_hold(held: Hold, minutes: int, kind: PostingKind, target: str, at: datetime, word: str) -> Posting:
    unit = "minute" if minutes == 1 else "minutes"
    return Posting(
        id=f"{held.fact}:{kind.value}",
        at=at,
        kind=kind,
        source=hold_of(held.call_id),
        target=target,
        amount=minutes * held.minute_cost,
        account_id=held.account_id,
        din=held.din,
        call_id=held.call_id,
        text=f"{minutes} {unit}{held.whose} {word} at {in_words(held.minute_cost)}",
    )
