from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.calls import Call, Caller, Ending, Reason, Status
from offhook.domain.settlement import OUR_FAULTS, callers_minutes
from offhook.domain.terms import TERMS

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CALL = Call(
    call_id="c",
    account_id=1,
    api_user="Shop",
    trunk="carrier",
    source="192.0.2.1:5060",
    direction="inbound",
    caller=Caller("819012345678", "819012345678"),
    recipient="815012345678",
    action_url=None,
    status=Status.RINGING,
    reason=None,
    started_at=AT,
    answered_at=None,
    ended_at=None,
    duration_s=0,
    minute_cost=1,
    held_minutes=2,
    cost=0,
    node="node-1",
)
UNANSWERED = Ending("c", Status.CANCELED, None, AT + timedelta(seconds=50), None, 0.0)
ANSWERED = Ending("c", Status.COMPLETED, None, AT + timedelta(seconds=75), AT + timedelta(seconds=20), 55.0)
DEARER = replace(TERMS, unanswered_minutes=1)


def test_minutes_count_from_the_answer() -> None:
    assert callers_minutes(CALL, ANSWERED, TERMS) == 1


def test_minutes_that_count_from_the_question_include_the_ringing() -> None:
    assert callers_minutes(replace(CALL, charged_from=AT), ANSWERED, TERMS) == 2


def test_an_unanswered_call_is_free_unless_the_terms_say_otherwise() -> None:
    assert callers_minutes(CALL, UNANSWERED, TERMS) == 0
    assert callers_minutes(CALL, UNANSWERED, DEARER) == 1


def test_an_unanswered_call_costs_no_more_than_it_holds() -> None:
    assert callers_minutes(CALL, UNANSWERED, replace(TERMS, unanswered_minutes=9)) == 2


@pytest.mark.parametrize("status", [Status.REJECTED, Status.REFUSED])
def test_a_rejected_call_is_always_free(status: Status) -> None:
    assert callers_minutes(CALL, replace(UNANSWERED, status=status), DEARER) == 0


@pytest.mark.parametrize("reason", sorted(OUR_FAULTS))
def test_nobody_pays_for_our_faults(reason: Reason) -> None:
    assert callers_minutes(CALL, replace(UNANSWERED, status=Status.FAILED, reason=reason), DEARER) == 0
    assert callers_minutes(CALL, replace(UNANSWERED, status=Status.FAILED, reason=reason.value), DEARER) == 0


def test_a_callee_that_did_not_answer_is_the_customers_affair() -> None:
    failed = replace(UNANSWERED, status=Status.FAILED, reason=Reason.CALLEE_BUSY)
    assert callers_minutes(CALL, failed, DEARER) == 1
