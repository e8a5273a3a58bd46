"""How fast one API user may ask: the generic cell rate algorithm (ITU-T I.371, annex A).

One number is kept per user: the time at which all requests so far would have come had they been
evenly spaced. A request may be ahead of its time by a burst.
"""

BURST_S = 2.0
"""A user who was quiet may send this many seconds' worth of requests at once."""


class Throttle:
    """Counts in memory, per node: it protects the machine, it does not meter customers."""

    def __init__(self, rate: float) -> None:
        """Allow `rate` requests a second."""
        self._space_s = 1 / rate
        self._due: dict[int, float] = {}

    def wait_s(self, user_id: int, now: float) -> float:
        """Count a request at the monotonic time `now`; more than 0 is how long it must wait instead."""
        due = max(self._due.get(user_id, now), now) + self._space_s
        early = due - now - BURST_S
        # Rounding must not refuse the last request of a burst.
        if early > self._space_s / 2:
            return early
        self._due[user_id] = due
        return 0.0
