"""The desk: what the engine asks the house while a call comes, runs and ends.

Each verb is one short unit of work. A call is paid in whole minutes that are held before they
begin; it is settled once, from its own row, whatever the engine says twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from offhook.domain.calls import (
    Admission,
    Arrival,
    Call,
    Ending,
    Reason,
    Refusal,
    Status,
    TimelineEvent,
)
from offhook.domain.credits import MINUTE_S, Hold, in_words
from offhook.domain.dialling import forms, forms_of, problem_of
from offhook.domain.errors import CallNotFound
from offhook.domain.hosted_rules.decision import Decision
from offhook.domain.legs import CALLER_LEG, Leg
from offhook.domain.limits import Exceeded, Standing, check_rate, minute_of, of_account, of_number
from offhook.domain.near_numbers import near, rules_for
from offhook.domain.numbers import legible
from offhook.domain.recovery import LONGEST_DIALOG
from offhook.domain.regions import country_codes
from offhook.domain.remarks import Remark
from offhook.domain.rules import HEADERS
from offhook.domain.sip_messages import SipMessage
from offhook.domain.subscriptions import Dialled, Subscription, SubscriptionStatus
from offhook.domain.terms import TERMS, ChargedFrom, Terms
from offhook.errors import InputError
from offhook.service import holds, notices, webhooks
from offhook.service.hosted_rules import decision_of
from offhook.service.ports import Work
from offhook.service.settlements import settle_call


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls may run at once."""

    calls_per_number: int = 100
    calls_per_account: int = 500


LIMITS = Limits()

_WORDS = {
    Reason.NOT_SUBSCRIBED: "nobody subscribes the number",
    Reason.LOOP: "the call has come back to us too often: somebody forwards it in a circle",
    Reason.IN_GRACE: "the subscription's renewal is not paid: until it is, the number takes no calls",
}


def admit(
    work: Work, arrival: Arrival, *, now: datetime, limits: Limits = LIMITS, terms: Terms = TERMS, node: str = ""
) -> Admission | Refusal:
    """Put a call on record and say whether it may go on; its first minute is held then.

    `node` names who carries the call, so that it is found should that node die. Never raises for a
    caller's or a customer's fault: every refusal is a call with its reason.
    """
    tried = forms_of(arrival.dialled, arrival.rules)
    dialled = find_dialled(work, tried)
    call = _arrived(arrival, dialled, tried, node)
    if arrival.refusal is Reason.DATABASE_AWAY and work.calls.get(arrival.call_id) is not None:
        # It was admitted after all, only nobody was told: the end that follows settles it.
        return Refusal(arrival.call_id, arrival.refusal, "the database was away", call.recipient, tried)
    if arrival.refusal is not None:
        return _refuse(work, call, now, dialled, arrival.refusal, tried, arrival.because)
    if dialled is None:
        refusal = _refuse(work, call, now, dialled, Reason.UNKNOWN_NUMBER, tried, _unknown(arrival, tried))
        number, rules, header = _meant(work, arrival)
        return replace(refusal, near=number, rules=rules, near_in=header)
    subscription = dialled.subscription
    if subscription is None:
        return _refuse(work, call, now, dialled, Reason.NOT_SUBSCRIBED, tried)
    if subscription.status is SubscriptionStatus.GRACE:
        return _refuse(work, call, now, dialled, Reason.IN_GRACE, tried)
    if terms.charged_from is ChargedFrom.WEBHOOK:
        call = replace(call, charged_from=arrival.at)
    standing = work.standings.lock(subscription.account_id, dialled.number)
    exceeded = _first_minute(work, call, standing, limits, terms, now)
    if exceeded is not None:
        return _refuse(work, call, now, dialled, exceeded.reason, tried, exceeded.text)
    work.calls.add(replace(call, held_minutes=1), dialled.number.id)
    if dialled.webhook_url:
        webhooks.tell_incoming(work, call, dialled.webhook_url, now)
    return replace(
        _admission(call, subscription, dialled, standing.available), decision=_decision(work, arrival, dialled)
    )


def _first_minute(
    work: Work, call: Call, standing: Standing, limits: Limits, terms: Terms, now: datetime
) -> Exceeded | None:
    """Hold the first minute of a call, or say what forbids it."""
    assert call.account_id is not None, "its number is subscribed"
    account, own = of_account(call.account_id), of_number(call.recipient)
    available, of_both = standing.available, standing.limits
    at_once = {limit.owner: limit.calls_at_once for limit in of_both if limit.calls_at_once is not None}
    if standing.calls_of_number >= at_once.get(own, limits.calls_per_number):
        return Exceeded(
            Reason.TOO_MANY_CALLS, f"{_running(standing.calls_of_number)} of the number, as many as allowed"
        )
    if standing.calls_of_account >= at_once.get(account, limits.calls_per_account):
        running = _running(standing.calls_of_account)
        return Exceeded(Reason.TOO_MANY_CALLS, f"{running} of the account, as many as allowed")
    for limit in of_both:
        exceeded = check_rate(limit, now)
        if exceeded is not None:
            return exceeded
    if call.minute_cost and available - call.minute_cost < terms.minimum_credit:
        notices.low_credit(work, account_id=call.account_id, available=available, minimum=terms.minimum_credit, now=now)
    if call.minute_cost and available < terms.minimum_credit:
        needed = in_words(terms.minimum_credit)
        return Exceeded(Reason.NO_CREDIT, f"the account has {in_words(available)}, and takes calls from {needed} on")
    exceeded = holds.add_first(work, holds.of_caller(call), now, standing)
    if exceeded is None and of_both:
        work.limits.count(account, own, minute_of(now))
    return exceeded


def _running(calls: int) -> str:
    return "there is 1 call" if calls == 1 else f"there are {calls} calls"


def answered(
    work: Work,
    call_id: str,
    at: datetime,
    *,
    dialog: str | None = None,
    leg: int = CALLER_LEG,
    is_told: bool = True,
) -> None:
    """Note that a leg was answered; nothing if the call has ended already.

    The answer of the caller's leg is the call's own. `dialog` (ASCII JSON) lets another process
    hang the leg up should this node die, and is forgotten when the call ends. `is_told` is false for a
    call whose account is known to have no webhook.
    """
    kept = dialog if dialog is None or len(dialog) <= LONGEST_DIALOG else None
    if leg == CALLER_LEG:
        work.calls.answered(call_id, at)
        if kept is not None:
            work.legs.keep(call_id, Leg(leg, None, 0, 0, at, kept))
        if is_told:
            webhooks.tell_answered(work, call_id, at)
    elif not work.legs.answered(call_id, leg, at, kept):
        work.legs.keep(call_id, Leg(leg, None, 0, 0, at, kept))
    if dialog is None or kept is not None:
        return
    # A peer decides how long it is. The answer is money, and must be on record all the same.
    text = f"the dialog of leg {leg} is longer than {LONGEST_DIALOG} bytes: it cannot be hung up if its node dies"
    at_ms = (at - _lock(work, call_id).started_at).total_seconds() * 1000
    note(work, call_id, [TimelineEvent(at_ms, "not-recorded", text, Remark.DIALOG_TOO_LONG, {"bytes": len(dialog)})])


def extend(work: Work, call_id: str, now: datetime, *, minute: int | None = None, leg: int = CALLER_LEG) -> bool:
    """Hold one more minute of a leg; False if the account has no credit for it, or the leg holds none any more.

    `minute` names the one wanted (2 is the first after that of the admission, or of the routes), so
    that it is safe to ask again. Without it the one after those already held is meant. Raises CallNotFound.
    """
    call = _lock(work, call_id)
    held = _held(work, call, leg)
    if held is None:
        return False
    wanted = minute if minute is not None else held.minutes + 1
    for number in range(held.minutes + 1, wanted + 1):
        if holds.add_minute(work, held, number, now) is not None:
            return False
        if leg == CALLER_LEG:
            work.calls.held(call_id, number)
        else:
            work.legs.held(call_id, leg, number)
    return True


def close(
    work: Work,
    ending: Ending,
    events: Sequence[TimelineEvent],
    node: str,
    *,
    messages: Sequence[SipMessage] = (),
    terms: Terms = TERMS,
    is_told: bool = True,
    now: datetime | None = None,
) -> None:
    """End a call: settle what each of its legs used, give the rest of the holds back, keep timeline and messages.

    A second close changes nothing. A call that was refused at the desk keeps its reason and
    gets its timeline. `is_told` is false for a call whose account is known to have no webhook; `now` is
    given where the end was long ago. Raises CallNotFound.
    """
    call, legs = work.legs.take(ending.call_id)
    if call is None:
        raise CallNotFound(ending.call_id)
    alarms: list[TimelineEvent] = []
    if call.ended_at is None:
        alarms = _end(work, call, legs, ending, node, terms)
        if is_told and call.account_id is not None:
            webhooks.tell_ended(work, call, events, now or ending.ended_at)
    work.calls.close_timeline(call.call_id, [*events, *alarms], messages)


def note(work: Work, call_id: str, events: Sequence[TimelineEvent]) -> None:
    """Add events to a call's timeline, before or after its end."""
    work.calls.note(call_id, events)


def find_dialled(work: Work, tried: Sequence[str]) -> Dialled | None:
    """Return the first subscribed number of those tried, else the first in the pool."""
    first: Dialled | None = None
    for form in tried:
        dialled = work.numbers.dialled(form)
        if dialled is not None and dialled.subscription is not None:
            return dialled
        first = first or dialled
    return first


def _arrived(arrival: Arrival, dialled: Dialled | None, tried: Sequence[str], node: str) -> Call:
    subscription = dialled.subscription if dialled else None
    as_dialled = (*tried, *map(legible, arrival.dialled), "")[0]
    return Call(
        call_id=arrival.call_id,
        account_id=subscription.account_id if subscription else None,
        api_user=dialled.api_user if dialled else "",
        trunk=arrival.trunk,
        source=arrival.source,
        direction="inbound",
        caller=arrival.caller,
        recipient=dialled.number.din if dialled else as_dialled,
        action_url=subscription.action_url if subscription else None,
        status=Status.RINGING,
        reason=None,
        started_at=arrival.at,
        answered_at=None,
        ended_at=None,
        duration_s=0,
        minute_cost=dialled.number.minute_cost if dialled else 0,
        held_minutes=0,
        cost=0,
        node=node,
    )


def _unknown(arrival: Arrival, tried: Sequence[str]) -> str:
    """Say how the number that nobody knows was looked for."""
    said = "no number of the pool was dialled"
    if tried:
        return f"{said}; tried {', '.join(tried)}"
    why = problem_of(arrival.dialled, arrival.rules)
    return f"{said}: {why}" if why else said


def _meant(work: Work, arrival: Arrival) -> tuple[str, str, str]:
    """Return which number of the pool was perhaps meant, the rules that find it, and the header that names it.

    The header is empty if the number stands where it is looked for. All of it is for the operator alone.
    """
    codes, own = country_codes(), arrival.rules
    for dialled in arrival.dialled:
        if number := _known(work, near(dialled, codes)):
            return number, rules_for(dialled, own, number, codes), ""
    for place, said in arrival.elsewhere:
        from_there = f"--number-from {place}"
        if number := _known(work, forms(said, own)):
            return number, from_there, HEADERS[place]
        if number := _known(work, near(said, codes)):
            return number, f"{from_there} {rules_for(said, own, number, codes)}".rstrip(), HEADERS[place]
    return "", "", ""


def _known(work: Work, wanted: Sequence[str]) -> str:
    """Return the first of these numbers that is in the pool, empty if none is."""
    known = work.numbers.known(wanted)
    return next((number for number in wanted if number in known), "")


def _refuse(
    work: Work,
    call: Call,
    now: datetime,
    dialled: Dialled | None,
    reason: Reason,
    tried: tuple[str, ...],
    text: str = "",
) -> Refusal:
    refused = replace(call, status=Status.REFUSED, reason=reason.value, ended_at=call.started_at)
    work.calls.add(refused, dialled.number.id if dialled else None)
    if dialled is not None and dialled.webhook_url:
        webhooks.tell_ended(work, call, (), now)
    said = text or _WORDS.get(reason, f"the call was refused: {reason.value}")
    return Refusal(call.call_id, reason, said, call.recipient, tried)


def _admission(call: Call, subscription: Subscription, dialled: Dialled, available: int) -> Admission:
    return Admission(
        call_id=call.call_id,
        account_id=subscription.account_id,
        recipient=dialled.number.din,
        action_url=subscription.action_url,
        fallback_url=subscription.fallback_url,
        default_action=subscription.default_action,
        minute_cost=dialled.number.minute_cost,
        held_minutes=1,
        secrets=dialled.signing.secrets(call.started_at),
        signed_origins=dialled.signing.origins,
        language=dialled.language,
        max_seconds=available // call.minute_cost * MINUTE_S if call.minute_cost else None,
        is_charged=call.charged_from is not None,
        is_told=bool(dialled.webhook_url),
    )


def _decision(work: Work, arrival: Arrival, dialled: Dialled) -> Decision | None:
    """Return what the subscription's rules say of the call; None if it has none, or they cannot be read here."""
    if dialled.rules is None:
        return None
    caller = arrival.caller
    try:
        return decision_of(dialled.rules, arrival.at, caller.number, anonymous=caller.anonymous)
    except InputError as error:
        # They were checked when they were set. The call goes on with what else its subscription says.
        text = f"the hosted rules cannot be read: {error.field}: {error.sentence}"
        note(work, arrival.call_id, [TimelineEvent(0.0, "rules-failed", text, Remark.RULES_UNREADABLE)])
        return None


def _lock(work: Work, call_id: str) -> Call:
    call = work.calls.lock(call_id)
    if call is None:
        raise CallNotFound(call_id)
    return call


def _held(work: Work, call: Call, leg: int) -> Hold | None:
    """Return what a leg of a running call holds, None if it holds nothing that could be made longer."""
    if call.ended_at is not None:
        return None
    if leg == CALLER_LEG:
        return holds.of_caller(call)
    callee = work.legs.get(call.call_id, leg)
    return holds.of_callee(call, callee) if callee is not None and callee.held_minutes else None


def _end(work: Work, call: Call, legs: Sequence[Leg], ending: Ending, node: str, terms: Terms) -> list[TimelineEvent]:
    known = replace(ending, answered_at=ending.answered_at or call.answered_at)
    settlement = settle_call(work, call, legs, known, terms)
    work.calls.end(
        call.call_id,
        status=known.status,
        reason=known.reason,
        answered_at=known.answered_at,
        ended_at=known.ended_at,
        duration_s=ceil(known.seconds),
        cost=settlement.cost,
        node=node,
    )
    return settlement.alarms
