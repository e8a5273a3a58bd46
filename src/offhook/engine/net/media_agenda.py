"""When which leg is looked after: when its report or the end of its learning is due.

Legs that are due soon are taken together, since the first report of several costs the most: it brings the code that
makes reports into the caches.
"""

from heapq import heappop, heappush
from math import inf

from offhook.engine.net.media_leg import Leg

TOGETHER_S = 0.05
"""What becomes due within so many seconds is done in one go."""


class Agenda:
    """The legs of one worker by the moment (monotonic seconds) at which each is to be looked after."""

    def __init__(self) -> None:
        self._moments: dict[Leg, float] = {}
        # A leg that was put elsewhere or removed keeps its place here until its turn; the count orders equals.
        self._queue: list[tuple[float, int, Leg]] = []
        self._count = 0
        self._look_at = 0.0

    def put(self, leg: Leg, at: float) -> None:
        """Look after a leg at this moment, and not when it was said before; infinity is never."""
        self._moments[leg] = at
        self._count += 1
        # Nothing that waits for ever may be kept: it would keep its leg.
        if at < inf:
            heappush(self._queue, (at, self._count, leg))

    def remove(self, leg: Leg) -> None:
        """Look after it no more."""
        self._moments.pop(leg, None)

    def take(self, now: float) -> list[Leg]:
        """Return the legs that are due, each once; it is for the caller to put them again."""
        if now < self._look_at:
            return []
        self._look_at = now + TOGETHER_S
        legs: list[Leg] = []
        while self._queue and self._queue[0][0] <= now:
            at, _, leg = heappop(self._queue)
            if self._moments.get(leg) == at:
                del self._moments[leg]
                legs.append(leg)
        return legs
