"""What strangers say within our calls: nothing is done or answered, but the call's timeline tells of it.

A carrier whose BYE comes from an address that its trunk does not name is a common cause of calls that never end.
"""

from collections.abc import Container

from offhook.engine.net.endpoint import Endpoint
from offhook.engine.sip.glances import glance
from offhook.engine.sip.outputs import Overheard

LOOKS_A_SECOND = 200
"""A flood costs no more; a carrier's few requests are repeated for half a minute."""
MOST_OF_A_LEG = 8
"""What else strangers say within a leg is told nowhere."""


class Overhearing:
    """Looks at what was dropped, within a budget; `legs` are the living legs by name."""

    def __init__(self, endpoint: Endpoint, legs: Container[str]) -> None:
        self._endpoint = endpoint
        self._legs = legs
        self._told: dict[str, set[Overheard]] = {}
        self._second = 0
        self._looks = 0

    def hear(self, data: bytes, host: str) -> None:
        """Take what a stranger sent, and tell of it once if it belongs to a call of ours."""
        if not self._may_look():
            return
        said = glance(data)
        if said is None or said.to_tag not in self._legs:
            return
        news = [one for one in self._endpoint.agent.overhear(said, host) if self._is_new(one)]
        self._endpoint.do(news)

    def _may_look(self) -> bool:
        second = int(self._endpoint.now())
        if second != self._second:
            self._second, self._looks = second, 0
        self._looks += 1
        return self._looks <= LOOKS_A_SECOND

    def _is_new(self, overheard: Overheard) -> bool:
        told = self._told.get(overheard.leg)
        if told is None:
            # Legs that are over leave with the next one.
            self._told = {leg: known for leg, known in self._told.items() if leg in self._legs}
            told = self._told[overheard.leg] = set()
        if overheard in told or len(told) >= MOST_OF_A_LEG:
            return False
        told.add(overheard)
        return True
