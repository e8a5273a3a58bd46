"""What a callee's last word means, and what the caller hears of it."""

import pytest

from offhook.domain.calls import Reason
from offhook.engine.call.effects import No
from offhook.engine.call.unreached import Unreached, declined, failed


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


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "does not understand"), (401, "who we are"), (402, "paid"), (405, "takes no calls"), (407, "who we are"),
        (415, "kind of offer"), (420, "lacks an extension"), (421, "that we lack"), (428, "signed"), (433, "anonymous"),
        (481, "lost the call"), (482, "circle"), (483, "hops"), (485, "several phones"), (491, "another request"),
        (500, "error of its own"), (501, "cannot place calls"), (502, "no usable answer"), (504, "in time"),
        (513, "too large"), (607, "does not want calls"), (608, "filter"),
    ],
)  # fmt: skip
def test_what_carriers_say_is_told_in_plain_words(status: int, text: str) -> None:
    assert text in declined(status, "Told").text


@pytest.mark.parametrize(
    ("status", "text", "sip_code"),
    [
        (503, "there is no connection", None),
        (408, "there is no connection", None),
        (401, "its gateway wants to know who we are (401): there is no connection", 401),
        (502, "its answer cannot be used: there is no connection", 502),
    ],
)
def test_what_we_found_out_ourselves_is_not_told_as_the_gateways_word(
    status: int, text: str, sip_code: int | None
) -> None:
    why = failed(status, "there is no connection")
    assert (why.text, why.sip_code) == (text, sip_code)
    assert why.reason is declined(status, "").reason
