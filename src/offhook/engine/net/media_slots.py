"""Who sends when: four slots of 5 ms share 20 ms, and each leg stays in one of them.

So its packets are 20 ms apart, and the process wakes four times and not once a packet. A new leg gets
the next slot to come, so that its first packet leaves at once, unless that slot has too many already.
"""

from offhook.engine.net.media_outlet import Outlet

SLOTS = 4
SLOT_S = 0.005
UNEVEN = 1.25
"""So many times the legs of the emptiest slot a slot may have, and a few more."""

FEW = 4
LOOK_S = 0.25
"""How often is looked at who rests."""

RESYNC_S = 0.2
"""So far behind (the machine slept), the lost time is skipped instead of being sent in one burst."""


class Slots:
    """The outlets that send; `due` is when the next slot's turn is, in monotonic seconds.

    An outlet whose line is its partner's rests: it has no turns until the partner's sound has been still for a while.
    """

    def __init__(self, now: float) -> None:
        self.due = now
        self._slots: list[list[Outlet]] = [[] for _ in range(SLOTS)]
        self._places: dict[Outlet, list[Outlet]] = {}
        self._resting: set[Outlet] = set()
        self._next = 0
        self._look_at = now

    def schedule(self, outlet: Outlet) -> None:
        """Put one that may send into a slot, and take one that may not out of it."""
        is_in = outlet in self._places
        if outlet.may_send and not is_in:
            self._enter(outlet)
        elif is_in and not outlet.may_send:
            self._leave(outlet)
        self._resting.discard(outlet)

    def turn(self, now: float) -> None:
        """Let those send whose turn it is."""
        for outlet in self._slots[self._next]:
            outlet.send(now)
        self._next = (self._next + 1) % SLOTS
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
        self._places[outlet] = place = self._next_with_room()
        place.append(outlet)

    def _leave(self, outlet: Outlet) -> None:
        self._places.pop(outlet).remove(outlet)

    def _next_with_room(self) -> list[Outlet]:
        limit = FEW + UNEVEN * min(map(len, self._slots))
        to_come = self._slots[self._next :] + self._slots[: self._next]
        return next(slot for slot in to_come if len(slot) < limit)
