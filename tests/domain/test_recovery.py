from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offhook.domain.calls import Call, Caller, LegUse, Status
from offhook.domain.credits import started_minutes
from offhook.domain.legs import Leg
from offhook.domain.recovery import LegDialog, dialogs_of, ended_at, uses_of

RANG = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CALL = Call(
    call_id="call",
    account_id=7,
    api_user="Shop",
    trunk="carrier",
    source="192.0.2.1:5060",
    direction="inbound",
    caller=Caller("819012345678", "+819012345678"),
    recipient="815012345678",
    action_url=None,
    status=Status.IN_PROGRESS,
    reason=None,
    started_at=RANG,
    answered_at=None,
    ended_at=None,
    duration_s=0,
    minute_cost=1,
    held_minutes=1,
    cost=0,
    node="node-1",
)


def after(seconds: float) -> datetime:
    return RANG + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("answered", "held", "seen", "ended"),
    [
        (None, 1, 7, 7),  # it rang
        (None, 1, -3, 0),  # the node was heard last before the call came
        (4, 1, 30, 30),  # somebody spoke
        (4, 1, 2, 4),  # the node was heard last before it answered
        (4, 1, 100, 64),  # nothing was held any more
        (4, 3, 100, 100),
        (4, 3, 1000, 184),
    ],
)
def test_a_lost_call_ends_with_the_last_sign_of_its_node(
    answered: float | None, held: int, seen: float, ended: float
) -> None:
    call = replace(CALL, answered_at=None if answered is None else after(answered), held_minutes=held)
    assert ended_at(call, after(seen)) == after(ended)


@given(
    answered=st.floats(0, 100),
    held=st.integers(1, 300),
    seen=st.floats(-1e6, 1e6, allow_nan=False),
)
def test_a_lost_call_never_uses_more_than_was_held(answered: float, held: int, seen: float) -> None:
    call = replace(CALL, answered_at=after(answered), held_minutes=held)
    used_s = (ended_at(call, after(seen)) - after(answered)).total_seconds()
    assert 1 <= started_minutes(used_s) <= held


def test_a_dialog_names_its_peers_and_stays_out_of_logs() -> None:
    assert "203.0.113" not in repr(LegDialog(1, '{"target":"sip:203.0.113.7"}'))


CALLER = Leg(1, None, 0, 0, after(1), "caller")
CALLEE = Leg(2, "81312345678", 2, 1, after(10), "callee")
RINGING = Leg(3, "81312345679", 1, 1, None, "ringing")
GIVEN_UP = Leg(5, "81312345671", 0, 1, None, "given up")
NO_DIALOG = Leg(4, "81312345670", 1, 1, after(20), None)


def test_every_leg_with_a_dialog_can_be_ended_unless_it_was_given_up() -> None:
    assert dialogs_of([CALLER, CALLEE, RINGING, NO_DIALOG, GIVEN_UP]) == (
        LegDialog(1, "caller"),
        LegDialog(2, "callee"),
        LegDialog(3, "ringing"),
    )


@pytest.mark.parametrize(("seen", "first", "second"), [(5, 0, 0), (50, 40, 30), (100, 90, 60), (1000, 120, 60)])
def test_each_answered_callee_was_up_from_its_own_answer(seen: float, first: float, second: float) -> None:
    assert uses_of([CALLER, CALLEE, RINGING, NO_DIALOG], after(seen)) == (
        LegUse(2, after(10), first),
        LegUse(4, after(20), second),
    )
