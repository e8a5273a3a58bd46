"""When a call has come back once too often, and when it is merely one of many."""

from dataclasses import replace

import pytest

from call_machine import ARRIVAL
from offhook.domain.calls import Caller
from offhook.engine.net.loops import HOPS_FIELD, MOST_HOPS, MOST_IN_FLIGHT, WITHIN_S, Loops, hops_of
from offhook.engine.sip.message import Request
from offhook.engine.sip.parser import parse
from sip_peer import Peer

OTHER = replace(ARRIVAL, caller=Caller("81900000002", "+81900000002"))


def _in_flight(count: int) -> Loops:
    loops = Loops()
    for number in range(count):
        loops.takes_off(replace(ARRIVAL, call_id=f"c-{number}"), float(number))
    return loops


def test_the_same_caller_and_number_may_be_put_through_so_often_at_once() -> None:
    assert not _in_flight(MOST_IN_FLIGHT - 1).has_closed(ARRIVAL, 5.0)
    loops = _in_flight(MOST_IN_FLIGHT)
    assert loops.has_closed(ARRIVAL, 5.0)
    assert not loops.has_closed(OTHER, 5.0)
    assert not loops.has_closed(replace(ARRIVAL, dialled=("+81345678902",)), 5.0)
    # The first of them has been in flight for too long to be a turn of this circle.
    assert not loops.has_closed(ARRIVAL, WITHIN_S + 0.5)


def test_who_was_answered_or_given_up_is_counted_no_more() -> None:
    loops = _in_flight(MOST_IN_FLIGHT)
    loops.takes_off(replace(ARRIVAL, call_id="c-0"), 3.0)
    for _ in range(2):
        loops.lands(replace(ARRIVAL, call_id="c-0"))
        assert not loops.has_closed(ARRIVAL, 5.0)
    for number in range(MOST_IN_FLIGHT):
        loops.lands(replace(ARRIVAL, call_id=f"c-{number}"))
    assert not loops.has_closed(ARRIVAL, 5.0)


def test_callers_without_a_number_are_many() -> None:
    loops, hidden = Loops(), replace(ARRIVAL, caller=Caller("", "", anonymous=True))
    for number in range(2 * MOST_IN_FLIGHT):
        loops.takes_off(replace(hidden, call_id=f"c-{number}"), 0.0)
    assert not loops.has_closed(hidden, 0.0)
    loops.lands(hidden)


def test_a_call_that_was_put_through_too_often_is_told_by_its_own_count() -> None:
    assert Loops().has_closed(replace(ARRIVAL, transfers=MOST_HOPS), 0.0)
    assert not Loops().has_closed(replace(ARRIVAL, transfers=MOST_HOPS - 1), 0.0)


@pytest.mark.parametrize(("said", "hops"), [(None, 0), ("", 0), ("3", 3), ("-1", 0), ("³", 0), ("9999", 0), ("x", 0)])
def test_a_count_that_is_none_counts_nothing(said: str | None, hops: int) -> None:
    request = parse(Peer().request("INVITE", fields={HOPS_FIELD: said}))
    assert isinstance(request, Request)
    assert hops_of(request) == hops
