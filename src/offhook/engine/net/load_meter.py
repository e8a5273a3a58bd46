"""Measures the loop and the media workers, ten times a second, and says when new calls are too many."""

import asyncio
import random
from collections.abc import Callable, Sequence
from time import monotonic

from offhook.engine.net.log import log
from offhook.engine.net.media_pool import WorkerLoad
from offhook.engine.net.overload import LoadLimits, Overload, retry_after_s

BEAT_S = 0.1


class LoadMeter:
    """The load of one node, on the running loop."""

    def __init__(self, limits: LoadLimits, loads: Callable[[], Sequence[WorkerLoad]]) -> None:
        self._overload = Overload(limits)
        self._loads = loads
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_overloaded(self) -> bool:
        """Whether no new calls shall come in."""
        return self._overload.is_overloaded

    @property
    def lag_s(self) -> float:
        """How late the loop is on average."""
        return self._overload.lag_s

    def retry_after_s(self) -> int:
        """Choose when a call that is refused now may be tried again."""
        return retry_after_s(random.random())  # noqa: S311 - it spreads load and keeps no secret

    def start(self) -> None:
        """Measure from now on."""
        self._expect()

    def stop(self) -> None:
        """Measure no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _expect(self) -> None:
        self._due = monotonic() + BEAT_S
        self._timer = asyncio.get_running_loop().call_later(BEAT_S, self._beat)

    def _beat(self) -> None:
        now = monotonic()
        # A call goes to the least busy one. While all are being started again there is nothing to measure.
        busy = min((load.busy for load in self._loads()), default=0.0)
        if self._overload.measure(max(0.0, now - self._due), busy, now):
            tell = log.warning if self.is_overloaded else log.info
            said = "overloaded: new calls are refused" if self.is_overloaded else "new calls are let in again"
            tell(said, lag_ms=round(self.lag_s * 1000), media_busy=round(busy, 2))
        self._expect()
