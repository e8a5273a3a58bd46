"""Which action servers are left alone for a while, because they failed again and again, as each node sees it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Breaker(StrEnum):
    """Whether an account's origin is asked: always, not now, or once to see whether it is back."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Tripped:
    """A breaker of this node that is not closed. It is asked again in `rest_s` seconds, 0 if now.

    `code` and `text` say what failed last.
    """

    account_id: int
    origin: str
    state: Breaker
    rest_s: float
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class BreakerState:
    """What a node knows of a breaker that is not closed, and when the origin is asked again at the earliest."""

    node: str
    account_id: int
    origin: str
    state: Breaker
    retry_at: datetime
    code: str
    text: str
