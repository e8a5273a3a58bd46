"""What a caller hears when action servers and sounds fail, down to nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from call_machine import ARRIVAL, CHAIN, FREE, HELLO, PAID, Machine, deeds
from offhook.domain.calls import Status
from offhook.domain.hosted_rules.decision import Decision, Rule
from offhook.domain.questions import Answer, Failure
from offhook.engine.call import State
from offhook.engine.call.effects import (
    AnswerCall,
    Ask,
    No,
    OpenMedia,
    Play,
    Prepare,
    Refuse,
)
from offhook.engine.call.inputs import (
    CallerLeft,
    Extended,
    MediaOpened,
    NotPrepared,
    Played,
    Prepared,
    Told,
)
from offhook.engine.call.limits import SORRY
from offhook.language import Say

SORRY_EN = Say("en", SORRY["en"])
LEFT = CallerLeft("the caller hung up")


def test_the_announcement_is_played_answered_and_recorded_as_a_failure() -> None:
    call = Machine().admit()
    assert deeds(call.fail("connect-failed")) == [OpenMedia(), Prepare("1:0", SORRY_EN)]
    call.tell(MediaOpened())
    call.make_ready()
    call.finish()
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, "connect-failed")


def test_the_announcement_is_spoken_in_the_subscriptions_language() -> None:
    call = Machine(replace(FREE, language="de")).admit()
    call.fail()
    assert call.all(Prepare) == [Prepare("1:0", Say("de", SORRY["de"]))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"playbak https://a.example/x.mp3", "unknown-verb"),
        (b"stream wss://a.example/", "not-available-yet"),
        (b"", "empty-answer"),
    ],
)
def test_a_wrong_text_is_drawn_in_the_timeline_and_the_chain_goes_on(text: bytes, code: str) -> None:
    call = Machine(CHAIN).admit()
    [ask] = deeds(call.say(text))
    assert isinstance(ask, Ask)
    assert dict(ask.question.parameters)["reason"] == code
    failed = call.noted("action-failed")
    assert failed.code == code
    assert set(failed.data) == {"line", "column", "drawn", "body"}
    assert failed.data["body"] == text.decode()


def test_a_default_action_may_reject() -> None:
    call = Machine(replace(CHAIN, default_action="reject declined")).admit()
    call.fail()
    call.fail()
    assert call.all(Refuse) == [Refuse(No.DECLINED)]
    assert call.ending.status is Status.REJECTED


def test_a_sound_that_comes_after_its_time_changes_nothing() -> None:
    call = Machine(CHAIN).admit()
    call.say(HELLO)
    call.wait(6)
    assert call.tell(Prepared("1:0", 1000), NotPrepared("1:0", "sound-timeout", "late"), MediaOpened()) == []
    assert call.is_in(State.ASKING)


def test_media_is_opened_once_for_all_scripts() -> None:
    call = Machine(CHAIN).admit()
    call.say(HELLO)
    call.tell(MediaOpened())
    call.wait(6)
    call.say(HELLO)
    assert call.all(OpenMedia) == [OpenMedia()]
    assert AnswerCall() in call.make_ready()


def test_the_chain_has_eighteen_seconds_for_its_urls() -> None:
    call = Machine(CHAIN).admit()
    call.wait(8)
    call.fail("timeout")
    late = call.all(Ask)[-1].serial
    assert deeds([effect for _, effect in call.wait(9.9)]) == []
    assert deeds([effect for _, effect in call.wait(0.1)]) == [OpenMedia(), Prepare("1:0", Say("en", "Later"))]
    assert call.noted("action-failed").code == "timeout"
    assert call.noted("action-failed").at_ms == 18_000.0
    assert call.tell(Told(late, Answer(b"reject", ()))) == []


def test_a_script_that_is_being_prepared_when_the_time_is_over_goes_on() -> None:
    call = Machine(CHAIN).admit()
    call.wait(17)
    call.say(HELLO)
    call.tell(MediaOpened())
    assert deeds([effect for _, effect in call.wait(2)]) == []
    assert call.is_in(State.PREPARING)
    call.make_ready()
    assert call.is_in(State.ACTING)


def test_a_sound_that_fails_when_the_time_is_over_asks_nobody_any_more() -> None:
    call = Machine(CHAIN).admit()
    call.wait(17)
    call.say(HELLO)
    call.wait(5)
    assert len(call.all(Ask)) == 1
    assert call.all(Prepare)[-1] == Prepare("2:0", Say("en", "Later"))


def test_a_caller_waits_no_longer_than_the_chain_and_its_last_sounds() -> None:
    call = Machine(CHAIN).admit()
    call.wait(18 + 5 + 5)
    assert call.all(Refuse) == [Refuse(No.UNAVAILABLE)]
    assert call.ending.ended_at == ARRIVAL.at + timedelta(seconds=28)


def test_answers_to_questions_that_were_given_up_change_nothing() -> None:
    call = Machine(CHAIN).admit()
    first = call.all(Ask)[-1].serial
    call.fail()
    assert call.tell(Told(first, Answer(b"reject", ())), Told(first, Failure("timeout", "late"))) == []
    assert call.is_in(State.ASKING)


# Sounds that fail after the answer.


def test_a_later_sound_fails_only_when_its_line_is_reached_and_the_call_ends_politely() -> None:
    call = Machine(CHAIN).answered(HELLO + b"\nplayback https://a.example/gone.mp3\nsay en 'x'".replace(b"'", b'"'))
    assert call.tell(NotPrepared("1:1", "sound-not-found", "it is gone")) == []
    assert deeds(call.finish()) == [Prepare("1:2", Say("en", "x")), Prepare("2:0", SORRY_EN)]
    assert call.is_in(State.ACTING)
    assert len(call.all(Ask)) == 1, "nobody is asked once the caller is answered"
    assert deeds(call.make_ready()) == [Play("2:0", 1)]
    call.finish()
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, "sound-not-found")


def test_the_sounds_end_of_a_replaced_script_changes_nothing() -> None:
    call = Machine(PAID).answered()
    call.tell(Extended(1, False))
    assert call.tell(Played("1:0")) == []


def test_an_answer_may_have_no_tries() -> None:
    call = Machine().admit()
    call.tell(Told(call.all(Ask)[-1].serial, Answer(HELLO, ())))
    assert call.noted("action-answered").text == "the action server answered"


def test_what_the_subscriptions_rules_decide_is_done_without_asking_anybody() -> None:
    decision = Decision("reject declined", Rule.BLOCK, "81900000001 is on the block list", ARRIVAL.at)
    call = Machine(replace(FREE, action_url=None, decision=decision)).admit()
    assert (call.all(Ask), call.all(Refuse)) == ([], [Refuse(No.DECLINED)])
    assert call.noted("rule-decided").text == "block: 81900000001 is on the block list"
    assert "action-failed" not in call.kinds
    assert call.ending.status is Status.REJECTED


def test_a_sound_of_the_rules_that_fails_leads_to_the_rest_of_the_chain() -> None:
    decision = Decision('say en "Hello"', Rule.DEFAULT, "it is always open", ARRIVAL.at)
    call = Machine(replace(CHAIN, action_url=None, decision=decision)).admit()
    call.tell(NotPrepared("1:0", "sound-timeout", "the voice is away"))
    [asked] = call.all(Ask)
    assert (asked.question.url, dict(asked.question.parameters)["reason"]) == (CHAIN.fallback_url, "sound-timeout")
