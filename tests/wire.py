"""An in-memory network between two SIP agents: seeded delay, order, duplication and loss, on simulated time.

Nothing sleeps: `run` jumps from one arrival, wish or deadline to the next and checks on the way that an
agent never asks to be woken at a time that has passed.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

from offhook.engine.sip.agent import Agent
from offhook.engine.sip.outputs import Destination, Output, Send
from sip_peer import PORTS

Kind = TypeVar("Kind")

STEPS_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Weather:
    """How a network treats datagrams: parts of 1 that are lost or come twice, and delays in seconds."""

    loss: float = 0.0
    duplication: float = 0.0
    fastest_s: float = 0.010
    slowest_s: float = 0.010


CALM = Weather()
STORM = Weather(loss=0.2, duplication=0.1, fastest_s=0.001, slowest_s=0.300)


@dataclass(frozen=True, slots=True)
class Datagram:
    """One datagram as it was sent; `lost` ones never arrived."""

    at: float
    source: Destination
    destination: Destination
    data: bytes
    lost: bool

    @property
    def first_line(self) -> str:
        return self.data.partition(b"\r\n")[0].decode()


@dataclass(slots=True)
class End:
    """One agent on the wire, what it told, and how its owner reacts to each piece of news."""

    address: Destination
    agent: Agent
    react: Callable[[Output, float], Iterable[Output]] = lambda _news, _now: ()
    news: list[tuple[float, Output]] = field(default_factory=list)

    def told(self, kind: type[Kind]) -> list[Kind]:
        """Return the news of one kind, in order."""
        return [news for _, news in self.news if isinstance(news, kind)]

    @property
    def legs(self) -> int:
        return len(self.agent._core.legs)

    @property
    def transactions(self) -> int:
        return len(self.agent._core.transactions)


class Wire:
    """Two ends, `near` and `far`, and everything that ever travelled between them."""

    def __init__(self, seed: int = 0, weather: Weather = CALM) -> None:
        self.now = 0.0
        self.weather = weather
        self.datagrams: list[Datagram] = []
        self.near = _end("near", "10.0.0.1")
        self.far = _end("far", "10.0.0.2")
        self._chance = random.Random(seed)
        self._order = count()
        self._plans: list[tuple[float, int, Callable[[], None]]] = []

    def at(self, when: float, wish: Callable[[], None]) -> None:
        """Do something at a time of the simulation."""
        heappush(self._plans, (when, next(self._order), wish))

    def do(self, end: End, outputs: Iterable[Output]) -> None:
        """Carry out what an agent returned: send its datagrams, record its news, let its owner react."""
        for output in outputs:
            if isinstance(output, Send):
                self._send(end.address, output)
            else:
                end.news.append((self.now, output))
                self.do(end, end.react(output, self.now))

    def run(self, until: float = 3_600.0) -> None:
        """Go on until nobody has anything left to do, or until a time."""
        for _ in range(STEPS_LIMIT):
            when = self._next()
            if when is None or when > until:
                self.now = max(self.now, until) if when is not None else self.now
                return
            self.now = max(self.now, when)
            while self._plans and self._plans[0][0] <= self.now:
                heappop(self._plans)[2]()
            for end in (self.near, self.far):
                self._tick(end)
        raise AssertionError(f"the wire is not quiet after {STEPS_LIMIT} steps")

    def sent(self, start: str) -> list[Datagram]:
        """Return the datagrams whose first line starts so."""
        return [datagram for datagram in self.datagrams if datagram.first_line.startswith(start)]

    def _next(self) -> float | None:
        deadlines = [end.agent.deadline() for end in (self.near, self.far)]
        times = [time for time in deadlines if time is not None] + [plan[0] for plan in self._plans[:1]]
        return min(times, default=None)

    def _tick(self, end: End) -> None:
        deadline = end.agent.deadline()
        if deadline is not None and deadline <= self.now:
            self.do(end, end.agent.tick(self.now))
            after = end.agent.deadline()
            assert after is None or after > self.now, "an agent wants to be woken in the past: its driver would spin"

    def _send(self, source: Destination, send: Send) -> None:
        weather, chance = self.weather, self._chance
        assert 0 < send.destination.port < 65536
        lost = chance.random() < weather.loss
        self.datagrams.append(Datagram(self.now, source, send.destination, send.data, lost))
        if lost:
            return
        for _ in range(2 if chance.random() < weather.duplication else 1):
            delay_s = chance.uniform(weather.fastest_s, weather.slowest_s)
            self.at(self.now + delay_s, lambda: self._arrive(source, send))

    def _arrive(self, source: Destination, send: Send) -> None:
        for end in (self.near, self.far):
            if end.address == send.destination:
                self.do(end, end.agent.receive(send.data, source, end.address.host, self.now))


def _end(name: str, host: str) -> End:
    numbers = count(1)
    return End(Destination(host, 5060), Agent(ports=PORTS, token=lambda: f"{name}{next(numbers):06d}", name=name))
