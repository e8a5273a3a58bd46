"""Callees: whom a call may be transferred to, by which ways, and who pays for it."""

from collections.abc import Sequence
from datetime import datetime

from offhook.domain.calls import Call, Reason
from offhook.domain.credits import in_words, settle
from offhook.domain.errors import CallNotFound
from offhook.domain.legs import CALLER_LEG, Leg
from offhook.domain.numbers import UNKNOWN_REGION
from offhook.domain.regions import region_of_digits
from offhook.domain.routes import INSIDE, Route, Routes, Unroutable, in_order
from offhook.domain.subscriptions import Dialled, SubscriptionStatus
from offhook.service import holds
from offhook.service.ports import Work


def find_routes(
    work: Work,
    call_id: str,
    leg: int,
    number: str,
    *,
    came_inside: bool,
    defaults: Sequence[str],
    now: datetime,
) -> Routes | Unroutable:
    """Say by which ways a callee may be called, and hold the first minute of its leg.

    `number` is E.164 digits; `defaults` are the trunks to try when neither the dialled number's nor
    the account's can send. A leg is one attempt to reach one callee: asked again, it holds no second
    minute, and once it has given its hold back it has no routes. Raises CallNotFound.
    """
    if leg <= CALLER_LEG:
        raise ValueError("a callee's leg is counted from 2")
    call = work.calls.lock(call_id)
    if call is None:
        raise CallNotFound(call_id)
    if call.ended_at is not None:
        return _no_route("the call has ended")
    ways = _ways(work, call, number, came_inside, defaults)
    if isinstance(ways, Unroutable):
        return ways
    held = work.legs.get(call_id, leg) or _let_out(work, call, leg, number, now)
    if held is None:
        text = f"the account has less than the {in_words(call.minute_cost)} of a minute with +{number}"
        return Unroutable(Reason.NO_CREDIT, text)
    if held.callee != number or not held.held_minutes:
        return _no_route(f"leg {leg} was used already: another attempt is another leg")
    return Routes(ways, held.minute_cost, held.held_minutes)


def rings(work: Work, call_id: str, leg: int, dialog: str) -> None:
    """Keep what cancels a callee that is being called, for whoever comes after this node; the last attempt counts."""
    work.legs.rings(call_id, leg, dialog)


def give_back(work: Work, call_id: str, leg: int, now: datetime) -> None:
    """Release the hold of a callee's leg that was never answered; any other leg stays as it is."""
    call, unanswered = work.calls.lock(call_id), work.legs.get(call_id, leg)
    if call is None or unanswered is None or unanswered.callee is None or unanswered.answered_at is not None:
        return
    for posting in settle(holds.of_callee(call, unanswered), 0, now):
        work.ledger.post(posting)
    work.legs.held(call_id, leg, 0)


def _let_out(work: Work, call: Call, leg: int, number: str, now: datetime) -> Leg | None:
    """Hold a new leg's first minute; None if the account has no credit for it."""
    held = Leg(leg, number, 1, call.minute_cost, answered_at=None, dialog=None)
    if not holds.add_minute(work, holds.of_callee(call, held), 1, now):
        return None
    work.legs.keep(call.call_id, held)
    return held


def _ways(
    work: Work, call: Call, number: str, came_inside: bool, defaults: Sequence[str]
) -> tuple[Route, ...] | Unroutable:
    ours = work.numbers.dialled(number)
    if ours is not None:
        return _inside(ours, came_inside)
    refusal = _guard(number, call.recipient)
    if refusal is not None:
        return refusal
    preferred = (*_own_trunks(work, call), *defaults)
    able = [Route(trunk.name, trunk.send, trunk.pass_caller) for trunk in work.trunks.all() if trunk.send]
    return in_order(preferred, able) or _no_route(
        f"no trunk can send a call to +{number}: add one with `offhook trunks add NAME --source CIDR --send"
        " sip:HOST:PORT` and name it in the setting `routes`"
    )


def _inside(ours: Dialled, came_inside: bool) -> tuple[Route, ...] | Unroutable:
    din, subscription = ours.number.din, ours.subscription
    if subscription is None:
        return _no_route(f"+{din} is a number of the pool that nobody subscribes")
    if subscription.status is not SubscriptionStatus.ACTIVE:
        return _no_route(f"+{din} is a number of the pool whose subscription is in grace, and takes no calls meanwhile")
    if came_inside:
        return _no_route(f"+{din} is of the pool, and a call that was connected inside is not connected inside again")
    return (Route(INSIDE, None, passes_caller=True),)


def _guard(number: str, recipient: str) -> Unroutable | None:
    """Refuse destinations that may cost more than the dialled number's minutes bring in."""
    there, here = region_of_digits(number), region_of_digits(recipient)
    if there == here != UNKNOWN_REGION:
        return None
    places = [f"+{din} is {_in_words(region)}" for din, region in ((number, there), (recipient, here))]
    return Unroutable(Reason.DESTINATION_REFUSED, f"{', '.join(places)}: no tariff covers this destination")


def _in_words(region: str) -> str:
    return "of no country" if region == UNKNOWN_REGION else f"in {region}"


def _own_trunks(work: Work, call: Call) -> tuple[str, str]:
    dialled = work.numbers.dialled(call.recipient)
    account = None if call.account_id is None else work.accounts.by_id(call.account_id)
    return dialled.number.trunk if dialled else "", account.trunk if account else ""


def _no_route(text: str) -> Unroutable:
    return Unroutable(Reason.NO_ROUTE, text)
