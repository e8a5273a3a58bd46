"""Holds of a call's legs: read from what is on record, made longer by a minute, settled."""

from collections.abc import Sequence
from datetime import datetime

from offhook.domain.calls import Call, Reason
from offhook.domain.credits import Hold, hold, in_words, settle
from offhook.domain.errors import NotEnoughCredit
from offhook.domain.legs import Leg
from offhook.domain.limits import Exceeded, Limit, check_spending, day_of, of_account, of_number
from offhook.service.ports import Work


def of_caller(call: Call) -> Hold:
    """Return what the caller's leg holds."""
    # Every call that was not refused at once is somebody's.
    assert call.account_id is not None
    return Hold(call.call_id, call.account_id, call.recipient, call.held_minutes, call.minute_cost)


def of_callee(call: Call, leg: Leg) -> Hold:
    """Return what a callee's leg holds, in the books of the number that was dialled."""
    assert call.account_id is not None
    return Hold(call.call_id, call.account_id, call.recipient, leg.held_minutes, leg.minute_cost, leg.leg)


def add_minute(
    work: Work, before: Hold, minute: int, now: datetime, limits: Sequence[Limit] | None = None
) -> Exceeded | None:
    """Hold the minute of this number, or say why not: no credit, or as much spent today as may be.

    `limits` are those of account and number, if they were read already.
    """
    # A free minute moves no credit, so it is held without a posting.
    if not before.minute_cost:
        return None
    owners = of_account(before.account_id), of_number(before.din)
    limits = work.limits.of(*owners) if limits is None else limits
    for limit in limits:
        exceeded = check_spending(limit, before.minute_cost, now)
        if exceeded is not None:
            return exceeded
    try:
        is_new = work.ledger.post(hold(before, minute, now))
    except NotEnoughCredit:
        return Exceeded(Reason.NO_CREDIT, f"the account has less than the {in_words(before.minute_cost)} of a minute")
    if is_new and limits:
        work.limits.spend(*owners, before.minute_cost, day_of(now))
    return None


def release(work: Work, held: Hold, used: int, at: datetime) -> None:
    """Charge the minutes that a leg used, and give the rest of its hold back."""
    for posting in settle(held, used, at):
        work.ledger.post(posting)
    rest = held.minutes - min(used, held.minutes)
    if rest and held.minute_cost:
        work.limits.spend(of_account(held.account_id), of_number(held.din), -rest * held.minute_cost, day_of(at))
