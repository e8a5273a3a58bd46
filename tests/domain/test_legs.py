from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.calls import LegUse
from offhook.domain.legs import Leg, used_minutes

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def leg(held: int = 3, answered: float | None = 0) -> Leg:
    answered_at = None if answered is None else AT + timedelta(seconds=answered)
    return Leg(2, "81312345678", held, 1, answered_at, dialog='{"target":"sip:203.0.113.7"}')


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 1), (60, 1), (61, 2), (1000, 17)])
def test_a_leg_used_what_is_told_of_it(seconds: float, minutes: int) -> None:
    assert used_minutes(leg(), LegUse(2, AT, seconds), AT) == minutes
    assert used_minutes(leg(answered=None), LegUse(2, AT, seconds), AT) == minutes


def test_a_leg_that_was_never_answered_used_nothing() -> None:
    assert used_minutes(leg(answered=None), None, AT + timedelta(hours=1)) == 0


@pytest.mark.parametrize(
    ("answered", "ended", "minutes"), [(0, 59, 1), (0, 61, 2), (30, 61, 1), (90, 61, 1), (0, 9999, 3)]
)
def test_an_answered_leg_of_which_nothing_is_told_was_up_until_the_end(
    answered: float, ended: float, minutes: int
) -> None:
    assert used_minutes(leg(answered=answered), None, AT + timedelta(seconds=ended)) == minutes


@given(held=st.integers(0, 300), answered=st.floats(0, 1e6), ended=st.floats(0, 1e6))
def test_nobody_is_charged_for_an_end_that_was_not_seen_beyond_what_is_held(
    held: int, answered: float, ended: float
) -> None:
    assert used_minutes(leg(held, answered), None, AT + timedelta(seconds=ended)) <= held


def test_a_leg_keeps_its_dialog_out_of_logs() -> None:
    assert "203.0.113" not in repr(leg())
