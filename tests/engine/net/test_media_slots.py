"""Who has a turn in which slot, and who rests."""

import itertools
from collections import Counter
from dataclasses import replace

import pytest

from joined_legs import Pair
from leg_peers import Bench
from offhook.engine.media.relaying import PAUSE_S
from offhook.engine.net.media_outlet import Outlet
from offhook.engine.net.media_slots import LOOK_S, RESYNC_S, SLOT_S, Slots

SLOTS = 4


class Counting:
    """Counts the turns of each outlet."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.turns: Counter[Outlet] = Counter()
        send = Outlet.send

        def count(outlet: Outlet, now: float) -> None:
            self.turns[outlet] += 1
            send(outlet, now)

        monkeypatch.setattr(Outlet, "send", count)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    return Counting(monkeypatch)


def _turn_all(slots: Slots, now: float) -> None:
    for _ in range(SLOTS):
        slots.turn(now)


def test_each_has_a_turn_every_20_ms_from_its_start_to_its_end(hall: Bench, counting: Counting) -> None:
    slots = Slots(hall.now)
    outlet = hall.leg.outlet
    slots.schedule(outlet)
    _turn_all(slots, hall.now)
    assert counting.turns[outlet] == 0
    hall.start(hall.peer())
    slots.schedule(outlet)
    slots.schedule(outlet)
    for _ in range(3):
        _turn_all(slots, hall.now)
    assert counting.turns[outlet] == 3
    outlet.may_send = False
    slots.schedule(outlet)
    slots.schedule(outlet)
    _turn_all(slots, hall.now)
    assert counting.turns[outlet] == 3


def test_lost_time_is_skipped_when_it_is_long() -> None:
    slots = Slots(10.0)
    slots.turn(10.1)
    assert slots.due == pytest.approx(10.0 + SLOT_S)
    slots.turn(10.1 + RESYNC_S)
    assert slots.due == pytest.approx(10.1 + RESYNC_S + SLOT_S)


def test_one_whose_partner_speaks_rests_until_that_falls_still(pair: Pair, counting: Counting) -> None:
    pair.join()
    outlet, slots = pair.right.leg.outlet, Slots(pair.now)
    slots.schedule(outlet)
    pair.left.speaks()
    pair.pass_time(LOOK_S / 2)
    pair.left.speaks()
    pair.pass_time(LOOK_S / 2)
    _turn_all(slots, pair.now)
    counting.turns.clear()
    pair.left.speaks()
    _turn_all(slots, pair.now)
    assert counting.turns[outlet] == 0
    pair.pass_time(max(PAUSE_S, LOOK_S))
    _turn_all(slots, pair.now)
    _turn_all(slots, pair.now)
    assert counting.turns[outlet] > 0
    # One speech before the rest, and our own silence after it.
    assert len(pair.right.hears()) == 3 + counting.turns[outlet]


@pytest.mark.parametrize("is_gone", [False, True])
def test_an_order_ends_a_rest(pair: Pair, counting: Counting, is_gone: bool) -> None:
    pair.join()
    outlet, slots = pair.right.leg.outlet, Slots(pair.now)
    slots.schedule(outlet)
    pair.left.speaks()
    _turn_all(slots, pair.now)
    pair.part()
    outlet.may_send = not is_gone
    slots.schedule(outlet)
    counting.turns.clear()
    pair.pass_time(LOOK_S)
    _turn_all(slots, pair.now)
    assert counting.turns[outlet] == (not is_gone)


@pytest.mark.parametrize("packet_ms", [10, 20, 30, 40, 50, 60])
def test_each_has_its_turns_as_far_apart_as_its_packets_are_long(
    hall: Bench, counting: Counting, packet_ms: int
) -> None:
    slots, peer = Slots(hall.now), hall.peer()
    hall.connect(replace(hall.order(peer), packet_ms=packet_ms))
    hall.leg.start(hall.now)
    slots.schedule(hall.leg.outlet)
    turned = []
    for _ in range(240):
        before = counting.turns[hall.leg.outlet]
        slots.turn(hall.now)
        if counting.turns[hall.leg.outlet] != before:
            turned.append(hall.now)
        hall.now += SLOT_S
    apart = {round((after - before) * 1000) for before, after in itertools.pairwise(turned)}
    assert apart == {packet_ms}
    assert len(peer.hears()) == len(turned) == 1200 // packet_ms


def test_who_wants_other_packets_goes_to_another_wheel_and_is_there_once(hall: Bench, counting: Counting) -> None:
    slots, peer = Slots(hall.now), hall.peer()
    hall.start(peer)
    slots.schedule(hall.leg.outlet)
    hall.connect(replace(hall.order(peer), packet_ms=60))
    slots.schedule(hall.leg.outlet)
    for _ in range(24):
        slots.turn(hall.now)
    assert counting.turns[hall.leg.outlet] == 2
