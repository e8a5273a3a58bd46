"""What a callee's last word means, and what the caller hears of it."""

import pytest

from offhook.domain.calls import Reason
from offhook.engine.call.effects import No
from offhook.engine.call.unreached import Unreached, declined


@pytest.mark.parametrize(
    ("status", "reason", "word", "no"),
    [
        (302, Reason.CALLEE_REDIRECTED, "refused", No.UNAVAILABLE),
        (403, Reason.CALLEE_REFUSED, "refused", No.UNAVAILABLE),
        (404, Reason.CALLEE_FAILED, "failed", No.UNAVAILABLE),
        (408, Reason.CALLEE_NO_ANSWER, "no-answer", No.UNAVAILABLE),
        (480, Reason.CALLEE_NO_ANSWER, "no-answer", No.UNAVAILABLE),
        (486, Reason.CALLEE_BUSY, "busy", No.BUSY),
        (499, Reason.CALLEE_FAILED, "failed", No.UNAVAILABLE),
        (500, Reason.CALLEE_FAILED, "failed", No.UNAVAILABLE),
        (503, Reason.CALLEE_FAILED, "failed", No.UNAVAILABLE),
        (600, Reason.CALLEE_BUSY, "busy", No.DECLINED),
        (603, Reason.CALLEE_REFUSED, "refused", No.DECLINED),
        (604, Reason.CALLEE_FAILED, "failed", No.DECLINED),
    ],
)
def test_every_class_of_responses_has_its_words(status: int, reason: Reason, word: str, no: No) -> None:
    why = declined(status, "Whatever")
    assert (why.reason, why.word, why.told_as, why.sip_code) == (reason, word, no, status)
    assert why.text.endswith(f"({status} Whatever)")


def test_a_response_without_a_phrase_is_told_by_its_number() -> None:
    assert declined(486, "").text == "it is busy (486)"


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (Reason.DESTINATION_REFUSED, "refused"),
        (Reason.NO_CREDIT, "refused"),
        (Reason.SPENT_FOR_TODAY, "refused"),
        (Reason.NO_ROUTE, "failed"),
        (Reason.CALLEE_NO_ANSWER, "no-answer"),
    ],
)
def test_a_callee_that_said_nothing_is_unavailable(reason: Reason, word: str) -> None:
    why = Unreached(reason, "why")
    assert (why.word, why.told_as, why.sip_code) == (word, No.UNAVAILABLE, None)
