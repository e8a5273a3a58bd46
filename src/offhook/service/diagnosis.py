"""What the database knows that a doctor asks for; everything here only reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from offhook.domain.breakers import BreakerState
from offhook.domain.calls import Call, CallFilters, Reason
from offhook.domain.diagnosis.calls import Reader, answered_of
from offhook.domain.diagnosis.findings import Finding, Verdict
from offhook.domain.diagnosis.numbers import (
    judge_action_url,
    judge_credit,
    judge_left_alone,
    judge_limits,
    judge_subscription,
)
from offhook.domain.limits import Limit, of_account, of_number
from offhook.domain.routes import Unroutable
from offhook.domain.strangers import Stranger
from offhook.domain.subscriptions import Dialled
from offhook.domain.trunk_states import TrunkState
from offhook.domain.trunks import Trunk
from offhook.service import breakers, callees, strangers, trunk_states
from offhook.service.ports import Work

LOOKED_BACK = timedelta(days=7)
MOST_UNKNOWN = 200
RECENT = timedelta(days=1)
MOST_RECENT = 50
MOST_TROUBLED = 100
"""Numbers with trouble that are told; the others are counted."""


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What is known of a number. `holder` is its account's name, `available` its credit in micro-credits."""

    din: str
    dialled: Dialled | None
    holder: str = ""
    available: int = 0
    limits: Sequence[Limit] = ()
    breakers: Sequence[BreakerState] = ()
    last_call: Call | None = None
    readers: Sequence[Reader] = ()
    unknown_calls: Sequence[Call] = ()


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What is known of a node and its carriers; `recent` are the last calls, the latest first.

    `packets` are those that came from the callers of the last answered ones.
    """

    seen_at: datetime | None
    heard: Sequence[tuple[str, datetime]]
    trunks: Sequence[Trunk]
    states: Mapping[str, Sequence[TrunkState]]
    strangers: Sequence[Stranger]
    recent: Sequence[Call]
    packets: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Troubled:
    """A number with what is wrong with it."""

    din: str
    findings: tuple[Finding, ...]


def look_at_number(work: Work, *, din: str, now: datetime, account_id: int | None = None) -> NumberFacts:
    """Return what is known of a number; only the account's own part of it if one is named."""
    dialled = work.numbers.dialled(din)
    if dialled is not None and dialled.subscription is not None:
        is_theirs = account_id in (None, dialled.subscription.account_id)
        dialled = dialled if is_theirs else Dialled(dialled.number, None)
    if dialled is None or dialled.subscription is None:
        if account_id is not None:
            return NumberFacts(din, dialled)
        return NumberFacts(din, dialled, readers=_readers(work), unknown_calls=_unknown_calls(work, now))
    subscription = dialled.subscription
    account = work.accounts.by_id(subscription.account_id)
    available, _ = work.ledger.balance(subscription.account_id)
    # By its account and since it was subscribed: an index leads there, however long the log is.
    filters = CallFilters(recipient=din, since=subscription.subscribed_at)
    calls = work.calls.page(subscription.account_id, filters, 1, None)
    return NumberFacts(
        din=din,
        dialled=dialled,
        holder=account.name if account else "",
        available=available,
        limits=work.limits.of(of_account(subscription.account_id), of_number(din)),
        breakers=breakers.list_breakers(work, subscription.account_id, now=now),
        last_call=calls[0] if calls else None,
        readers=_readers(work) if account_id is None else (),
        unknown_calls=_unknown_calls(work, now) if account_id is None else (),
    )


def look_at_platform(work: Work, *, node: str, now: datetime) -> PlatformFacts:
    """Return what is known of a node, the others, the trunks and the last calls."""
    recent = work.calls.page(None, CallFilters(since=now - RECENT), MOST_RECENT, None)
    return PlatformFacts(
        seen_at=work.nodes.seen_at(node),
        heard=work.nodes.heard_since(now - RECENT),
        trunks=work.trunks.all(),
        states=trunk_states.list_states(work, now=now),
        strangers=strangers.list_strangers(work),
        recent=recent,
        packets=_packets(work, answered_of(recent)),
    )


def look_at_targets(
    work: Work, *, numbers: Collection[str], recipient: str, account_id: int, defaults: Sequence[str], now: datetime
) -> dict[str, tuple[tuple[str, ...] | Unroutable, tuple[str, ...]]]:
    """Return by callee the trunks that lead there, or why none does, and which of those are down now."""
    states = trunk_states.list_states(work, now=now)
    found: dict[str, tuple[tuple[str, ...] | Unroutable, tuple[str, ...]]] = {}
    for number in numbers:
        ways = callees.ways_to(work, number, recipient, account_id, came_inside=False, defaults=defaults)
        if isinstance(ways, Unroutable):
            found[number] = (ways, ())
        else:
            names = tuple(route.trunk for route in ways[0])
            found[number] = (names, tuple(name for name in names if _is_down(states.get(name, ()))))
    return found


def troubled_numbers(work: Work, *, minimum: int, now: datetime) -> list[Troubled]:
    """Return all subscribed numbers with trouble that shows without asking anybody; `minimum` is what takes calls."""
    found = []
    limits = {limit.owner: limit for limit in work.limits.all()}
    for account in work.accounts.all():
        available, _ = work.ledger.balance(account.id)
        tripped = breakers.list_breakers(work, account.id, now=now)
        for subscription in work.subscriptions.all_living(account.id):
            number = subscription.number
            has_rules = work.hosted_rules.of(subscription.id) is not None
            owners = (of_account(account.id), of_number(number.din))
            own_limits = [limits[owner] for owner in owners if owner in limits]
            findings = [
                judge_subscription(number.din, Dialled(number, subscription), account.name),
                judge_action_url(subscription, has_rules=has_rules),
                judge_credit(number, subscription, available, minimum, now),
                judge_limits(own_limits, number.minute_cost, now),
                judge_left_alone(origins_of(subscription.action_url), tripped),
            ]
            wrong = tuple(one for one in findings if one.verdict in (Verdict.BAD, Verdict.WARNING))
            if wrong:
                found.append(Troubled(number.din, wrong))
    return found


def origins_of(*urls: str | None) -> frozenset[str]:
    """Return scheme, host and port of URLs as breakers name them; what has none is left out."""
    parts = (url.partition("://") for url in urls if url)
    return frozenset(
        f"{scheme}://{rest.partition('/')[0].partition('?')[0].partition('#')[0].rpartition('@')[2]}".lower()
        for scheme, _, rest in parts
    )


def _readers(work: Work) -> list[Reader]:
    return [Reader(trunk.name, trunk.rules) for trunk in work.trunks.all()]


def _unknown_calls(work: Work, now: datetime) -> list[Call]:
    filters = CallFilters(since=now - LOOKED_BACK, reason=Reason.UNKNOWN_NUMBER.value)
    return work.calls.page(None, filters, MOST_UNKNOWN, None)


def _packets(work: Work, answered: Sequence[Call]) -> dict[str, int]:
    """Return how many packets came from each caller, where that was counted."""
    found = {}
    for call in answered:
        for event in work.calls.timeline(call.call_id):
            received = event.data.get("received") if event.kind == "quality" else None
            if isinstance(received, dict) and isinstance(received.get("packets"), int):
                found[call.call_id] = received["packets"]
    return found


def _is_down(states: Sequence[TrunkState]) -> bool:
    return any(not state.is_up for state in states)
