"""The table row by row, and what must hold for it as a whole."""

from collections.abc import Iterable
from itertools import product

import pytest

from offhook.engine.call.table import ANSWERED, MOVES, Event, State, move
from offhook.errors import ImpossibleMove

RINGING = {State.ARRIVED, State.ASKING, State.PREPARING, State.CALLING}
ALIVE = RINGING | ANSWERED


def _reachable(start: State, without: Iterable[Event] = ()) -> set[State]:
    found, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        news = {to for (origin, event), to in MOVES.items() if origin is here and event not in without} - found
        found |= news
        ahead += news
    return found


@pytest.mark.parametrize(("row", "after"), MOVES.items())
def test_every_row_is_a_move(row: tuple[State, Event], after: State) -> None:
    assert move(*row) is after


@pytest.mark.parametrize("row", sorted(set(product(State, Event)) - set(MOVES)))
def test_what_has_no_row_is_refused(row: tuple[State, Event]) -> None:
    with pytest.raises(ImpossibleMove, match=f"{row[0].value}.*{row[1].value}"):
        move(*row)


def test_every_state_can_be_reached() -> None:
    assert _reachable(State.ARRIVED) == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_leads_to_the_end(state: State) -> None:
    assert State.ENDED in _reachable(state)


def test_nothing_follows_the_end() -> None:
    assert _reachable(State.ENDED) == {State.ENDED}
    assert _reachable(State.ENDING) == {State.ENDING, State.ENDED}


@pytest.mark.parametrize("state", sorted(ALIVE))
@pytest.mark.parametrize("event", [Event.CALLER_LEFT, Event.BROKEN])
def test_a_call_can_be_lost_at_any_time(state: State, event: Event) -> None:
    assert move(state, event) is State.ENDING


@pytest.mark.parametrize("state", sorted(ALIVE))
def test_no_call_skips_being_recorded(state: State) -> None:
    assert all(to is not State.ENDED for (origin, _), to in MOVES.items() if origin is state)


def test_an_answered_call_is_never_refused_or_unanswered() -> None:
    left = {event for origin, event in MOVES if origin in ANSWERED}
    assert not left & {Event.REFUSED, Event.REJECTED, Event.EXHAUSTED, Event.READY, Event.NOT_CONNECTED}
    assert not RINGING & _reachable(State.ACTING)
    assert not RINGING & _reachable(State.JOINED)


def test_a_call_is_answered_when_it_is_prepared_or_when_its_callee_answers() -> None:
    assert not ANSWERED & _reachable(State.ARRIVED, without=[Event.READY, Event.CONNECTED])
    assert {origin for origin, event in MOVES if event is Event.READY} == {State.PREPARING}
    assert {origin for origin, event in MOVES if event is Event.CONNECTED} == {State.CALLING, State.ACTING}


def test_nobody_is_joined_whose_callee_did_not_answer() -> None:
    assert State.JOINED not in _reachable(State.ARRIVED, without=[Event.CONNECTED])
