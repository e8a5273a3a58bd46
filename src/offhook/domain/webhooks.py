"""Events on their way to a customer's webhook: their names, their documents, when each is tried again.

An event is written in the unit of work that causes it and delivered later, at least once; those of one call in
their order. Its id is made from the fact itself, so that it stays the same however often it is sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from offhook.domain.calls import Call
from offhook.domain.credits import to_credits
from offhook.domain.notices import NoticeKind

LEASE = timedelta(seconds=30)
"""So long a claimed event belongs to the node that delivers it; longer than an attempt may take."""
KEPT_TRYING = timedelta(days=1)
PAUSES_S = (5, 30, 120, 600, 1800, 3600, 7200)
JITTER = 0.2
"""A pause is so much longer or shorter, so that what failed together does not come back together."""
PER_ORIGIN = 32
"""Requests at once to one scheme, host and port."""
PER_FAILING_ORIGIN = 2
"""As long as its last attempt failed, others need the places more."""
AT_ONCE = 512
PER_TURN = 64
"""So many are claimed in one unit of work: whoever has a call to put on record waits for no more."""
KEPT_DELIVERED = timedelta(days=3)
KEPT_GIVEN_UP = timedelta(days=30)

_NAMES = {
    NoticeKind.LOW_CREDIT: "credit.low",
    NoticeKind.RENEWAL_SHORT: "subscription.renewal-short",
    NoticeKind.RENEWAL_FAILED: "subscription.renewal-failed",
    NoticeKind.NUMBER_RELEASED: "subscription.released",
}
"""Kinds that were named before customers had events; all others are named as they are."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event that is due. `call` is the call's record if it tells of one."""

    id: int
    fact: str
    kind: NoticeKind
    account: str
    target: str
    subject: str
    text: str
    data: Mapping[str, object]
    created_at: datetime
    expires_at: datetime
    attempts: int
    call_id: str | None
    call: Call | None
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def uid(self) -> str:
        """The id that customers see."""
        return uid_of(self.fact)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt. `error` is None if it was delivered; else `next_at` is None if it is given up.

    With `is_gone` its target wants to be told nothing any more.
    """

    event: Event
    error: str | None = None
    next_at: datetime | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many events wait, and since when the oldest one does."""

    waiting: int
    oldest_at: datetime | None


def name_of(kind: NoticeKind) -> str:
    """Return what customers call such an event."""
    return _NAMES.get(kind, kind.value)


def fact_of(kind: NoticeKind, call_id: str) -> str:
    """Name what happens once in a call."""
    return f"{kind.value}:{call_id}"


def uid_of(fact: str) -> str:
    """Return the id of the event of a fact."""
    return f"evt_{sha256(fact.encode()).hexdigest()[:32]}"


def document(event: Event) -> dict[str, object]:
    """Return what is posted; the same one for every attempt."""
    told: dict[str, object] = {
        "id": event.uid,
        "event": name_of(event.kind),
        "at": _time(event.created_at),
        "account": event.account,
    }
    if event.subject:
        told |= {"subject": event.subject, "text": event.text}
    return {**told, "data": dict(event.data) if event.call is None else _of_call(event.kind, event.call, event.data)}


def next_try(attempts: int, now: datetime, expires_at: datetime, chance: float) -> datetime | None:
    """Return when an event is tried again that failed so often, None if it is given up.

    `chance` is 0 to 1, and decides how much the pause differs from what the table says.
    """
    pause_s = PAUSES_S[min(max(attempts, 1), len(PAUSES_S)) - 1]
    later = now + timedelta(seconds=pause_s * (1 - JITTER + 2 * JITTER * chance))
    return later if later <= expires_at else None


def share(origins: Mapping[str, str], busy: Mapping[str, int], failing: Iterable[str]) -> dict[str, int]:
    """Return how many events of each target may be sent now; `origins` names the origin of each.

    `busy` counts the requests under way to each origin. Whoever has fewest is served first.
    """
    limits = dict.fromkeys(failing, PER_FAILING_ORIGIN)
    taken, left = dict(busy), min(PER_TURN, AT_ONCE - sum(busy.values()))
    shares: dict[str, int] = {}
    for target in sorted(origins, key=lambda target: busy.get(origins[target], 0)):
        origin = origins[target]
        free = min(left, limits.get(origin, PER_ORIGIN) - taken.get(origin, 0))
        if free <= 0:
            continue
        shares[target] = free
        taken[origin] = taken.get(origin, 0) + free
        left -= free
    return shares


def _of_call(kind: NoticeKind, call: Call, data: Mapping[str, object]) -> dict[str, object]:
    told: dict[str, object] = {
        "call_id": call.call_id,
        "direction": call.direction,
        "caller": call.caller.number,
        "recipient": call.recipient,
        "start_time": _time(call.started_at),
    }
    # What the call came to since does not belong to an earlier event.
    if kind is NoticeKind.CALL_ANSWERED and call.answered_at is not None:
        told["answer_time"] = _time(call.answered_at)
    if kind is NoticeKind.CALL_ENDED and call.ended_at is not None:
        told |= {
            "answer_time": None if call.answered_at is None else _time(call.answered_at),
            "end_time": _time(call.ended_at),
            "status": call.status.value,
            "reason": call.reason,
            "duration": call.duration_s,
            "cost": to_credits(call.cost),
        }
    return {**told, **data}


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
