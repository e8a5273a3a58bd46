"""Deadlines with names."""

from math import inf

from offhook.engine.call.clocks import Alarm, Clocks


def _set(**times: float) -> Clocks:
    clocks = Clocks()
    for name, when in times.items():
        clocks.set(Alarm[name], when)
    return clocks


def test_nothing_is_waited_for_at_first() -> None:
    clocks = Clocks()
    assert clocks.deadline() is None
    assert clocks.next_due(inf) is None


def test_the_deadline_is_the_earliest() -> None:
    assert _set(STEP=7.0, RING=9.0).deadline() == 7.0


def test_a_deadline_that_never_comes_is_none() -> None:
    assert _set(HELD=inf).deadline() is None


def test_an_alarm_is_due_at_its_time_and_not_before() -> None:
    clocks = _set(STEP=7.0)
    assert clocks.next_due(6.999) is None
    assert clocks.next_due(7.0) is Alarm.STEP


def test_an_alarm_wakes_once() -> None:
    clocks = _set(STEP=7.0)
    clocks.next_due(7.0)
    assert clocks.next_due(8.0) is None
    assert clocks.deadline() is None


def test_of_several_that_are_due_the_first_named_comes_first_even_if_it_is_younger() -> None:
    clocks = _set(STEP=1.0, HELD=3.0, RING=2.0, CHAIN=9.0)
    assert [clocks.next_due(5.0) for _ in range(4)] == [Alarm.RING, Alarm.HELD, Alarm.STEP, None]
    assert clocks.deadline() == 9.0


def test_an_alarm_has_one_time_only() -> None:
    clocks = _set(STEP=1.0)
    clocks.set(Alarm.STEP, 4.0)
    assert clocks.deadline() == 4.0


def test_an_alarm_is_forgotten_alone_or_with_all() -> None:
    clocks = _set(STEP=1.0, RING=2.0, HELD=3.0)
    clocks.clear(Alarm.STEP)
    clocks.clear(Alarm.SOUND)
    assert clocks.deadline() == 2.0
    clocks.clear_all()
    assert clocks.deadline() is None
