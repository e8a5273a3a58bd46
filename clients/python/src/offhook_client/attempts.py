"""How often a request is tried, and how long is waited in between: pure, both clients ask it.

Every request may be tried again: GET, PUT and DELETE are the same when done twice, a POST has its key.
"""

from dataclasses import dataclass

from offhook_client.answers import Answer, error_of
from offhook_client.errors import ApiError, BadValue, NetworkError

_PASSING = frozenset({429, 503})
# Our own first try, whose connection broke, may still be at work.
_IN_PROGRESS = "idempotency-key-in-progress"


@dataclass(frozen=True, slots=True)
class Retries:
    """At most `tries` tries and `total_wait_s` seconds of waiting between them; the first wait is `backoff_s`.

    What a server says by `Retry-After` is waited instead, if it fits.
    """

    tries: int = 3
    total_wait_s: float = 30.0
    backoff_s: float = 0.5

    def __post_init__(self) -> None:
        if self.tries < 1 or not self.total_wait_s >= 0 or not self.backoff_s >= 0:
            raise BadValue("Retries need at least one try, and times that are not negative.")


NO_RETRIES = Retries(tries=1)


class Attempts:
    """The tries of one request. Ask it after each of them."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self._tries = 0
        self._waited_s = 0.0

    def wait_s(self, outcome: Answer | NetworkError) -> float | None:
        """Return how long to wait before the next try; None if this was the last."""
        self._tries += 1
        if self._tries >= self._retries.tries or not _is_passing(outcome):
            return None
        wait_s = outcome.retry_after_s if isinstance(outcome, Answer) else None
        if wait_s is None:
            wait_s = self._retries.backoff_s * 2 ** (self._tries - 1)
        if self._waited_s + wait_s > self._retries.total_wait_s:
            return None
        self._waited_s += wait_s
        return wait_s


def _is_passing(outcome: Answer | NetworkError) -> bool:
    if isinstance(outcome, NetworkError):
        return outcome.is_passing
    if outcome.status in _PASSING:
        return True
    if outcome.status != 409:
        return False
    error = error_of(outcome)
    return isinstance(error, ApiError) and error.code == _IN_PROGRESS
