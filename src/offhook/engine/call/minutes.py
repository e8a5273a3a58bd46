"""The minutes of one answered leg: until when it is paid for, and when the next is asked for."""

from math import inf

from offhook.engine.call.clocks import Alarm, Clocks

MINUTE_S = 60.0


class Minutes:
    """Sets `extend` so long before `held` that the next minute is paid before it begins.

    A leg that costs nothing never begins to count: `paid_until` is then infinite.
    """

    __slots__ = ("_clocks", "_extend", "_extend_before_s", "_held", "count", "paid_until")

    def __init__(
        self,
        clocks: Clocks,
        extend_before_s: float,
        *,
        extend: Alarm = Alarm.EXTEND,
        held: Alarm = Alarm.HELD,
    ) -> None:
        self.count = 0
        self.paid_until = inf
        self._clocks = clocks
        self._extend_before_s = extend_before_s
        self._extend = extend
        self._held = held

    def begin(self, now: float, minutes: int) -> None:
        """The leg is answered now, and so many minutes are held."""
        self.count = minutes
        self._pay_until(now + minutes * MINUTE_S)

    def add(self) -> None:
        """One more minute is held."""
        self.count += 1
        self._pay_until(self.paid_until + MINUTE_S)

    def end(self) -> None:
        """The leg is gone: nothing more is paid for."""
        self.paid_until = inf
        self._clocks.clear(self._held)
        self._clocks.clear(self._extend)

    def _pay_until(self, when: float) -> None:
        self.paid_until = when
        self._clocks.set(self._held, when)
        self._clocks.set(self._extend, when - self._extend_before_s)
