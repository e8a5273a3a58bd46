"""Holds of a call's legs: read from what is on record, made longer by a minute, settled."""

from collections.abc import Sequence
from datetime import datetime

from offhook.domain.calls import Call, Reason
from offhook.domain.credits import Hold, hold, in_words, settle
from offhook.domain.errors import NotEnoughCredit
from offhook.domain.legs import Leg
from offhook.domain.limits import Exceeded, Limit, Standing, check_spending, day_of, of_account, of_number
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


def add_first(work: Work, before: Hold, now: datetime, standing: Standing) -> Exceeded | None:
    """Hold the first minute of a new call, or say why not. Its account is locked, so nothing needs to be asked."""
    # A free minute moves no credit, so it is held without a posting.
    if not before.minute_cost:
        return None
    exceeded = _check_spending(standing.limits, before, now)
    if exceeded is None and standing.available < before.minute_cost:
        exceeded = _no_credit(before)
    if exceeded is None:
        work.ledger.post_covered(hold(before, 1, now))
        _spend(work, standing.limits, before, now)
    return exceeded


def add_minute(work: Work, before: Hold, minute: int, now: datetime) -> Exceeded | None:
    """Hold the minute of this number, or say why not: no credit, or as much spent today as may be."""
    if not before.minute_cost:
        return None
    limits = work.limits.of(of_account(before.account_id), of_number(before.din))
    exceeded = _check_spending(limits, before, now)
    if exceeded is not None:
        return exceeded
    try:
        is_new = work.ledger.post(hold(before, minute, now))
    except NotEnoughCredit:
        return _no_credit(before)
    if is_new:
        _spend(work, limits, before, now)
    return None


def release(work: Work, held: Hold, used: int, at: datetime) -> None:
    """Charge the minutes that a leg used, and give the rest of its hold back."""
    for posting in settle(held, used, at):
        work.ledger.post_covered(posting)
    rest = held.minutes - min(used, held.minutes)
    if rest and held.minute_cost:
        work.limits.spend(of_account(held.account_id), of_number(held.din), -rest * held.minute_cost, day_of(at))


def _check_spending(limits: Sequence[Limit], before: Hold, now: datetime) -> Exceeded | None:
    exceeded = (check_spending(limit, before.minute_cost, now) for limit in limits)
    return next(filter(None, exceeded), None)


def _spend(work: Work, limits: Sequence[Limit], before: Hold, now: datetime) -> None:
    if limits:
        work.limits.spend(of_account(before.account_id), of_number(before.din), before.minute_cost, day_of(now))


def _no_credit(before: Hold) -> Exceeded:
    return Exceeded(Reason.NO_CREDIT, f"the account has less than the {in_words(before.minute_cost)} of a minute")
