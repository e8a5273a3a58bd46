"""When new calls are too many for what runs already: a state that is entered at a load and left well below it.

    measure(lag_s, busy, now)    once for each beat of the loop; then `is_overloaded` stands

Two loads count: how late the loop comes to what is due (SIP is answered late, retransmissions begin, and make it
worse), and how busy the least busy media worker is (there is nobody left to carry one more call).
"""

from dataclasses import dataclass

SMOOTHING = 0.3
"""Weight of a new measurement: one long pause is none, five beats in a row are an overload."""
RELIEF = 0.6
"""Calls come in again below this share of a limit ..."""
RELIEF_S = 2.0
"""... once that has lasted so long."""
SHORTEST_RETRY_S = 2
LONGEST_RETRY_S = 10
"""Peers that were refused together shall not come back together."""


@dataclass(frozen=True, slots=True)
class LoadLimits:
    """Loads above which new calls are refused."""

    lag_s: float = 0.3
    """How late the loop is, on average of the last few beats; at 0.5 (T1) peers would begin to repeat themselves."""
    busy: float = 0.9
    """Share of time in which no media worker waits."""


class Overload:
    """The state of one node."""

    def __init__(self, limits: LoadLimits) -> None:
        self._limits = limits
        self._relieved_at: float | None = None
        self.lag_s = 0.0
        self.is_overloaded = False

    def measure(self, lag_s: float, busy: float, now: float) -> bool:
        """Take a measurement; tell whether the state has changed by it."""
        self.lag_s += (lag_s - self.lag_s) * SMOOTHING
        share = max(self.lag_s / self._limits.lag_s, busy / self._limits.busy)
        before = self.is_overloaded
        if share >= 1.0:
            self.is_overloaded, self._relieved_at = True, None
        elif share >= RELIEF:
            self._relieved_at = None
        elif self._relieved_at is None:
            self._relieved_at = now
        elif now - self._relieved_at >= RELIEF_S:
            self.is_overloaded = False
        return self.is_overloaded is not before


def retry_after_s(chance: float) -> int:
    """Return when a refused call may be tried again, in whole seconds; `chance` is 0 to 1, without 1."""
    return SHORTEST_RETRY_S + int(chance * (LONGEST_RETRY_S - SHORTEST_RETRY_S + 1))
