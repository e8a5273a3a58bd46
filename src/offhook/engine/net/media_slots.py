"""Who sends when: slots of 5 ms, and each leg stays in one of those that share the time of its packets.

Four share 20 ms, so packets are 20 ms apart, and the process wakes four times and not once a packet; legs whose peers
want packets of another length go round another wheel. A new leg gets the next slot to come, so that its first packet
leaves at once, unless that slot has too many already.
"""

from offhook.engine.media.rtp import CLOCK_HZ
from offhook.engine.net.media_outlet import Outlet

SLOT_S = 0.005
SLOT_SAMPLES = round(SLOT_S * CLOCK_HZ)
UNEVEN = 1.25
"""So many times the legs of the emptiest slot a slot may have, and a few more."""

FEW = 4
LOOK_S = 0.25
"""How often is looked at who rests."""

RESYNC_S = 0.2
"""So far behind (the machine slept), the lost time is skipped instead of being sent in one burst."""


class _Wheel:
    """So many slots, of which one after the other has its turn."""

    def __init__(self, count: int) -> None:
        self._slots: list[list[Outlet]] = [[] for _ in range(count)]
        self._next = 0

    def turn(self, now: float) -> None:
        for outlet in self._slots[self._next]:
            outlet.send(now)
        self._next = (self._next + 1) % len(self._slots)

    def next_with_room(self) -> list[Outlet]:
        limit = FEW + UNEVEN * min(map(len, self._slots))
        to_come = self._slots[self._next :] + self._slots[: self._next]
        return next(slot for slot in to_come if len(slot) < limit)


class Slots:
    """The outlets that send; `due` is when the next slot's turn is, in monotonic seconds.

    An outlet whose line is its partner's rests: it has no turns until the partner's sound has been still for a while.
    """

    def __init__(self, now: float) -> None:
        self.due = now
        self._wheels: dict[int, _Wheel] = {}
        # Where each is, and for how long a packet it is there.
        self._places: dict[Outlet, tuple[list[Outlet], int]] = {}
        self._resting: set[Outlet] = set()
        self._look_at = now

    def schedule(self, outlet: Outlet) -> None:
        """Put one that may send into a slot, and take one that may not out of it."""
        place = self._places.get(outlet)
        if place is not None and not (outlet.may_send and outlet.packet_samples == place[1]):
            self._leave(outlet)
            place = None
        if outlet.may_send and place is None:
            self._enter(outlet)
        self._resting.discard(outlet)

    def turn(self, now: float) -> None:
        """Let those send whose turn it is."""
        for wheel in self._wheels.values():
            wheel.turn(now)
        if now >= self._look_at:
            self._look_at = now + LOOK_S
            self._let_rest(now)
        self.due += SLOT_S
        if now - self.due > RESYNC_S:
            self.due = now + SLOT_S

    def _let_rest(self, now: float) -> None:
        awake = [outlet for outlet in self._resting if now >= outlet.rests_until()]
        tired = [outlet for outlet in self._places if now < outlet.rests_until()]
        for outlet in awake:
            self._resting.remove(outlet)
            self._enter(outlet)
        for outlet in tired:
            self._leave(outlet)
            self._resting.add(outlet)

    def _enter(self, outlet: Outlet) -> None:
        samples = outlet.packet_samples
        wheel = self._wheels.get(samples)
        if wheel is None:
            wheel = self._wheels[samples] = _Wheel(samples // SLOT_SAMPLES)
        place = wheel.next_with_room()
        place.append(outlet)
        self._places[outlet] = place, samples

    def _leave(self, outlet: Outlet) -> None:
        place, _ = self._places.pop(outlet)
        place.remove(outlet)
