"""When the next minute is paid for, and when the paid one ends."""

from math import inf

from offhook.engine.call.clocks import Alarm, Clocks
from offhook.engine.call.minutes import Minutes


def test_a_call_that_costs_nothing_is_paid_for_ever() -> None:
    clocks = Clocks()
    assert Minutes(clocks, 5.0).paid_until == inf
    assert clocks.deadline() is None


def test_the_next_minute_is_asked_for_before_it_begins() -> None:
    clocks = Clocks()
    minutes = Minutes(clocks, 5.0)
    minutes.begin(100.0, 2)
    assert minutes.paid_until == 220.0
    assert clocks.deadline() == 215.0
    assert [clocks.next_due(220.0), clocks.next_due(220.0)] == [Alarm.EXTEND, Alarm.HELD]


def test_another_minute_begins_where_the_last_one_ends() -> None:
    clocks = Clocks()
    minutes = Minutes(clocks, 5.0)
    minutes.begin(100.0, 1)
    clocks.next_due(155.0)
    minutes.add()
    assert minutes.paid_until == 220.0
    assert clocks.deadline() == 215.0


def test_the_callees_minutes_have_alarms_of_their_own_and_end_with_it() -> None:
    clocks = Clocks()
    minutes = Minutes(clocks, 5.0, extend=Alarm.EXTEND_CALLEE, held=Alarm.HELD_CALLEE)
    minutes.begin(100.0, 1)
    assert clocks.next_due(155.0) is Alarm.EXTEND_CALLEE
    minutes.add()
    assert minutes.count == 2
    minutes.end()
    assert (minutes.paid_until, clocks.deadline()) == (inf, None)
