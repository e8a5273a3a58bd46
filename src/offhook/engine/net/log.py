"""Logs that a flood cannot flood: at most so many lines of a kind a second, the rest counted."""

from collections.abc import Callable

import structlog

LINES_A_SECOND = 5

log = structlog.get_logger("offhook.engine")


class Throttled:
    """A logger for things that strangers can cause."""

    def __init__(self, clock: Callable[[], float], lines_a_second: int = LINES_A_SECOND) -> None:
        self._clock = clock
        self._limit = lines_a_second
        self._windows: dict[str, tuple[float, int]] = {}

    def warning(self, event: str, **facts: object) -> None:
        """Log `event`, unless it was logged too often within this second."""
        now = self._clock()
        began, count = self._windows.get(event, (now, 0))
        if now - began >= 1.0:
            if count > self._limit:
                log.warning(event, suppressed=count - self._limit)
            began, count = now, 0
        self._windows[event] = (began, count + 1)
        if count < self._limit:
            log.warning(event, **facts)
