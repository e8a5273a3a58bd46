"""Which legs are looked after, and when."""

from contextlib import ExitStack
from math import inf

import pytest

from leg_peers import Bench, bench
from offhook.engine.media.learning import WINDOW_S
from offhook.engine.media.report_timing import interval_s
from offhook.engine.net.media_agenda import TOGETHER_S, Agenda


def test_a_leg_is_taken_once_when_it_is_due(hall: Bench) -> None:
    agenda = Agenda()
    agenda.put(hall.leg, 10.0)
    assert agenda.take(9.9) == []
    assert agenda.take(10.0) == [hall.leg]
    assert agenda.take(11.0) == []


def test_what_is_due_soon_is_taken_together() -> None:
    agenda = Agenda()
    with ExitStack() as stack:
        legs = [stack.enter_context(bench()).leg for _ in range(3)]
        for place, leg in enumerate(legs):
            agenda.put(leg, 10.0 + place * TOGETHER_S / 4)
        assert agenda.take(10.0) == legs[:1]
        assert agenda.take(10.0 + TOGETHER_S * 0.9) == []
        assert agenda.take(10.0 + TOGETHER_S) == legs[1:]


@pytest.mark.parametrize("moment", [5.0, 15.0])
def test_a_later_word_replaces_an_earlier_one(hall: Bench, moment: float) -> None:
    agenda = Agenda()
    agenda.put(hall.leg, 10.0)
    agenda.put(hall.leg, moment)
    assert agenda.take(4.0) == []
    assert agenda.take(moment) == [hall.leg]
    assert agenda.take(20.0) == []


def test_a_removed_leg_is_not_taken(hall: Bench) -> None:
    agenda = Agenda()
    agenda.put(hall.leg, 10.0)
    agenda.remove(hall.leg)
    agenda.remove(hall.leg)
    assert agenda.take(10.0) == []


def test_never_keeps_no_leg(hall: Bench) -> None:
    agenda = Agenda()
    agenda.put(hall.leg, inf)
    assert agenda.take(1e12) == []
    agenda.put(hall.leg, 5.0)
    assert agenda.take(2e12) == [hall.leg]


def test_a_leg_says_when_something_is_due(hall: Bench) -> None:
    peer = hall.peer()
    assert hall.leg.look_after(hall.now, 1.0) == inf
    hall.connect(hall.order(peer))
    learns_until = hall.now + WINDOW_S
    assert hall.leg.look_after(hall.now, 1.0) == learns_until
    hall.leg.start(hall.now)
    first_report = hall.now + interval_s(1.0, is_first=True)
    assert hall.leg.look_after(hall.now, 1.0) == min(first_report, learns_until)
    assert hall.leg.look_after(learns_until, 1.0) == learns_until + interval_s(1.0)
