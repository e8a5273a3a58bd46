"""Transfers: the caller unanswered or not, and everything that can come between."""

from dataclasses import replace

import pytest

from call_machine import (
    ARRIVAL,
    FRIEND,
    PAID,
    ROUTES,
    TRANSFER,
    Machine,
    deeds,
)
from offhook.domain.calls import Reason, Status
from offhook.domain.routes import Unroutable
from offhook.engine.call import Limits, State
from offhook.engine.call.effects import (
    AnswerCall,
    Dial,
    ExtendHold,
    FindRoutes,
    GiveBack,
    HangUp,
    HangUpCallee,
    Join,
    No,
    NoteAnswer,
    NoteCalleeAnswer,
    NoteCalleeRings,
    OpenMedia,
    PassEarlyMedia,
    Play,
    PlayRinging,
    Prepare,
    Record,
    Refuse,
    Ring,
    StopRinging,
)
from offhook.engine.call.inputs import (
    CalleeAnswered,
    CalleeDeclined,
    CalleeLeft,
    CalleeLost,
    CalleeProgressed,
    CallerLeft,
    Extended,
    MediaOpened,
    NotPrepared,
    Played,
    Prepared,
    Routed,
)
from offhook.language import Say

SORRY = TRANSFER + b'\nsay en "Sorry"'
WAIT = b'say en "Please wait"\n' + TRANSFER
PAID_ROUTES = replace(ROUTES, minute_cost=30_000)
RING = Dial(1, FRIEND, ROUTES.ways[0], PAID.recipient)


def waiting(text: bytes = WAIT) -> Machine:
    """Return a call whose answered caller waits for a callee that is being rung."""
    call = Machine().answered(text)
    call.finish()
    call.tell(Routed(2, ROUTES), CalleeProgressed(1, 180, has_media=False))
    return call


def test_the_caller_is_not_answered_before_the_callee() -> None:
    call = Machine().admit()
    assert deeds(call.say(TRANSFER)) == [OpenMedia(), FindRoutes(2, FRIEND)]
    assert call.is_in(State.CALLING)
    assert deeds(call.tell(Routed(2, ROUTES))) == []
    assert deeds(call.tell(MediaOpened())) == [RING]
    assert deeds(call.tell(CalleeProgressed(1, 180, has_media=False))) == [NoteCalleeRings(2, 1)]
    assert deeds(call.tell(CalleeAnswered(1))) == [NoteCalleeAnswer(2, 1), AnswerCall(), NoteAnswer(), Join(1)]
    assert call.is_in(State.JOINED)
    assert call.noted("transfer-answered").data == {"transfer_status": "answered"}


def test_routes_may_come_after_the_callers_media() -> None:
    call = Machine().admit()
    call.say(TRANSFER)
    call.tell(MediaOpened())
    assert deeds(call.tell(Routed(2, ROUTES))) == [RING]


def test_a_caller_is_told_that_it_rings_while_the_callee_is_called() -> None:
    call = Machine().calling(TRANSFER + b" ring=120")
    assert (60.0, Ring()) in call.wait(100)


def test_early_media_of_the_callee_is_passed_back() -> None:
    call = Machine().calling()
    assert deeds(call.tell(CalleeProgressed(1, 183, has_media=True))) == [PassEarlyMedia(1)]
    assert call.is_in(State.CALLING)


@pytest.mark.parametrize(
    ("status", "no", "reason", "word"),
    [
        (486, No.BUSY, Reason.CALLEE_BUSY, "busy"),
        (480, No.UNAVAILABLE, Reason.CALLEE_NO_ANSWER, "no-answer"),
        (404, No.UNAVAILABLE, Reason.CALLEE_FAILED, "failed"),
        (603, No.DECLINED, Reason.CALLEE_REFUSED, "refused"),
    ],
)
def test_a_caller_who_was_never_answered_gets_the_callees_code(status: int, no: No, reason: Reason, word: str) -> None:
    call = Machine().calling()
    effects = deeds(call.decline(status))
    assert effects[:2] == [HangUpCallee(1), Refuse(no)]
    assert isinstance(effects[2], Record)
    assert (call.ending.status, call.ending.reason, call.ending.legs) == (Status.FAILED, reason, ())
    failed = call.noted("transfer-failed")
    assert (failed.code, failed.data) == (reason, {"transfer_status": word, "sip_code": status})


def test_a_callee_that_does_not_answer_is_cancelled_after_its_ring() -> None:
    call = Machine().calling(TRANSFER + b" ring=10")
    (after, *_), *_ = [(after, effect) for after, effect in call.wait(60) if effect == HangUpCallee(1)]
    assert after == 10.0
    assert call.all(Refuse) == [Refuse(No.UNAVAILABLE)]
    assert call.ending.reason == Reason.CALLEE_NO_ANSWER


def test_the_second_route_is_taken_after_the_first_ones_silence() -> None:
    call = Machine().admit()
    call.say(TRANSFER)
    call.tell(MediaOpened(), Routed(2, ROUTES))
    assert [type(effect) for _, effect in call.wait(5.0) if deeds([effect])] == [HangUpCallee, Dial]
    call.tell(CalleeAnswered(2))
    assert call.is_in(State.JOINED)
    assert call.noted("route-failed").code == Reason.CALLEE_FAILED


@pytest.mark.parametrize(("reason", "word"), [(Reason.DESTINATION_REFUSED, "refused"), (Reason.NO_ROUTE, "failed")])
def test_a_callee_that_may_not_be_called_is_not(reason: Reason, word: str) -> None:
    call = Machine().admit()
    call.say(TRANSFER)
    effects = deeds(call.tell(Routed(2, Unroutable(reason, "no"))))
    assert effects[0] == Refuse(No.UNAVAILABLE)
    assert (call.ending.reason, call.noted("transfer-failed").data["transfer_status"]) == (reason, word)
    assert call.all(Dial) == []


def test_the_next_line_runs_when_nobody_answered_and_its_sound_is_ready_by_then() -> None:
    call = Machine().calling(SORRY)
    assert call.all(Prepare) == [Prepare("1:1", Say("en", "Sorry"))]
    assert deeds(call.tell(Prepared("1:1", 1000))) == []
    assert deeds(call.decline(486)) == [HangUpCallee(1), GiveBack(2), AnswerCall(), NoteAnswer(), Play("1:1", 1)]
    assert call.is_in(State.ACTING)


def test_the_next_lines_sound_is_waited_for_unanswered() -> None:
    call = Machine().calling(SORRY)
    call.decline(486)
    assert call.is_in(State.PREPARING)
    assert deeds(call.make_ready()) == [AnswerCall(), NoteAnswer(), Play("1:1", 1)]


def test_a_next_line_whose_sound_failed_meanwhile_goes_on_in_the_chain() -> None:
    call = Machine(replace(PAID, default_action="pause 1")).calling(SORRY)
    assert deeds(call.tell(NotPrepared("1:1", "sound-not-found", "it is gone"))) == []
    call.decline(486)
    assert call.noted("sound-failed").code == "sound-not-found"
    assert "pause" in call.kinds


def test_a_second_transfer_is_tried_after_the_first() -> None:
    call = Machine().calling(TRANSFER + b"\ntransfer 81312345679")
    assert deeds(call.decline(486)) == [HangUpCallee(1), GiveBack(2), FindRoutes(3, "81312345679")]
    assert deeds(call.tell(Routed(3, ROUTES))) == [Dial(2, "81312345679", ROUTES.ways[0], PAID.recipient)]
    call.tell(CalleeAnswered(2))
    assert call.is_in(State.JOINED)


def test_a_hangup_behind_a_transfer_is_told_as_one() -> None:
    call = Machine().calling(TRANSFER + b"\nhangup")
    assert Refuse(No.UNAVAILABLE) in deeds(call.decline(486))
    assert call.ending.status is Status.REJECTED


def test_the_lines_behind_a_transfer_that_was_answered_never_run() -> None:
    call = Machine().joined(SORRY)
    call.tell(Prepared("1:1", 1000), CalleeLeft(1, "the callee hung up"))
    assert call.all(Play) == []
    assert call.is_in(State.ENDING)


def test_an_answered_caller_hears_ringing_while_the_callee_is_called() -> None:
    call = Machine().answered(WAIT)
    assert deeds(call.finish()) == [PlayRinging(), FindRoutes(2, FRIEND)]
    assert deeds(call.tell(Routed(2, ROUTES))) == [RING]
    assert deeds(call.tell(CalleeProgressed(1, 183, has_media=True))) == [NoteCalleeRings(2, 1), Join(1)]
    assert deeds(call.tell(CalleeAnswered(1))) == [NoteCalleeAnswer(2, 1), Join(1)]
    assert call.is_in(State.JOINED)


def test_an_answered_caller_whose_callee_is_busy_hears_the_next_line() -> None:
    call = waiting(WAIT + b"\npause 2")
    assert deeds(call.decline(486)) == [HangUpCallee(1), GiveBack(2), StopRinging()]
    assert "pause" in call.kinds
    assert call.is_in(State.ACTING)


def test_an_answered_caller_whose_callee_is_busy_is_hung_up_on_when_nothing_is_left() -> None:
    call = waiting()
    assert deeds(call.decline(486)) == [HangUpCallee(1), StopRinging()]
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, Reason.CALLEE_BUSY)
    assert call.all(HangUp) == [HangUp()]


def test_the_callers_hang_up_cancels_the_ringing_callee() -> None:
    call = Machine().calling()
    effects = deeds(call.tell(CallerLeft("the caller gave up before the answer")))
    assert effects[0] == HangUpCallee(1)
    assert (call.ending.status, call.ending.legs) == (Status.CANCELED, ())
    assert call.tell(CalleeAnswered(1)) == []


def test_a_callee_may_be_lost_before_it_answers() -> None:
    call = Machine().calling()
    assert Refuse(No.OVERLOADED) in deeds(call.tell(CalleeLost(1, Reason.OVERLOAD, "no port is free")))


@pytest.mark.parametrize("end", [CallerLeft("the caller hung up"), CalleeLeft(1, "the callee hung up")])
def test_either_sides_hang_up_ends_the_call(end: CallerLeft | CalleeLeft) -> None:
    call = Machine(PAID).joined(routes=PAID_ROUTES)
    call.wait(12.5)
    effects = deeds(call.tell(end))
    hung_up = [HangUp(), HangUpCallee(1)] if isinstance(end, CalleeLeft) else [HangUpCallee(1)]
    assert effects[:-1] == hung_up
    ending = call.ending
    assert (ending.status, ending.reason, ending.seconds) == (Status.COMPLETED, None, 12.5)
    assert [(use.leg, use.seconds) for use in ending.legs] == [(2, 12.5)]


def test_a_hang_up_of_a_callee_who_is_not_talking_changes_nothing() -> None:
    call = Machine().calling()
    assert call.tell(CalleeLeft(1, "the callee hung up")) == []
    assert call.is_in(State.CALLING)


def test_a_joined_call_ends_when_its_line_says_so() -> None:
    call = Machine().joined(TRANSFER + b" max=30")
    ended = [after for after, effect in call.wait(60) if isinstance(effect, Record)]
    assert ended == [30.0]
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, None)


def test_both_legs_pay_for_their_own_minutes() -> None:
    call = Machine(PAID).joined(routes=PAID_ROUTES)
    assert [effect for _, effect in call.wait(55)] == [ExtendHold(1, 2), ExtendHold(2, 2)]
    call.tell(Extended(1, True), Extended(2, True))
    assert [effect for _, effect in call.wait(60)] == [ExtendHold(1, 3), ExtendHold(2, 3)]


def test_without_credit_for_the_callees_minute_the_two_are_parted_and_the_caller_is_told() -> None:
    call = Machine(PAID).joined(routes=PAID_ROUTES)
    call.wait(55)
    effects = deeds(call.tell(Extended(1, True), Extended(2, False)))
    assert effects[0] == HangUpCallee(1)
    assert isinstance(effects[1], Prepare)
    assert call.is_in(State.ACTING)
    call.make_ready()
    call.finish()
    call.wait(1)
    assert (call.ending.reason, [use.seconds for use in call.ending.legs]) == (Reason.CREDIT_ENDED, [55.0])


def test_a_callees_minute_that_nobody_paid_for_ends_the_call_with_it() -> None:
    call = Machine().joined(routes=PAID_ROUTES)
    call.oversleep(60.4)
    assert [use.seconds for use in call.ending.legs] == [60.0]
    assert call.ending.reason == Reason.CREDIT_ENDED


def test_a_granted_minute_of_a_callee_that_is_gone_changes_nothing() -> None:
    call = waiting(WAIT + b"\npause 60")
    call.decline(486)
    assert call.tell(Extended(2, False), Extended(2, True)) == []


def test_the_end_of_credit_while_it_rings_cancels_the_callee() -> None:
    call = Machine(PAID).answered(WAIT)
    call.finish()
    call.tell(Routed(2, ROUTES))
    assert HangUpCallee(1) in deeds(call.tell(Extended(1, False)))
    assert call.tell(CalleeAnswered(1)) == []
    assert call.is_in(State.ACTING)


def test_a_joined_call_ends_when_it_is_too_long() -> None:
    call = Machine(limits=Limits(call_s=100.0)).joined()
    call.wait(100)
    assert call.ending.reason == Reason.TOO_LONG


def test_a_sound_that_ends_after_the_two_were_joined_changes_nothing() -> None:
    call = waiting()
    call.tell(CalleeAnswered(1))
    assert call.tell(Played("1:0")) == []
    assert call.is_in(State.JOINED)


def test_a_callee_that_declines_twice_is_heard_once() -> None:
    call = Machine().calling(SORRY)
    call.decline(486)
    assert call.tell(CalleeDeclined(1, 486, "Busy Here")) == []


def test_the_callers_number_stands_in_the_timeline_as_it_is_shown() -> None:
    call = Machine().calling(TRANSFER + b" from=caller")
    assert call.noted("warning").code == "caller-not-shown"
    call.decline(500)
    assert call.all(Dial)[-1].shown == ARRIVAL.caller.number
