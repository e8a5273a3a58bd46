"""The minutes of one answered call: until when it is paid for, and when the next is asked for."""

from math import inf

from offhook.engine.call.clocks import Alarm, Clocks

MINUTE_S = 60.0


class Minutes:
    """Sets `EXTEND` so long before `HELD` that the next minute is paid before it begins.

    A call that costs nothing never begins to count: `paid_until` is then infinite.
    """

    __slots__ = ("_clocks", "_extend_before_s", "paid_until")

    def __init__(self, clocks: Clocks, extend_before_s: float) -> None:
        self.paid_until = inf
        self._clocks = clocks
        self._extend_before_s = extend_before_s

    def begin(self, now: float, minutes: int) -> None:
        """The call is answered now, and so many minutes are held."""
        self._pay_until(now + minutes * MINUTE_S)

    def add(self) -> None:
        """One more minute is held."""
        self._pay_until(self.paid_until + MINUTE_S)

    def _pay_until(self, when: float) -> None:
        self.paid_until = when
        self._clocks.set(Alarm.HELD, when)
        self._clocks.set(Alarm.EXTEND, when - self._extend_before_s)
