"""Callees: whom a call may be transferred to, by which ways, and who pays for it."""

from collections.abc import Sequence
from datetime import datetime

from offhook.domain import tariffs
from offhook.domain.accounts import Account
from offhook.domain.calls import Call, Reason
from offhook.domain.credits import in_words
from offhook.domain.errors import CallNotFound
from offhook.domain.legs import CALLER_LEG, Leg
from offhook.domain.limits import Exceeded
from offhook.domain.regions import region_of_digits
from offhook.domain.routes import INSIDE, Route, Routes, Unroutable, in_order
from offhook.domain.subscriptions import Dialled, SubscriptionStatus
from offhook.domain.tariffs import NoRate
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
    found = ways_to(work, number, call.recipient, call.account_id, came_inside=came_inside, defaults=defaults)
    if isinstance(found, Unroutable):
        return found
    ways, minute_cost = found
    held = work.legs.get(call_id, leg) or _let_out(work, call, Leg(leg, number, 1, minute_cost, None, None), now)
    if isinstance(held, Exceeded):
        return Unroutable(held.reason, f"{held.text}, for +{number} ({in_words(minute_cost)} a minute)")
    if held.callee != number or not held.held_minutes:
        return _no_route(f"leg {leg} was used already: another attempt is another leg")
    return Routes(ways, held.minute_cost, held.held_minutes)


def ways_to(
    work: Work, number: str, recipient: str, account_id: int | None, *, came_inside: bool, defaults: Sequence[str]
) -> tuple[tuple[Route, ...], int] | Unroutable:
    """Return the ways to a number for calls of `recipient`, and what a minute costs there; nothing is held."""
    dialled = work.numbers.dialled(recipient)
    if dialled is not None and not dialled.number.allow_transfer:
        return Unroutable(Reason.DESTINATION_REFUSED, f"+{recipient} is a number that may not transfer calls")
    ours = work.numbers.dialled(number)
    if ours is not None:
        return _inside(ours, came_inside)
    account = None if account_id is None else work.accounts.by_id(account_id)
    rate = tariffs.judge(number, work.rates.of(number), _allowed(account, recipient))
    if isinstance(rate, NoRate):
        return Unroutable(Reason.DESTINATION_REFUSED, rate.text)
    preferred = (dialled.number.trunk if dialled else "", account.trunk if account else "", *defaults)
    able = [
        Route(trunk.name, trunk.send, trunk.pass_caller, trunk.rules, trunk.login)
        for trunk in work.trunks.all()
        if trunk.send or trunk.peer
    ]
    ways = in_order(preferred, able)
    if not ways:
        return _no_route(
            f"no trunk can send a call to +{number}: add one with `offhook trunks add NAME --source CIDR --send"
            " sip:HOST:PORT` and name it in the setting `routes`"
        )
    return ways, rate.minute_cost


def rings(work: Work, call_id: str, leg: int, dialog: str) -> None:
    """Keep what cancels a callee that is being called, for whoever comes after this node; the last attempt counts."""
    work.legs.rings(call_id, leg, dialog)


def give_back(work: Work, call_id: str, leg: int, now: datetime) -> None:
    """Release the hold of a callee's leg that was never answered; any other leg stays as it is."""
    call, unanswered = work.calls.lock(call_id), work.legs.get(call_id, leg)
    if call is None or unanswered is None or unanswered.callee is None or unanswered.answered_at is not None:
        return
    holds.release(work, holds.of_callee(call, unanswered), 0, now)
    work.legs.held(call_id, leg, 0)


def _let_out(work: Work, call: Call, held: Leg, now: datetime) -> Leg | Exceeded:
    """Hold a new leg's first minute, or say why not."""
    exceeded = holds.add_minute(work, holds.of_callee(call, held), 1, now)
    if exceeded is not None:
        return exceeded
    work.legs.keep(call.call_id, held)
    return held


def _inside(ours: Dialled, came_inside: bool) -> tuple[tuple[Route, ...], int] | Unroutable:
    din, subscription = ours.number.din, ours.subscription
    if subscription is None:
        return _no_route(f"+{din} is a number of the pool that nobody subscribes")
    if subscription.status is not SubscriptionStatus.ACTIVE:
        return _no_route(f"+{din} is a number of the pool whose subscription is in grace, and takes no calls meanwhile")
    if came_inside:
        return _no_route(f"+{din} is of the pool, and a call that was connected inside is not connected inside again")
    # No carrier is paid: a minute costs what it costs everybody who calls that number.
    return (Route(INSIDE, None, passes_caller=True),), ours.number.minute_cost


def _allowed(account: Account | None, recipient: str) -> tuple[str, ...]:
    """Return the countries that may be called: the account's list, else its own, else the dialled number's."""
    if account is not None and account.destinations:
        return account.destinations
    if account is not None and account.country:
        return (account.country,)
    return (region_of_digits(recipient),)


def _no_route(text: str) -> Unroutable:
    return Unroutable(Reason.NO_ROUTE, text)
