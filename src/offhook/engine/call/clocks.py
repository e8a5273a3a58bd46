"""The deadlines of one call, each with a name."""

from enum import IntEnum
from math import inf


class Alarm(IntEnum):
    """What a call waits for; of several that are due, the first named comes first."""

    RING = 0
    """Tell the caller again that it rings."""
    EXTEND = 1
    """Pay for the next minute."""
    LONGEST = 2
    """No call may be longer."""
    HELD = 3
    """The minute that is paid for ends."""
    CHAIN = 4
    """The action servers had their time."""
    SOUND = 5
    """A sound should be ready by now."""
    STEP = 6
    """A pause or the last silence is over."""


class Clocks:
    """At most one deadline an alarm, in monotonic seconds."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: dict[Alarm, float] = {}

    def set(self, alarm: Alarm, when: float) -> None:
        """Wake at `when` instead of whenever it was before."""
        self._times[alarm] = when

    def clear(self, alarm: Alarm) -> None:
        """Forget a deadline."""
        self._times.pop(alarm, None)

    def clear_all(self) -> None:
        """Forget every deadline."""
        self._times.clear()

    def next_due(self, now: float) -> Alarm | None:
        """Return the first alarm whose time has come, and forget it; None when there is none.

        One at a time, because what it does may make the others pointless.
        """
        alarm = min((alarm for alarm, when in self._times.items() if when <= now), default=None)
        if alarm is not None:
            self.clear(alarm)
        return alarm

    def deadline(self) -> float | None:
        """Return the next deadline, None when nothing is waited for."""
        when = min(self._times.values(), default=inf)
        return None if when == inf else when
