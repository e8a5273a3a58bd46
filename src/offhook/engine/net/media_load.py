"""How busy a media worker is: the share of time in which it did not wait."""

LOOK_S = 5.0
"""How often it is told."""


class Busyness:
    """Of one worker's loop; `due` is when it is to be told next, in monotonic seconds.

    Waiting for a processor counts as busy, which time of the processor would not show: a worker without one is late.
    """

    __slots__ = ("_began", "_waited", "due")

    def __init__(self, now: float) -> None:
        self._began = now
        self._waited = 0.0
        self.due = now + LOOK_S

    def waited(self, seconds: float) -> None:
        """Count time in which there was nothing to do."""
        self._waited += seconds

    def take(self, now: float) -> float:
        """Return the busy share (0 to 1) of the time since this was asked last."""
        passed = now - self._began
        share = 1.0 - self._waited / passed if passed > 0.0 else 0.0
        self._began, self._waited, self.due = now, 0.0, now + LOOK_S
        return max(0.0, share)
