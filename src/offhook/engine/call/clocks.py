"""The deadlines of one call, each with a name."""

from enum import IntEnum
from math import inf


class Alarm(IntEnum):
    """What a call waits for; of several that are due, the first named comes first."""

    RING = 0
    """Tell the caller again that it rings."""
    EXTEND = 1
    """Pay for the caller's next minute."""
    EXTEND_CALLEE = 2
    """Pay for the callee's next minute."""
    LONGEST = 3
    """No call may be longer."""
    LONGEST_TRANSFER = 4
    """The script wanted its transfer to be no longer."""
    HELD = 5
    """The caller's minute that is paid for ends."""
    HELD_CALLEE = 6
    """The callee's minute that is paid for ends."""
    CHAIN = 7
    """The action servers had their time."""
    SOUND = 8
    """A sound should be ready by now."""
    STEP = 9
    """A pause or the last silence is over."""
    GATEWAY = 10
    """The gateway of a route should have said something by now."""
    CALLEE = 11
    """The callee was rung for as long as the script wanted."""
    CONFIRM = 12
    """A callee who answered should have pressed the key by now."""
    KEYS = 13
    """No key was pressed for as long as the script wanted."""
    MEANWHILE = 14
    """An answered caller has heard nothing for long enough."""
    MESSAGE = 15
    """The recording of a message should have ended by itself."""


class Clocks:
    """At most one deadline an alarm, in monotonic seconds."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: dict[Alarm, float] = {}

    def set(self, alarm: Alarm, when: float) -> None:
        """Wake at `when` instead of whenever it was before."""
        self._times[alarm] = when

    def __contains__(self, alarm: Alarm) -> bool:
        return alarm in self._times

    def time_of(self, alarm: Alarm) -> float:
        """Return when an alarm is due, infinity if it is not set."""
        return self._times.get(alarm, inf)

    def take(self, alarm: Alarm, now: float) -> bool:
        """Tell whether an alarm is due, and forget it if it is."""
        is_due = self._times.get(alarm, inf) <= now
        if is_due:
            self.clear(alarm)
        return is_due

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
