"""Overload begins at a load, not at a pause, and ends well below it, not at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.engine.net.overload import (
    LONGEST_RETRY_S,
    RELIEF,
    RELIEF_S,
    SHORTEST_RETRY_S,
    LoadLimits,
    Overload,
    retry_after_s,
)

LIMITS = LoadLimits(lag_s=0.3, busy=0.9)


def beats(overload: Overload, count: int, *, lag_s: float = 0.0, busy: float = 0.0, now: float = 0.0) -> list[bool]:
    return [overload.measure(lag_s, busy, now + number / 10) for number in range(count)]


def test_a_long_pause_is_no_overload_and_a_loop_that_stays_late_is() -> None:
    overload = Overload(LIMITS)
    assert beats(overload, 1, lag_s=0.9) == [False]
    assert beats(overload, 20) == [False] * 20
    assert any(beats(overload, 10, lag_s=0.4))
    assert overload.is_overloaded


def test_it_is_told_once_when_it_begins_and_once_when_it_ends() -> None:
    overload = Overload(LIMITS)
    assert beats(overload, 50, lag_s=1.0).count(True) == 1
    assert beats(overload, 100, now=5.0).count(True) == 1
    assert not overload.is_overloaded


def test_media_workers_that_never_wait_are_an_overload_too() -> None:
    overload = Overload(LIMITS)
    assert beats(overload, 1, busy=0.89) == [False]
    assert beats(overload, 1, busy=0.9) == [True]


def test_between_the_two_limits_everything_stays_as_it_was() -> None:
    between = LIMITS.busy * (RELIEF + 1) / 2
    fresh, loaded = Overload(LIMITS), Overload(LIMITS)
    beats(loaded, 1, busy=1.0)
    assert beats(fresh, 100, busy=between) == beats(loaded, 100, busy=between) == [False] * 100
    assert (fresh.is_overloaded, loaded.is_overloaded) == (False, True)


def test_relief_has_to_last() -> None:
    overload = Overload(LIMITS)
    beats(overload, 1, busy=1.0)
    overload.measure(0.0, 0.0, 10.0)
    overload.measure(0.0, 0.0, 10.0 + RELIEF_S - 0.1)
    # It begins anew after every load in between.
    overload.measure(0.0, 0.8, 10.0 + RELIEF_S)
    overload.measure(0.0, 0.0, 20.0)
    assert overload.is_overloaded
    assert overload.measure(0.0, 0.0, 20.0 + RELIEF_S)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 1)), max_size=100))
def test_a_node_below_both_limits_never_refuses(loads: list[tuple[float, float]]) -> None:
    overload = Overload(LIMITS)
    for number, (lag_s, busy) in enumerate(loads):
        overload.measure(min(lag_s, 0.29), min(busy, 0.89), number / 10)
        assert not overload.is_overloaded


@pytest.mark.parametrize(("chance", "seconds"), [(0.0, SHORTEST_RETRY_S), (0.5, 6), (0.9999, LONGEST_RETRY_S)])
def test_refused_peers_come_back_at_different_times(chance: float, seconds: int) -> None:
    assert retry_after_s(chance) == seconds
