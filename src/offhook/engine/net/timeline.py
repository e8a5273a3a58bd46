"""The timeline of one call while it runs: a bounded list of what happened, each line with its time."""

from collections.abc import Callable

from offhook.domain.calls import TimelineEvent

EVENTS_LIMIT = 500
ALWAYS_KEPT = frozenset({"hung-up", "quality", "callee-quality", "ended"})
"""A caller who presses keys for hours must not fill the memory; the end is always told."""


class Timeline:
    """Lines of a call that began when this was made; `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.events: list[TimelineEvent] = []
        self._clock = clock
        self._began = clock()

    @property
    def began(self) -> float:
        """When the call began, by the clock."""
        return self._began

    @property
    def elapsed_s(self) -> float:
        """How long ago the call began."""
        return self._clock() - self._began

    def note(self, kind: str, text: str, code: str | None = None, data: dict[str, object] | None = None) -> None:
        """Write a line that happens now."""
        self.keep(TimelineEvent(round(self.elapsed_s * 1000, 1), kind, text, code, data or {}))

    def keep(self, event: TimelineEvent) -> None:
        """Write a line that was made elsewhere."""
        if len(self.events) < EVENTS_LIMIT or event.kind in ALWAYS_KEPT:
            self.events.append(event)
