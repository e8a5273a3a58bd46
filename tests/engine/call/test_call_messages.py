"""A caller leaves a message: greeting, beep, recording, and what comes after it."""

import pytest

from call_machine import CHAIN, PAID, Machine, deeds
from offhook.domain.calls import Status
from offhook.domain.sounds import Beep
from offhook.engine.call import Limits, State
from offhook.engine.call.effects import Ask, Play, Prepare, RecordMessage, StopRecording
from offhook.engine.call.inputs import CallerLeft, Extended, MessageKept, NotPrepared, Played, Prepared, Pressed
from offhook.language import Say

GREETED = b'voicemail say en "Leave a message." max=20 next=self'
KEPT = MessageKept(4.2, "stopped", "https://offhook.example/m.wav")


def greeting(text: bytes = GREETED) -> Machine:
    """Come as far as the greeting."""
    return Machine(CHAIN).answered(text)


def recording(call: Machine) -> Machine:
    """Come as far as the caller's first word."""
    call.tell(Prepared("1:0:beep", 400), Played("1:0"), Played("1:0:beep"))
    return call


def last(call: Machine) -> dict[str, str]:
    return dict(call.all(Ask)[-1].question.parameters)


def test_greeting_and_beep_are_made_ready_together_and_heard_one_after_the_other() -> None:
    call = greeting()
    assert call.all(Prepare) == [Prepare("1:0", Say("en", "Leave a message.")), Prepare("1:0:beep", Beep())]
    assert [play.key for play in call.all(Play)] == ["1:0"]
    call.tell(Prepared("1:0:beep", 400))
    assert [play.key for play in call.all(Play)] == ["1:0"]
    assert Play("1:0:beep", 1) in call.tell(Played("1:0"))
    assert RecordMessage(20, 6.0) in call.tell(Played("1:0:beep"))


def test_a_beep_that_is_late_is_waited_for() -> None:
    call = greeting()
    assert not deeds(call.tell(Played("1:0")))
    assert Play("1:0:beep", 1) in call.tell(Prepared("1:0:beep", 400))


@pytest.mark.parametrize("text", [b"voicemail", b"voicemail next=self"])
def test_without_a_greeting_the_beep_answers_the_call(text: bytes) -> None:
    call = Machine(CHAIN).answered(text)
    assert call.all(Prepare) == [Prepare("1:0", Beep())]
    assert call.is_in(State.ACTING)
    assert RecordMessage(300.0, 6.0) in call.tell(Played("1:0"))


def test_the_script_cannot_record_for_longer_than_the_operator_lets_it() -> None:
    call = Machine(CHAIN, Limits(message_s=60.0)).answered(b"voicemail max=3600")
    assert RecordMessage(60.0, 6.0) in call.tell(Played("1:0"))


def test_the_hash_key_ends_the_message_and_no_other_key_does() -> None:
    call = recording(greeting())
    assert not deeds(call.tell(Pressed("1"), Pressed("*")))
    assert StopRecording() in call.tell(Pressed("#"))
    assert not deeds(call.tell(Pressed("#"))), "it is ended once"
    assert call.is_in(State.ACTING)


def test_who_is_asked_next_is_told_where_the_message_is() -> None:
    call = recording(greeting())
    call.tell(Pressed("#"), KEPT)
    assert call.is_in(State.CONSULTING)
    assert (last(call)["event"], last(call)["recording_url"]) == ("voicemail", KEPT.url)
    assert call.noted("recorded").data == {"seconds": 4.2, "ended_by": "stopped"}


def test_nobody_who_said_nothing_has_a_recording() -> None:
    call = recording(greeting())
    call.tell(MessageKept(0.0, "silent", ""))
    assert (last(call)["event"], "recording_url" in last(call)) == ("voicemail", False)


def test_without_next_the_line_after_it_follows() -> None:
    call = recording(greeting(b'voicemail say en "Leave a message."\nsay en "Thank you."'))
    call.make_ready()
    call.tell(KEPT)
    assert call.all(Play)[-1].key == "1:1"
    call.finish()
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, None)


def test_a_recording_that_nobody_hears_of_any_more_does_not_hold_the_call() -> None:
    call = recording(greeting())
    call.wait(25)
    assert StopRecording() in call.wanted
    assert call.is_in(State.ACTING)
    call.wait(5)
    assert last(call)["event"] == "voicemail"
    assert not deeds(call.tell(KEPT)), "it is too late"


def test_a_caller_who_hangs_up_has_left_a_message() -> None:
    call = recording(greeting())
    call.tell(CallerLeft("the caller hung up"))
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, None)
    assert StopRecording() not in call.wanted, "whoever carries the call out keeps what was said"


def test_credit_that_ends_ends_the_recording() -> None:
    call = recording(Machine(PAID).answered(GREETED))
    assert StopRecording() in call.tell(Extended(1, False))


@pytest.mark.parametrize("key", ["1:0", "1:0:beep"])
def test_what_cannot_be_heard_or_recorded_leads_on_in_the_chain(key: str) -> None:
    call = Machine(CHAIN).admit()
    call.say(GREETED)
    call.tell(NotPrepared(key, "database-away", "there is no place for it"))
    assert call.noted("sound-failed").code == "database-away"
    assert call.is_in(State.ASKING)


def test_a_beep_that_fails_within_the_greeting_ends_in_an_apology() -> None:
    call = greeting()
    call.tell(NotPrepared("1:0:beep", "database-away", "there is no place for it"))
    assert "announcement" in call.kinds
