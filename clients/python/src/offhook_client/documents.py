"""What the API answers, as types. A later version may add fields; those named here stay.

Times are text in ISO 8601, UTC; money is a number of credits; numbers are E.164 digits without `+`.
"""

from collections.abc import Mapping
from typing import NotRequired, TypedDict


class Number(TypedDict):
    """A dial-in number."""

    country_code: str
    day_cost: float
    din: str
    din_uid: str
    features: list[str]
    minute_cost: float
    monthly_cost: float
    prefix: str


class Reservation(Number):
    """A number that is kept for the account until `reserved_until`."""

    reserved_until: str


class Subscription(Number):
    """A number, and what its subscriber made of it. `status` is active, grace or ended."""

    action_url: str | None
    fallback_url: str | None
    default_action: str | None
    status: str
    subscribed_at: str
    renews_at: str
    ended_at: str | None


class Finding(TypedDict):
    """What one check of a number came to. `verdict` is good, warning, bad, or unknown where nothing was looked at."""

    code: str
    verdict: str
    sentence: str
    cure: str
    data: Mapping[str, object]


class Diagnosis(TypedDict):
    """What is the matter with a number; `verdict` is the worst of its findings."""

    din: str
    din_uid: str
    at: str
    verdict: str
    findings: list[Finding]


class HostedRules(TypedDict):
    """The rules of a number as they are kept, and the secret URL that serves them."""

    din_uid: str
    rules: dict[str, object]
    url: str


class Preview(TypedDict):
    """What the rules would do with a call, and why."""

    rule: str
    script: str
    why: str
    at: str
    local_time: str
    time_zone: str


class Call(TypedDict):
    """A call of the log."""

    call_id: str
    callid: str
    uuid: str
    direction: str
    caller: str
    recipient: str
    status: str
    reason: str | None
    start_time: str
    answer_time: str | None
    end_time: str | None
    duration: int
    cost: float
    actionurl: str | None
    apiuser: str


class Cause(TypedDict):
    """Why a call did not go as wished, and what to do; without a code it did."""

    code: str | None
    sentence: str
    cure: str


class Event(TypedDict):
    """One line of a call's timeline; the first one has the call's cause."""

    at_ms: float
    kind: str
    code: str | None
    text: str
    data: Mapping[str, object]
    cause: NotRequired[Cause | None]


class Command(TypedDict):
    """What is wanted of a running call. `status` is accepted until the call's node has done it."""

    command_id: str
    call_id: str
    action: str | None
    status: str
    code: str | None
    created_at: str
    done_at: str | None


class Recording(TypedDict):
    """What a caller said. `status` is recording, stored or lost."""

    recording_uid: str
    call_id: str
    din: str
    din_uid: str
    caller: str
    status: str
    reason: str | None
    start_time: str
    end_time: str | None
    duration: int
    size: int
    heard: bool
    heard_at: str | None
    kept_until: str | None
    deleted_at: str | None
    wav_url: str | None
    mp3_url: str | None


class RecordingLink(TypedDict):
    """Links to the audio that need no API user, until they expire."""

    wav_url: str
    mp3_url: str
    expires_at: str


class Account(TypedDict):
    """The account's credit."""

    name: str
    balance: float
    held: float
    available: float
    minimum_credit: float


class Posting(TypedDict):
    """One movement of credit."""

    id: str
    at: str
    kind: str
    amount: float
    balance: float
    din: str | None
    call_id: str | None
    text: str


class Usage(TypedDict):
    """One number on one day of UTC."""

    day: str
    din: str
    calls: int
    minutes: int
    seconds: int
    cost: float
    subscription_cost: float


class Breaker(TypedDict):
    """An action server that is left alone for a while, because it failed again and again."""

    origin: str
    state: str
    retry_at: str
    code: str
    text: str
    node: str


class Signing(TypedDict):
    """How requests to action URLs are signed."""

    signed: bool
    previous_secret_until: str | None
    sign_origins: list[str]


class SigningSecret(Signing):
    """A new secret. Keep it: it is shown this once."""

    secret: str
