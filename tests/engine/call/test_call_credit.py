"""Minutes are paid before they begin, and a call ends within the last that is paid."""

from dataclasses import replace
from datetime import timedelta

from call_machine import ARRIVAL, PAID, Machine, deeds
from offhook.domain.calls import Reason, Status
from offhook.engine.call.effects import (
    ExtendHold,
    HangUp,
    Play,
)
from offhook.engine.call.inputs import (
    CallerLeft,
    Extended,
    MediaOpened,
    NotPrepared,
)
from offhook.engine.call.limits import CREDIT_ENDED
from offhook.language import Say

CREDIT_ENDED_EN = Say("en", CREDIT_ENDED["en"])
LEFT = CallerLeft("the caller hung up")


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
