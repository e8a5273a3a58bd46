"""Several callees ring together, and callees who confirm that they take the call."""

from dataclasses import replace

import pytest

from call_machine import CHAIN, FRIEND, ROUTES, Machine, deeds
from offhook.domain.calls import Reason, Status
from offhook.domain.routes import Unroutable
from offhook.engine.call import State
from offhook.engine.call.effects import (
    AnswerCall,
    Ask,
    AskToConfirm,
    Dial,
    ExtendHold,
    FindRoutes,
    GiveBack,
    HangUpCallee,
    Join,
    NoteCalleeAnswer,
    PassEarlyMedia,
)
from offhook.engine.call.inputs import (
    CalleeAnswered,
    CalleeDeclined,
    CalleeLeft,
    CalleePressed,
    CalleeProgressed,
    CallerLeft,
    MediaOpened,
    Routed,
)

OTHER = "81312345679"
BOTH = f"transfer {FRIEND},{OTHER} ring=20".encode()
CONFIRM = f"transfer {FRIEND} confirm=1".encode()
PAID = replace(ROUTES, minute_cost=30_000)


def ringing(text: bytes = BOTH) -> Machine:
    """Come as far as all callees' ringing, the caller unanswered."""
    call = Machine(CHAIN).admit()
    call.say(text)
    call.tell(MediaOpened(), *(Routed(find.leg, PAID) for find in call.all(FindRoutes)))
    call.tell(*(CalleeProgressed(dial.dial, 180, has_media=False) for dial in call.all(Dial)))
    return call


def asked() -> Machine:
    """Come as far as a callee who answered and is to press a key."""
    call = ringing(CONFIRM)
    call.tell(CalleeAnswered(1))
    return call


def test_all_are_called_together_each_by_its_own_routes() -> None:
    call = ringing()
    assert [(find.leg, find.number) for find in call.all(FindRoutes)] == [(2, FRIEND), (3, OTHER)]
    assert [(dial.dial, dial.number) for dial in call.all(Dial)] == [(1, FRIEND), (2, OTHER)]


def test_a_number_that_is_named_twice_is_called_once() -> None:
    assert len(ringing(f"transfer {FRIEND},{FRIEND}".encode()).all(Dial)) == 1


def test_the_first_who_answers_talks_and_the_others_ring_no_more() -> None:
    call = ringing()
    found = deeds(call.tell(CalleeAnswered(2)))
    assert found[0] == NoteCalleeAnswer(3, 2)
    assert {type(one) for one in found} >= {AnswerCall, HangUpCallee, GiveBack}
    assert HangUpCallee(1) in found
    assert GiveBack(2) in found
    assert found[-1] == Join(2)
    assert not deeds(call.tell(CalleeAnswered(1))), "it is too late"
    call.wait(12)
    call.tell(CalleeLeft(2, "the callee hung up"))
    assert [(use.leg, use.seconds) for use in call.ending.legs] == [(3, 12.0)]


def test_what_one_of_several_sends_before_its_answer_is_not_passed_back() -> None:
    call = ringing()
    call.tell(CalleeProgressed(1, 183, has_media=True))
    assert call.all(PassEarlyMedia) == []


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (480, 486, Reason.CALLEE_BUSY),
        (486, 480, Reason.CALLEE_BUSY),
        (404, 480, Reason.CALLEE_NO_ANSWER),
        (403, 480, Reason.CALLEE_REFUSED),
    ],
)
def test_the_caller_is_told_of_whoever_says_most_once_nobody_is_left(first: int, second: int, reason: Reason) -> None:
    call = ringing()
    call.tell(CalleeDeclined(1, first, "No"))
    assert call.is_in(State.CALLING)
    call.tell(CalleeDeclined(2, second, "No"))
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, reason)


def test_one_that_cannot_be_routed_does_not_keep_the_other_from_ringing() -> None:
    call = Machine(CHAIN).admit()
    call.say(BOTH)
    call.tell(MediaOpened(), Routed(2, Unroutable(Reason.NO_ROUTE, "no trunk")), Routed(3, ROUTES))
    assert [dial.number for dial in call.all(Dial)] == [OTHER]
    call.tell(CalleeAnswered(1))
    assert call.is_in(State.JOINED)


def test_all_ring_for_as_long_as_the_line_wants() -> None:
    call = ringing()
    call.wait(19.9)
    assert call.is_in(State.CALLING)
    call.wait(0.1)
    assert call.ending.reason == Reason.CALLEE_NO_ANSWER
    assert [hung.dial for hung in call.all(HangUpCallee)] == [1, 2]


def test_a_silent_gateway_concerns_its_own_callee_alone() -> None:
    call = Machine(CHAIN).admit()
    call.say(BOTH)
    call.tell(MediaOpened(), Routed(2, ROUTES), Routed(3, ROUTES), CalleeProgressed(2, 180, has_media=False))
    call.wait(5)
    assert [(dial.dial, dial.number, dial.route.trunk) for dial in call.all(Dial)][2:] == [(3, FRIEND, "other")]


def test_whoever_hangs_up_ends_the_ringing_of_all() -> None:
    call = ringing()
    call.tell(CallerLeft("the caller hung up"))
    assert [hung.dial for hung in call.all(HangUpCallee)] == [1, 2]


def test_a_callee_is_asked_and_the_caller_goes_on_hearing_ringing() -> None:
    call = asked()
    assert call.is_in(State.CALLING)
    (words,) = call.all(AskToConfirm)
    assert "press one" in words.words.text
    assert (call.all(AnswerCall), call.all(Join)) == ([], [])


def test_the_key_takes_the_call() -> None:
    call = asked()
    assert not deeds(call.tell(CalleePressed(1, "2")))
    assert Join(1) in call.tell(CalleePressed(1, "1"))
    assert call.is_in(State.JOINED)
    assert not deeds(call.tell(CalleePressed(1, "1")))


@pytest.mark.parametrize("how", ["waits", "hangs up"])
def test_who_does_not_take_the_call_has_answered_and_is_paid_for(how: str) -> None:
    call = asked()
    if how == "waits":
        call.wait(15)
    else:
        call.wait(3)
        call.tell(CalleeLeft(1, "the callee hung up"))
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, Reason.CALLEE_NO_ANSWER)
    assert [(use.leg, use.seconds) for use in call.ending.legs] == [(2, 15.0 if how == "waits" else 3.0)]
    assert call.all(HangUpCallee) == [HangUpCallee(1)]


def test_of_several_who_are_asked_the_first_key_wins() -> None:
    call = ringing(f"transfer {FRIEND},{OTHER} confirm=1 next=self".encode())
    call.tell(CalleeAnswered(1), CalleeAnswered(2))
    assert [one.dial for one in call.all(AskToConfirm)] == [1, 2]
    call.wait(2)
    found = deeds(call.tell(CalleePressed(2, "1")))
    assert HangUpCallee(1) in found
    assert Join(2) in found
    call.wait(5)
    call.tell(CalleeLeft(2, "the callee hung up"))
    assert dict(call.all(Ask)[-1].question.parameters)["duration"] == "7"
    call.tell(CallerLeft("the caller hung up"))
    assert [(use.leg, use.seconds) for use in call.ending.legs] == [(2, 2.0), (3, 7.0)]


def test_only_whoever_talks_is_paid_for_on() -> None:
    call = ringing()
    call.tell(CalleeAnswered(2))
    call.wait(58)
    assert [hold.leg for hold in call.all(ExtendHold)] == [3]
