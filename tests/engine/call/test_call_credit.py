"""Minutes are paid before they begin, and a call ends within the last that is paid."""

from dataclasses import replace
from datetime import timedelta

from call_machine import ARRIVAL, PAID, Machine, deeds
from offhook.domain.calls import Reason, Status
from offhook.engine.call.effects import (
    ExtendHold,
    HangUp,
    No,
    Play,
    Refuse,
)
from offhook.engine.call.inputs import (
    CallerLeft,
    Extended,
    MediaOpened,
    NotPrepared,
)
from offhook.engine.call.limits import CREDIT_ENDED, Limits
from offhook.language import Say

CREDIT_ENDED_EN = Say("en", CREDIT_ENDED["en"])
LEFT = CallerLeft("the caller hung up")
PATIENT = Limits(chain_s=1000.0, ring_again_s=1000.0)


CHARGED_AT_ONCE = replace(PAID, is_charged=True)


def test_minutes_that_count_from_the_question_are_paid_while_it_rings() -> None:
    call = Machine(CHARGED_AT_ONCE, PATIENT).admit()
    assert [at for at, effect in call.wait(59) if isinstance(effect, ExtendHold)] == [55.0]
    call.tell(Extended(1, True))
    assert call.wait(30) == []


def test_a_caller_who_waits_longer_than_is_paid_for_is_refused() -> None:
    call = Machine(CHARGED_AT_ONCE, PATIENT).admit()
    call.wait(55)
    assert deeds(call.tell(Extended(1, False))) == []
    call.wait(6)
    assert call.all(Refuse) == [Refuse(No.UNAVAILABLE)]
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, Reason.CREDIT_ENDED)
    assert call.ending.ended_at == ARRIVAL.at + timedelta(seconds=60)


def test_minutes_that_count_from_the_question_do_not_begin_again_with_the_answer() -> None:
    call = Machine(CHARGED_AT_ONCE, PATIENT).admit()
    call.wait(10)
    call.say(b"pause 60")
    call.tell(MediaOpened())
    assert [at for at, effect in call.wait(49) if isinstance(effect, ExtendHold)] == [45.0]


def test_minutes_that_are_held_already_are_not_asked_for() -> None:
    call = Machine(replace(PAID, held_minutes=3)).answered()
    assert [at for at, effect in call.wait(179) if isinstance(effect, ExtendHold)] == [175.0]


def test_a_call_that_costs_nothing_asks_for_no_minute() -> None:
    call = Machine().answered()
    assert call.wait(3000) == []


def test_a_pause_is_cut_short_by_the_end_of_credit() -> None:
    call = Machine(PAID).admit()
    call.say(b'pause 60\nsay en "Never"')
    call.tell(MediaOpened())
    call.wait(55)
    call.tell(Extended(1, False))
    call.make_ready(-1)
    call.finish()
    call.wait(1)
    assert call.all(Play) == [Play("2:0", 1)]
    assert call.ending.reason == Reason.CREDIT_ENDED


def test_an_announcement_that_is_too_long_is_cut_at_the_minute() -> None:
    call = Machine(PAID).answered()
    call.wait(55)
    call.tell(Extended(1, False))
    call.make_ready()
    call.wait(10)
    assert (call.ending.seconds, call.ending.reason) == (60.0, Reason.CREDIT_ENDED)


def test_an_announcement_that_cannot_be_made_ends_the_call() -> None:
    call = Machine(PAID).answered()
    call.tell(Extended(1, False))
    assert HangUp() in call.tell(NotPrepared("2:0", "language-not-installed", "no"))
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, Reason.CREDIT_ENDED)


def test_a_late_timer_begins_no_minute_that_was_not_held() -> None:
    call = Machine(PAID).answered()
    call.wait(55)
    call.oversleep(5.02)
    assert call.ending.seconds == 60.0
    assert call.ending.ended_at == ARRIVAL.at + timedelta(seconds=60)


def test_last_words_are_not_interrupted_by_the_end_of_credit() -> None:
    call = Machine(PAID).admit()
    call.fail("connect-failed")
    call.tell(MediaOpened())
    call.make_ready()
    assert deeds(call.tell(Extended(1, False))) == []
    call.finish()
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, "connect-failed")


def test_a_minute_that_is_granted_after_the_end_changes_nothing() -> None:
    call = Machine(PAID).answered()
    call.wait(61)
    assert call.tell(Extended(1, True), Extended(1, False)) == []
