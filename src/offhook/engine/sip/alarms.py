"""Many deadlines, one next one: a heap that forgives being told a later time."""

from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Generic, TypeVar

Key = TypeVar("Key")


class Alarms(Generic[Key]):
    """At most one deadline a key, in seconds of the caller's monotonic clock.

    Moving a deadline later costs a dictionary write: the heap's old entry is put right when it comes up.
    """

    __slots__ = ("_heap", "_order", "_times")

    def __init__(self) -> None:
        self._times: dict[Key, float] = {}
        self._heap: list[tuple[float, int, Key]] = []
        self._order = count()

    def __len__(self) -> int:
        return len(self._times)

    def __contains__(self, key: Key) -> bool:
        return key in self._times

    def set(self, key: Key, when: float) -> None:
        """Wake `key` at `when` instead of whenever it was to be woken before."""
        before = self._times.get(key, inf)
        self._times[key] = when
        if when < before:
            heappush(self._heap, (when, next(self._order), key))

    def clear(self, key: Key) -> None:
        """Forget a key's deadline, if it has one."""
        self._times.pop(key, None)

    def due(self, now: float) -> list[Key]:
        """Return the keys whose time has come, in the order of their times, and forget them."""
        woken = []
        while self._heap and self._heap[0][0] <= now:
            when, _, key = heappop(self._heap)
            wanted = self._times.get(key)
            if wanted is None:
                continue
            if wanted <= when:
                del self._times[key]
                woken.append(key)
            else:
                heappush(self._heap, (wanted, next(self._order), key))
        return woken

    def deadline(self) -> float | None:
        """Return the next time at which `due` may have something; early is possible, late is not."""
        while self._heap and self._heap[0][2] not in self._times:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None
