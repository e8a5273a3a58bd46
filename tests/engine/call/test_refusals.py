"""Every refusal has its word, as the design's table says."""

import pytest

from offhook.domain.calls import Reason
from offhook.engine.call.effects import No
from offhook.engine.call.refusals import REFUSED_AS, REJECTED_AS
from offhook.language import RejectKind


def test_the_tables_are_total() -> None:
    assert set(REFUSED_AS) == set(Reason)
    assert set(REJECTED_AS) == set(RejectKind)


@pytest.mark.parametrize(
    ("reason", "no"),
    [
        (Reason.UNKNOWN_NUMBER, No.NOT_FOUND),
        (Reason.NOT_SUBSCRIBED, No.NOT_FOUND),
        (Reason.NO_CREDIT, No.UNAVAILABLE),
        (Reason.CHAIN_EXHAUSTED, No.UNAVAILABLE),
        (Reason.TOO_MANY_CALLS, No.BUSY),
        (Reason.NO_COMMON_CODEC, No.NOT_ACCEPTABLE),
        (Reason.OVERLOAD, No.OVERLOADED),
        (Reason.DRAINING, No.OVERLOADED),
    ],
)
def test_the_designs_table(reason: Reason, no: No) -> None:
    assert REFUSED_AS[reason] is no


def test_only_overload_and_draining_sound_like_a_dead_gateway() -> None:
    assert {reason for reason, no in REFUSED_AS.items() if no is No.OVERLOADED} == {Reason.OVERLOAD, Reason.DRAINING}


def test_a_script_rejects_as_it_says() -> None:
    assert REJECTED_AS == {
        RejectKind.BUSY: No.BUSY,
        RejectKind.DECLINED: No.DECLINED,
        RejectKind.UNAVAILABLE: No.UNAVAILABLE,
    }
