"""Circuit breakers: an origin that fails again and again is not asked for a while, and its calls do not wait for it.

Read `MOVES` first: it is the whole truth about what a breaker may do next. There is one for each account and
origin that has failed lately, so one customer's broken server is nobody else's affair. `now` is monotonic seconds.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum

from offhook.actionserver.errors import (
    BadStatus,
    BreakerOpen,
    ConnectFailed,
    ConnectionLost,
    NameNotFound,
    TimedOut,
    TlsFailed,
)
from offhook.domain.breakers import Breaker, Tripped
from offhook.errors import ActionServerError

IN_A_ROW = 5
"""So many failures without a success between them open a breaker."""
WINDOW = 20
"""Of so many last questions, if none is older than `WINDOW_S`, more than half failed: that opens it too."""
WINDOW_S = 30.0
REST_S = 10.0
"""How long a breaker stays open at first; each probe that fails doubles it."""
LONGEST_REST_S = 60.0
PROBE_S = 30.0
"""A probe of which nothing was heard for so long is lost; longer than any question may take."""
MOST_BREAKERS = 10_000
MOST_OF_ACCOUNT = 50
"""Whoever redirects to ever new origins pushes out nobody's breakers but its own."""


SERVER_ERROR = 500
"""Statuses from here on are the server's fault (RFC 9110, section 15.6)."""


class Event(Enum):
    """What moves a breaker."""

    TRIPPED = "tripped"
    RESTED = "rested"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


MOVES: dict[tuple[Breaker, Event], Breaker] = {
    (Breaker.CLOSED, Event.TRIPPED): Breaker.OPEN,
    (Breaker.OPEN, Event.RESTED): Breaker.HALF_OPEN,
    (Breaker.HALF_OPEN, Event.SUCCEEDED): Breaker.CLOSED,
    (Breaker.HALF_OPEN, Event.FAILED): Breaker.OPEN,
}


@dataclass(frozen=True, slots=True)
class Pass:
    """That a question may be asked now; as a probe it decides whether others may follow."""

    account_id: int
    origin: str
    is_probe: bool = False


@dataclass(slots=True)
class _Circuit:
    """One origin: its last outcomes as (when, whether it failed), and how long it rests."""

    state: Breaker = Breaker.CLOSED
    outcomes: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=WINDOW))
    in_a_row: int = 0
    rest_s: float = REST_S
    rests_until: float = 0.0
    # Until when a probe that is under way is waited for.
    probed_until: float = 0.0
    code: str = ""
    text: str = ""

    def move(self, event: Event) -> None:
        self.state = MOVES[self.state, event]


class Breakers:
    """All the breakers of a node. An origin without one is asked, as almost all are.

    `refusals` counts the questions that were not asked.
    """

    def __init__(self, most: int = MOST_BREAKERS, most_of_account: int = MOST_OF_ACCOUNT) -> None:
        self._most = most
        self._most_of_account = most_of_account
        self._circuits: OrderedDict[tuple[int, str], _Circuit] = OrderedDict()
        self._origins: dict[int, OrderedDict[str, None]] = {}
        self.refusals = 0

    def enter(self, account_id: int, origin: str, now: float) -> Pass:
        """Let a question through; whoever gets a pass says `succeeded`, `failed` or `gave_up` in the end.

        Raises:
            BreakerOpen: The origin is left alone now.
        """
        circuit = self._circuits.get((account_id, origin))
        if circuit is None or circuit.state is Breaker.CLOSED:
            return Pass(account_id, origin)
        if circuit.state is Breaker.OPEN and now >= circuit.rests_until:
            circuit.move(Event.RESTED)
            circuit.probed_until = now
        if circuit.state is Breaker.HALF_OPEN and now >= circuit.probed_until:
            circuit.probed_until = now + PROBE_S
            return Pass(account_id, origin, is_probe=True)
        self.refusals += 1
        raise _open(origin, circuit, now)

    def succeeded(self, passed: Pass, now: float) -> None:
        """Note that the origin answered, whatever it said."""
        circuit = self._circuits.get((passed.account_id, passed.origin))
        if circuit is None:
            return
        if circuit.state is Breaker.CLOSED:
            circuit.outcomes.append((now, False))
            circuit.in_a_row = 0
            if not any(failed and at > now - WINDOW_S for at, failed in circuit.outcomes):
                self._forget(passed.account_id, passed.origin)
        elif passed.is_probe and circuit.state is Breaker.HALF_OPEN:
            circuit.move(Event.SUCCEEDED)
            self._forget(passed.account_id, passed.origin)

    def failed(self, passed: Pass, error: ActionServerError, now: float) -> None:
        """Note that nothing could be heard of the origin."""
        circuit = self._remembered(passed.account_id, passed.origin)
        circuit.code, circuit.text = error.code, error.sentence
        if circuit.state is Breaker.CLOSED:
            circuit.outcomes.append((now, True))
            circuit.in_a_row += 1
            if circuit.in_a_row >= IN_A_ROW or _most_failed(circuit, now):
                circuit.move(Event.TRIPPED)
                circuit.rests_until = now + circuit.rest_s
        elif passed.is_probe and circuit.state is Breaker.HALF_OPEN:
            circuit.move(Event.FAILED)
            circuit.rest_s = min(2 * circuit.rest_s, LONGEST_REST_S)
            circuit.rests_until = now + circuit.rest_s

    def gave_up(self, passed: Pass, now: float) -> None:
        """Note that a question ended without saying anything about its origin: the next one may probe."""
        circuit = self._circuits.get((passed.account_id, passed.origin))
        if circuit is not None and passed.is_probe and circuit.state is Breaker.HALF_OPEN:
            circuit.probed_until = now

    def tripped(self, now: float) -> list[Tripped]:
        """Return the breakers that are not closed."""
        return [
            Tripped(account_id, origin, one.state, max(0.0, one.rests_until - now), one.code, one.text)
            for (account_id, origin), one in self._circuits.items()
            if one.state is not Breaker.CLOSED
        ]

    def __len__(self) -> int:
        """Return how many origins are remembered."""
        return len(self._circuits)

    def _remembered(self, account_id: int, origin: str) -> _Circuit:
        key = (account_id, origin)
        if (known := self._circuits.get(key)) is not None:
            self._circuits.move_to_end(key)
            self._origins[account_id].move_to_end(origin)
            return known
        circuit = self._circuits[key] = _Circuit()
        mine = self._origins.setdefault(account_id, OrderedDict())
        mine[origin] = None
        if len(mine) > self._most_of_account:
            self._forget(account_id, next(iter(mine)))
        elif len(self._circuits) > self._most:
            self._forget(*next(iter(self._circuits)))
        return circuit

    def _forget(self, account_id: int, origin: str) -> None:
        del self._circuits[account_id, origin]
        mine = self._origins[account_id]
        del mine[origin]
        if not mine:
            del self._origins[account_id]


def is_up(error: ActionServerError, status: int | None) -> bool | None:
    """Tell from a failure whether the server is up; None if it says nothing of that.

    Whoever answers 404 or a wrong text is up, and whom we must not ask was not asked.
    """
    match error:
        case ConnectFailed() | ConnectionLost() | NameNotFound() | TimedOut() | TlsFailed():
            return False
        case _ if status is None:
            return None
        case BadStatus():
            return status < SERVER_ERROR
        case _:
            return True


def _most_failed(circuit: _Circuit, now: float) -> bool:
    outcomes = circuit.outcomes
    is_full = len(outcomes) == WINDOW and outcomes[0][0] > now - WINDOW_S
    return is_full and 2 * sum(failed for _, failed in outcomes) > WINDOW


def _open(origin: str, circuit: _Circuit, now: float) -> BreakerOpen:
    if circuit.state is Breaker.HALF_OPEN:
        again = "Another call is finding out now whether it is back."
    else:
        again = f"It is asked again in {max(1, round(circuit.rests_until - now))} s."
    return BreakerOpen(
        f"{origin} is not asked now, because it failed again and again, the last time with {circuit.code}: "
        f"{circuit.text} {again}",
        hint="The call goes on with its fallback at once; put the server right and it is asked again by itself.",
    )
