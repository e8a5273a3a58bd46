"""Holds of a call's legs: read from what is on record, made longer by a minute."""

from datetime import datetime

from offhook.domain.calls import Call
from offhook.domain.credits import Hold, hold
from offhook.domain.errors import NotEnoughCredit
from offhook.domain.legs import Leg
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


def add_minute(work: Work, before: Hold, minute: int, now: datetime) -> bool:
    """Hold the minute of this number; False if the account has no credit for it."""
    # A free minute moves no credit, so it is held without a posting.
    if not before.minute_cost:
        return True
    try:
        work.ledger.post(hold(before, minute, now))
    except NotEnoughCredit:
        return False
    return True
