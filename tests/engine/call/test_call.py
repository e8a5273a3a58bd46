"""The life of a call, from the INVITE to the last posting."""

from dataclasses import replace
from datetime import timedelta

import pytest

from call_machine import ARRIVAL, CHAIN, FREE, HELLO, PAID, WAYS, Machine, deeds, refusal
from offhook.domain.calls import Caller, Reason, Status
from offhook.domain.questions import Failure
from offhook.engine.call import Limits, State
from offhook.engine.call.effects import (
    Admit,
    AnswerCall,
    Ask,
    Effect,
    ExtendHold,
    HangUp,
    No,
    Note,
    NoteAnswer,
    OpenMedia,
    Play,
    Prepare,
    Record,
    Refuse,
    Ring,
)
from offhook.engine.call.inputs import (
    Arrived,
    Broken,
    CallerLeft,
    Decided,
    Extended,
    MediaOpened,
    NotPrepared,
    Played,
    Prepared,
    Pressed,
    Recorded,
    Told,
)
from offhook.engine.call.limits import CREDIT_ENDED, SORRY
from offhook.language import Playback, Say

SORRY_EN = Say("en", SORRY["en"])
CREDIT_ENDED_EN = Say("en", CREDIT_ENDED["en"])
SORRY_EN = Say("en", SORRY["en"])
CREDIT_ENDED_EN = Say("en", CREDIT_ENDED["en"])
LEFT = CallerLeft("the caller hung up")


# The usual way.


def test_a_call_is_admitted_asked_about_prepared_answered_played_and_recorded() -> None:
    call = Machine()
    assert deeds(call.tell(Arrived(ARRIVAL))) == [Admit(ARRIVAL)]
    assert call.is_in(State.ARRIVED)
    ring, ask = deeds(call.tell(Decided(FREE)))
    assert ring == Ring()
    assert isinstance(ask, Ask)
    assert ask.question.url == FREE.action_url
    assert call.is_in(State.ASKING)
    call.wait(0.5)
    assert deeds(call.say(HELLO)) == [OpenMedia(), Prepare("1:0", Say("en", "Hello"))]
    assert call.is_in(State.PREPARING)
    assert deeds(call.tell(MediaOpened())) == []
    call.wait(0.25)
    assert deeds(call.make_ready()) == [AnswerCall(), NoteAnswer(), Play("1:0", 1)]
    assert call.is_in(State.ACTING)
    call.wait(1.5)
    assert deeds(call.finish()) == []
    (_note, hang_up, record) = [effect for _, effect in call.wait(1)]
    assert hang_up == HangUp()
    assert isinstance(record, Record)
    assert call.is_in(State.ENDING)
    assert call.tell(Recorded()) == []
    assert call.is_in(State.ENDED)
    assert (call.ending.status, call.ending.reason, call.ending.seconds) == (Status.COMPLETED, None, 1.7)
    assert call.ending.answered_at == ARRIVAL.at + timedelta(seconds=0.75)
    assert call.ending.ended_at == ARRIVAL.at + timedelta(seconds=2.45)
    assert call.kinds == [
        "arrived",
        "admitted",
        "action-requested",
        "action-answered",
        "script",
        "sound-ready",
        "answered",
        "playing",
        "hung-up",
    ]


def test_the_timeline_says_who_called_and_how_long_the_server_took() -> None:
    call = Machine()
    call.tell(Arrived(replace(ARRIVAL, caller=Caller("", "", anonymous=True))), Decided(FREE))
    call.say(HELLO)
    assert call.noted("arrived").text == "a call from an anonymous caller through trunk carrier"
    assert call.noted("action-answered").text == "the action server answered in 12 ms"
    assert call.noted("script").text == 'say en "Hello"\n'


def test_the_call_is_answered_by_the_later_of_media_and_sound() -> None:
    call = Machine().admit()
    call.say(HELLO)
    assert not call.all(AnswerCall)
    call.make_ready()
    assert call.is_in(State.PREPARING)
    assert deeds(call.tell(MediaOpened())) == [AnswerCall(), NoteAnswer(), Play("1:0", 1)]


def test_a_pause_is_answered_as_soon_as_there_is_media() -> None:
    call = Machine().admit()
    assert deeds(call.say(b"pause 3\n" + HELLO)) == [OpenMedia(), Prepare("1:1", Say("en", "Hello"))]
    assert deeds(call.tell(MediaOpened())) == [AnswerCall(), NoteAnswer()]
    call.make_ready()
    assert [(at, effect) for at, effect in call.wait(10) if isinstance(effect, Play)] == [(3.0, Play("1:1", 1))]


def test_lines_follow_one_another_and_a_loop_is_one_play() -> None:
    call = Machine().answered(b'say en "One" loop=3\nplayback https://a.example/two.mp3\npause 2\nsay en "Four"')
    assert call.all(Play) == [Play("1:0", 3)]
    assert call.all(Prepare)[1] == Prepare("1:1", Playback("https://a.example/two.mp3"))
    call.make_ready(1)
    assert Play("1:1", 1) in call.finish()
    call.make_ready(2)
    call.finish()
    assert [at for at, effect in call.wait(5) if isinstance(effect, Play)] == [2.0]
    call.finish()
    call.wait(1)
    assert call.ending.status is Status.COMPLETED
    assert [event.data.get("line") for event in call.timeline if event.kind in ("playing", "pause")] == [1, 2, 3, 4]


def test_hangup_in_the_middle_ends_the_script_there() -> None:
    call = Machine().answered(HELLO + b'\nhangup\nsay en "Never"')
    call.finish()
    call.wait(1)
    assert call.all(HangUp) == [HangUp()]
    assert [play.key for play in call.all(Play)] == ["1:0"]
    assert call.ending.status is Status.COMPLETED


@pytest.mark.parametrize(
    ("text", "how"),
    [
        (b"reject", No.BUSY),
        (b"reject busy", No.BUSY),
        (b"reject declined", No.DECLINED),
        (b"reject unavailable", No.UNAVAILABLE),
        (b"hangup", No.UNAVAILABLE),
    ],
)
def test_a_script_that_begins_with_no_costs_nothing(text: bytes, how: No) -> None:
    call = Machine(PAID).admit()
    note, refuse, record = call.say(text)[-3:]
    assert isinstance(note, Note)
    assert refuse == Refuse(how)
    assert isinstance(record, Record)
    assert not call.all(OpenMedia)
    assert (call.ending.status, call.ending.seconds, call.ending.answered_at) == (Status.REJECTED, 0.0, None)


def test_the_caller_is_told_every_minute_that_it_still_rings() -> None:
    call = Machine(limits=Limits(chain_s=300.0)).admit()
    assert call.all(Ring) == [Ring()]
    assert [at for at, effect in call.wait(190) if isinstance(effect, Ring)] == [60.0, 120.0, 180.0]


def test_an_answered_caller_hears_no_ringing() -> None:
    call = Machine().answered()
    assert not [effect for _, effect in call.wait(200) if isinstance(effect, Ring)]


def test_keys_are_kept_in_the_timeline() -> None:
    call = Machine().answered()
    assert deeds(call.tell(Pressed("5"))) == []
    assert call.noted("digit").data == {"digit": "5"}


# The door.


@pytest.mark.parametrize(("reason", "how"), [(Reason.UNKNOWN_NUMBER, No.NOT_FOUND), (Reason.TOO_MANY_CALLS, No.BUSY)])
def test_a_refused_caller_is_told_so_and_recorded(reason: Reason, how: No) -> None:
    call = Machine()
    call.tell(Arrived(ARRIVAL))
    refuse, record = deeds(call.tell(Decided(refusal(reason))))
    assert refuse == Refuse(how)
    assert isinstance(record, Record)
    assert call.is_in(State.ENDING)
    assert (call.ending.status, call.ending.reason) == (Status.REFUSED, reason)
    assert call.noted("refused").data == {"tried": ["81345678901"]}


def test_a_decision_counts_once() -> None:
    call = Machine().admit()
    assert call.tell(Decided(FREE)) == []
    assert call.tell(Decided(refusal(Reason.NO_CREDIT))) == []
    assert call.is_in(State.ASKING)


# When something fails (all of it: `test_call_chain`).


def test_the_whole_chain_down_to_nothing() -> None:
    call = Machine(CHAIN).admit()
    [ask] = deeds(call.fail("timeout"))
    assert isinstance(ask, Ask)
    assert ask.question.url == "https://b.example/"
    assert dict(ask.question.parameters)["reason"] == "timeout"
    assert deeds(call.fail("http-status")) == [OpenMedia(), Prepare("1:0", Say("en", "Later"))]
    assert deeds(call.tell(NotPrepared("1:0", "language-not-installed", "no"))) == [Prepare("2:0", SORRY_EN)]
    refuse, record = deeds(call.tell(NotPrepared("2:0", "sound-timeout", "no")))
    assert refuse == Refuse(No.UNAVAILABLE)
    assert isinstance(record, Record)
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, "sound-timeout")
    assert call.noted("chain-exhausted").code == Reason.CHAIN_EXHAUSTED
    assert [event.code for event in call.timeline if event.kind == "action-failed"] == ["timeout", "http-status"]


def test_a_number_without_action_url_goes_on_in_the_chain() -> None:
    call = Machine(replace(CHAIN, action_url=None)).admit()
    assert call.noted("action-failed").code == "action-url-not-set"
    [ask] = call.all(Ask)
    assert ask.question.url == "https://b.example/"
    assert dict(ask.question.parameters)["reason"] == "action-url-not-set"


def test_the_call_ends_when_not_even_the_announcement_can_be_played() -> None:
    call = Machine().answered(HELLO + b'\nsay en "Two"')
    call.finish()
    call.tell(NotPrepared("1:1", "text-too-long", "no"))
    assert HangUp() in call.tell(NotPrepared("2:0", "language-not-installed", "no"))
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, "text-too-long")


def test_a_later_sound_that_never_comes_ends_politely_too() -> None:
    call = Machine().answered(HELLO + b'\nsay en "Two"')
    call.finish()
    assert [(at, effect) for at, effect in call.wait(6) if isinstance(effect, Prepare)] == [
        (5.0, Prepare("2:0", SORRY_EN))
    ]
    failed = call.noted("sound-failed")
    assert (failed.code, failed.data) == ("sound-timeout", {"line": 2, "sound": "say en: Two"})


def test_a_wrong_default_action_leads_to_the_announcement() -> None:
    call = Machine(replace(CHAIN, default_action="playbak")).admit()
    call.fail()
    call.fail()
    assert call.all(Prepare) == [Prepare("1:0", SORRY_EN)]


def test_the_first_sound_has_five_seconds_and_then_the_chain_goes_on() -> None:
    call = Machine(CHAIN).admit()
    call.say(HELLO)
    assert [(at, type(effect)) for at, effect in call.wait(6) if not isinstance(effect, Note)] == [(5.0, Ask)]
    assert call.noted("sound-failed").code == "sound-timeout"
    assert dict(call.all(Ask)[-1].question.parameters)["reason"] == "sound-timeout"
    assert call.is_in(State.ASKING)


def test_the_same_word_twice_is_heard_once() -> None:
    call = Machine().answered(HELLO + b'\nsay en "Two"')
    assert call.tell(Prepared("1:0", 1000)) == []
    call.finish()
    assert call.tell(Played("1:0")) == []
    assert [play.key for play in call.all(Play)] == ["1:0"]


# Credit and time (all of it: `test_call_credit`).


def test_a_hold_that_is_never_answered_ends_the_call_with_its_minute() -> None:
    call = Machine(PAID).answered()
    call.wait(61)
    assert call.all(ExtendHold) == [ExtendHold(1, 2)]
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, Reason.CREDIT_ENDED)
    assert call.ending.seconds == 60.0


def test_without_credit_the_caller_is_told_and_the_call_ends_within_the_paid_minute() -> None:
    call = Machine(PAID).answered()
    call.wait(55)
    assert deeds(call.tell(Extended(1, False))) == [Prepare("2:0", CREDIT_ENDED_EN)]
    assert deeds(call.make_ready()) == [Play("2:0", 1)]
    call.wait(2)
    call.finish()
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, Reason.CREDIT_ENDED)
    assert call.ending.seconds == 57.2


def test_a_script_that_is_over_ends_as_it_would_have() -> None:
    call = Machine(PAID).answered()
    call.finish()
    assert deeds(call.tell(Extended(1, False))) == []
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, None)


def test_a_call_goes_on_with_the_minutes_that_it_is_granted() -> None:
    call = Machine(PAID).answered()
    for _ in range(3):
        assert [at for at, effect in call.wait(56) if isinstance(effect, ExtendHold)] == [55.0]
        call.tell(Extended(1, True))
        call.wait(4)
    assert call.is_in(State.ACTING)
    assert call.kinds.count("hold-extended") == 3


def test_no_call_is_longer_than_four_hours() -> None:
    call = Machine().answered()
    call.wait(5 * 3600)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, Reason.TOO_LONG)
    assert call.ending.seconds == 14_400.0


def test_words_that_come_at_the_wrong_time_change_nothing() -> None:
    call = WAYS[State.PREPARING]()
    assert call.tell(Told(1, Failure("timeout", "late")), Played("1:0"), Extended(1, True), Extended(1, False)) == []
    assert call.is_in(State.PREPARING)


# The end, whoever causes it.


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.ARRIVED, Status.CANCELED),
        (State.ASKING, Status.CANCELED),
        (State.PREPARING, Status.CANCELED),
        (State.ACTING, Status.COMPLETED),
    ],
)
def test_a_caller_may_leave_at_any_time(state: State, status: Status) -> None:
    call = WAYS[state]()
    call.wait(1)
    [record] = deeds(call.tell(LEFT))
    assert isinstance(record, Record)
    assert (call.ending.status, call.ending.reason) == (status, None)
    assert call.ending.seconds == (1.0 if state is State.ACTING else 0.0)
    assert call.call.deadline() is None


def test_an_answer_that_was_never_confirmed_is_a_failure() -> None:
    call = Machine().answered()
    call.tell(CallerLeft("no ACK came", Reason.NOT_CONFIRMED))
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, Reason.NOT_CONFIRMED)
    assert not call.all(HangUp)


def test_a_caller_who_leaves_during_the_announcement_was_still_failed() -> None:
    call = Machine().admit()
    call.fail("connect-failed")
    call.tell(MediaOpened())
    call.make_ready()
    call.tell(LEFT)
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, "connect-failed")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (State.ARRIVED, Refuse(No.OVERLOADED)),
        (State.ASKING, Refuse(No.OVERLOADED)),
        (State.PREPARING, Refuse(No.OVERLOADED)),
        (State.ACTING, HangUp()),
    ],
)
def test_what_a_call_lives_on_may_break_at_any_time(state: State, told: Effect) -> None:
    call = WAYS[state]()
    first, record = deeds(call.tell(Broken(Reason.DRAINING, "the platform is being stopped")))
    assert first == told
    assert isinstance(record, Record)
    assert (call.ending.status, call.ending.reason) == (Status.FAILED, Reason.DRAINING)
    assert call.call.deadline() is None


@pytest.mark.parametrize("state", State)
def test_a_machine_that_slept_for_a_day_ends_its_call_in_order(state: State) -> None:
    call = WAYS[state]()
    for _ in range(5):
        call.oversleep(86_400)
    call.tell(LEFT, Recorded())
    assert call.is_in(State.ENDED)
    assert len(call.all(Record)) == 1


def test_of_all_that_is_due_at_once_nothing_comes_after_the_end() -> None:
    call = Machine(PAID, Limits(call_s=60.0)).answered(HELLO + b'\nsay en "Two"')
    call.wait(57)
    call.finish()
    late = call.oversleep(86_400)
    assert [type(effect) for effect in late if not isinstance(effect, Note)] == [HangUp, Record]
    assert call.ending.reason == Reason.TOO_LONG
