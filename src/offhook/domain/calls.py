"""One call as everybody in the house speaks of it: how it came, what was decided, how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from offhook.domain.hosted_rules.decision import Decision
from offhook.domain.misfits import Found
from offhook.domain.rules import PLAIN, NumberFrom, TrunkRules
from offhook.errors import Codes


class Status(StrEnum):
    """Where a call stands, in the words of the API."""

    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    REFUSED = "refused"
    REJECTED = "rejected"
    CANCELED = "canceled"
    FAILED = "failed"


class Reason(Codes):
    """Why a call did not go as the caller wished: the stable codes of a call's timeline."""

    UNKNOWN_NUMBER = "unknown-number"
    NOT_SUBSCRIBED = "not-subscribed"
    IN_GRACE = "grace-period"
    NO_CREDIT = "no-credit"
    CREDIT_ENDED = "credit-ended"
    TOO_MANY_CALLS = "too-many-calls"
    TOO_MANY_PER_MINUTE = "too-many-calls-per-minute"
    SPENT_FOR_TODAY = "spend-limit"
    NO_COMMON_CODEC = "no-common-codec"
    LOOP = "loop"
    TOO_MANY_HOPS = "too-many-hops"
    REQUEST_NOT_TAKEN = "request-not-taken"
    DRAINING = "draining"
    OVERLOAD = "overload"
    DATABASE_AWAY = "database-away"
    CHAIN_EXHAUSTED = "chain-exhausted"
    DESTINATION_REFUSED = "destination-refused"
    NO_ROUTE = "no-route"
    CALLEE_BUSY = "callee-busy"
    CALLEE_NO_ANSWER = "callee-no-answer"
    CALLEE_REFUSED = "callee-refused"
    CALLEE_FAILED = "callee-failed"
    CALLEE_REDIRECTED = "callee-redirected"
    WORKER_DIED = "worker-died"
    NODE_LOST = "node-lost"
    NO_RTP = "no-rtp"
    NOT_CONFIRMED = "not-confirmed"
    TOO_LONG = "call-too-long"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `number` is E.164 digits without `+` (or short digits as received), else empty."""

    number: str
    raw: str
    name: str = ""
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """An INVITE from a known trunk, told without SIP.

    `dialled` lists the places where the number may stand, best first, as received; they stand in the header
    `dialled_in`, after `passed_over` was looked at in vain. `rules` are the trunk's. `forwarded_from` is who sent the
    call on to us, `verstat` what a trusted trunk found out about the caller's number, `signatures` are Identity
    headers (RFC 8224), which nobody here has verified. `diversions` (the latest first) and `history` (the latest
    last) are what a trusted trunk told of the call's way, written for whoever is called next. `withheld` is the
    number of a caller who hid it from everybody but trusted trunks. `hops_left` is the Max-Forwards of a call that
    follows from this one, below 0 if none may; `transfers` are those that it is known to have behind it. `elsewhere`
    are numbers in other places of the INVITE, where other carriers put the one that was called. `misfit`
    is what cannot be used of what the caller's side offers. `refusal` is set when the engine itself
    cannot take the call, `because` of what it says; it is recorded all the same.
    """

    call_id: str
    at: datetime
    trunk: str
    source: str
    dialled: tuple[str, ...]
    caller: Caller
    refusal: Reason | None = None
    rules: TrunkRules = PLAIN
    dialled_in: str = "Request-URI"
    passed_over: str = ""
    caller_in: str = "From"
    forwarded_from: str = ""
    verstat: str = ""
    signatures: tuple[str, ...] = ()
    diversions: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    withheld: str = field(default="", repr=False)
    hops_left: int = 69
    transfers: int = 0
    elsewhere: tuple[tuple[NumberFrom, str], ...] = ()
    misfit: Found | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """The call may go on: whose it is, whom to ask, and how long it is paid for.

    `minute_cost` is in micro-credits; `held_minutes` are held already. `max_seconds` is how long the call
    can last with the present credit if nobody else uses any, None for ever. With `is_charged` its minutes
    count from now on, else from the answer. `decision` is what the subscription's hosted rules say of the call.
    With `is_told` its account has a webhook for what becomes of it. Requests are signed with `secrets`, newest first,
    where the URLs are and at `signed_origins` besides.
    """

    call_id: str
    account_id: int
    recipient: str
    action_url: str | None
    fallback_url: str | None
    default_action: str | None
    minute_cost: int
    held_minutes: int
    secrets: tuple[str, ...] = field(default=(), repr=False)
    signed_origins: tuple[str, ...] = ()
    language: str = "en"
    max_seconds: int | None = None
    is_charged: bool = False
    decision: Decision | None = None
    is_told: bool = False

    @property
    def text(self) -> str:
        """What the timeline says of it."""
        lasts = "" if self.max_seconds is None else f", with credit for {self.max_seconds // 60} minutes"
        return f"{self.recipient} is subscribed{lasts}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The call may not go on. `tried` names the forms under which the number was looked for.

    `near` is a number of the pool that may have been meant, and `rules` are the options of `offhook trunks set` by
    which what was dialled is read as that; `near_in` is the header that names it, if it stands in another place.
    """

    call_id: str
    reason: Reason
    text: str
    recipient: str = ""
    tried: tuple[str, ...] = ()
    near: str = ""
    rules: str = ""
    near_in: str = ""


@dataclass(frozen=True, slots=True)
class LegUse:
    """An answered callee's leg: its number in the call (2 or more), and how long it was up."""

    leg: int
    answered_at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended. `seconds` is measured from answer to end and 0.0 for an unanswered call.

    `legs` are the callees that answered.
    """

    call_id: str
    status: Status
    reason: str | None
    ended_at: datetime
    answered_at: datetime | None
    seconds: float
    legs: tuple[LegUse, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One line of a call's timeline; `at_ms` counts from the arrival of the INVITE."""

    at_ms: float
    kind: str
    text: str
    code: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """What is on record of one call; money in micro-credits, times in UTC.

    `account_id` is None and `recipient` holds what was dialled when no account's number was.
    `duration_s` counts the seconds begun between answer and end. `charged_from` is when the caller's minutes
    began to count, None if they do from the answer.
    """

    call_id: str
    account_id: int | None
    api_user: str
    trunk: str
    source: str
    direction: str
    caller: Caller
    recipient: str
    action_url: str | None
    status: Status
    reason: str | None
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration_s: int
    minute_cost: int
    held_minutes: int
    cost: int
    node: str
    charged_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallFilters:
    """Which calls to list: `since` counts in, `until` does not; numbers are digits without `+`."""

    since: datetime | None = None
    until: datetime | None = None
    recipient: str | None = None
    caller: str | None = None
    status: Status | None = None
    reason: str | None = None
