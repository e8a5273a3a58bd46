"""Whether the gateway of a trunk is up, by what its targets say to OPTIONS.

    receive(input, now)     tick(now)     deadline()

Read `MOVES` first: a target is up at once when it answers, and down when it missed two checks in a row. A trunk is up
while one of its targets is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from math import inf
from types import MappingProxyType
from typing import assert_never

from offhook.engine.sip.core import bracket
from offhook.engine.sip.outputs import Destination

PATIENCE_S = 8.0
"""How long an answer is waited for: time for four repetitions (RFC 3261 section 17.1.2.1)."""
OUT_OF_ORDER = frozenset({408, 503})
"""Any other final response comes from somebody who is there (RFC 3261 sections 11 and 21.5.4)."""


class State(Enum):
    """What is believed of one target."""

    UNKNOWN = auto()
    UP = auto()
    DOUBTED = auto()
    DOWN = auto()


class Event(Enum):
    """What came of one check."""

    ANSWERED = auto()
    MISSED = auto()


_S, _E = State, Event

MOVES: MappingProxyType[tuple[State, Event], State] = MappingProxyType(
    {
        (_S.UNKNOWN, _E.ANSWERED): _S.UP,
        (_S.UNKNOWN, _E.MISSED): _S.DOUBTED,
        (_S.UP, _E.ANSWERED): _S.UP,
        (_S.UP, _E.MISSED): _S.DOUBTED,
        (_S.DOUBTED, _E.ANSWERED): _S.UP,
        (_S.DOUBTED, _E.MISSED): _S.DOWN,
        (_S.DOWN, _E.ANSWERED): _S.UP,
        (_S.DOWN, _E.MISSED): _S.DOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """The targets to ask now."""

    targets: tuple[Destination, ...]


@dataclass(frozen=True, slots=True)
class Nowhere:
    """There is nobody to ask, and why."""

    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A target's final response to the question of this serial; 503 stands for a connection that cannot be made."""

    target: Destination
    serial: int
    status: int
    text: str


Input = Found | Nowhere | Heard


@dataclass(frozen=True, slots=True)
class Look:
    """Find out who is to be asked; `Found` or `Nowhere` follows."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Send OPTIONS."""

    target: Destination
    serial: int


@dataclass(frozen=True, slots=True)
class Avoid:
    """A target is down: for so long it comes after all others."""

    target: Destination
    seconds: float


@dataclass(frozen=True, slots=True)
class Trust:
    """A target that was down is up."""

    target: Destination


@dataclass(frozen=True, slots=True)
class Judged:
    """The trunk is up, or it is not, or other targets of it are than before."""

    is_up: bool
    text: str


Output = Look | Ask | Avoid | Trust | Judged


@dataclass(slots=True)
class _Target:
    """One target; `is_up` is what was last certain of it."""

    state: State
    is_up: bool | None = None
    serial: int = 0
    is_waited_for: bool = False
    text: str = ""


class Health:
    """One trunk, whose targets are asked every so many seconds from `first_at` on."""

    def __init__(self, every_s: float, first_at: float) -> None:
        self._every_s = every_s
        self._patience_s = min(PATIENCE_S, every_s)
        self._next = first_at
        self._patience_ends = inf
        # None stands for a name that leads nowhere.
        self._targets: dict[Destination | None, _Target] = {}
        self._told: tuple[bool, frozenset[Destination | None]] | None = None

    def receive(self, what: Input, now: float) -> list[Output]:
        """Take what was found or heard."""
        match what:
            case Found(targets):
                self._turn_to(targets)
                self._patience_ends = now + self._patience_s
                return [self._ask(one) for one in targets]
            case Nowhere(text):
                self._turn_to((None,))
                self._patience_ends = inf
                return [*self._move(None, self._targets[None], Event.MISSED, text), *self._judge()]
            case Heard():
                return [*self._heard(what), *self._judge()]
            case _:
                assert_never(what)

    def tick(self, now: float) -> list[Output]:
        """Give up waiting where it is time, and begin the next check."""
        outputs: list[Output] = []
        if self._patience_ends <= now:
            self._patience_ends = inf
            for name, target in self._targets.items():
                if target.is_waited_for:
                    text = f"nobody answered within {self._patience_s:g} s"
                    outputs += self._move(name, target, Event.MISSED, text)
            outputs += self._judge()
        if self._next <= now:
            self._next = now + self._every_s
            outputs.append(Look())
        return outputs

    def deadline(self) -> float:
        """Return when `tick` next has something to do."""
        return min(self._next, self._patience_ends)

    def _turn_to(self, names: Iterable[Destination | None]) -> None:
        """Know these targets from now on; where all others missed their check, a new one has missed it too."""
        states = {target.state for target in self._targets.values()}
        first = State.DOUBTED if states and states <= {State.DOUBTED, State.DOWN} else State.UNKNOWN
        self._targets = {name: self._targets.get(name) or _Target(first) for name in names}

    def _ask(self, name: Destination) -> Ask:
        target = self._targets[name]
        target.serial += 1
        target.is_waited_for = True
        return Ask(name, target.serial)

    def _heard(self, heard: Heard) -> Iterator[Output]:
        target = self._targets.get(heard.target)
        if target is None:
            return
        if heard.status not in OUT_OF_ORDER:
            # However late: it is there.
            yield from self._move(heard.target, target, Event.ANSWERED, heard.text)
        elif target.is_waited_for and heard.serial == target.serial:
            yield from self._move(heard.target, target, Event.MISSED, heard.text)

    def _move(self, name: Destination | None, target: _Target, event: Event, text: str) -> Iterator[Output]:
        was_down, target.is_waited_for = target.state is State.DOWN, False
        target.state = MOVES[target.state, event]
        if target.state in (State.UP, State.DOWN):
            target.is_up, target.text = target.state is State.UP, text
        if name is None:
            return
        if target.state is State.DOWN:
            # Beyond the next check, so that nothing is sent there meanwhile.
            yield Avoid(name, self._every_s + 2 * self._patience_s)
        elif was_down:
            yield Trust(name)

    def _judge(self) -> Iterator[Output]:
        certain = [target.is_up for target in self._targets.values()]
        if True not in certain and (None in certain or not certain):
            # Nothing is certain yet, so what was told stays.
            return
        down = frozenset(name for name, target in self._targets.items() if target.is_up is False)
        if self._told != (True in certain, down):
            self._told = True in certain, down
            yield Judged(True in certain, "; ".join(self._words()))

    def _words(self) -> Iterator[str]:
        for name, target in self._targets.items():
            if target.is_up is not None:
                yield target.text if name is None else f"{bracket(name.host)}:{name.port} {target.text}"
