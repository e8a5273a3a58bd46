"""What a script leads on to: another URL, keys and who is told of them, the result of a transfer."""

from dataclasses import replace

import pytest

from call_machine import CHAIN, FRIEND, ROUTES, Machine, deeds
from offhook.domain.calls import Status
from offhook.domain.questions import Event
from offhook.engine.call import Limits, State
from offhook.engine.call.effects import (
    Ask,
    FindRoutes,
    GiveBack,
    HangUp,
    HangUpCallee,
    Play,
    PlayRinging,
    StopPlaying,
    StopRinging,
)
from offhook.engine.call.inputs import (
    CalleeAnswered,
    CalleeLeft,
    CalleeProgressed,
    CalleeRefers,
    MediaOpened,
    Played,
    Prepared,
    Pressed,
    Routed,
)
from offhook.engine.call.inputs import CallerLeft as Left

ELSEWHERE = "https://c.example/menu"
GATHER = b'gather say en "Press a key" digits=3 timeout=4 finish=* next=self'


def last(call: Machine) -> dict[str, str]:
    """Return the parameters of the last question."""
    return dict(call.all(Ask)[-1].question.parameters)


def asked(call: Machine) -> list[str]:
    """Return the URLs that were asked, in order."""
    return [ask.question.url for ask in call.all(Ask)]


def press(call: Machine, keys: str) -> None:
    for key in keys:
        call.tell(Pressed(key))


def test_a_redirect_as_the_first_line_asks_elsewhere_before_the_answer() -> None:
    call = Machine(CHAIN).admit()
    call.say(f"redirect {ELSEWHERE}".encode())
    assert (call.state, asked(call)) == (State.ASKING, [CHAIN.action_url, ELSEWHERE])
    assert last(call)["event"] == Event.INCOMING
    call.say(b"reject declined")
    assert call.ending.status is Status.REJECTED


def test_a_redirect_after_the_answer_asks_elsewhere_and_its_answer_replaces_the_rest() -> None:
    call = Machine(CHAIN).answered(b'say en "One"\nredirect ' + ELSEWHERE.encode())
    call.finish()
    assert (call.state, asked(call)[-1]) == (State.CONSULTING, ELSEWHERE)
    call.say(b'say en "Two"')
    assert call.is_in(State.ACTING)
    call.make_ready()
    assert [play.key for play in call.all(Play)] == ["1:0", "2:0"]
    call.finish()
    call.wait(1)
    assert call.ending.status is Status.COMPLETED


def test_requests_are_signed_at_the_customers_own_urls_only() -> None:
    call = Machine(CHAIN).admit()
    call.say(f"redirect {ELSEWHERE}".encode())
    assert call.all(Ask)[-1].question.homes == (CHAIN.action_url, CHAIN.fallback_url)


def test_an_answered_caller_hears_ringing_when_an_answer_takes_long_and_until_its_sound_is_there() -> None:
    call = Machine(CHAIN).answered(b'say en "One"\nredirect ' + ELSEWHERE.encode())
    call.finish()
    assert [deed for _, deed in call.wait(0.9)] == []
    assert (0.1, PlayRinging()) in call.wait(0.2)
    assert StopRinging() not in call.say(b'say en "Two"'), "the sound takes its place when it is there"
    call.make_ready()
    assert call.all(Play)[-1].key == "2:0"


@pytest.mark.parametrize("text", [b"pause 1", b"gather", b"transfer 81312345678"])
def test_the_ringing_ends_with_a_line_that_plays_nothing(text: bytes) -> None:
    call = Machine(CHAIN).answered(b'say en "One"\nredirect ' + ELSEWHERE.encode())
    call.finish()
    call.wait(1.5)
    assert StopRinging() in call.say(text)


def test_a_quick_answer_is_heard_without_any_ringing() -> None:
    call = Machine(CHAIN).answered(b'say en "One"\nredirect ' + ELSEWHERE.encode())
    call.finish()
    call.say(b"pause 5")
    call.wait(4)
    assert call.all(PlayRinging) == []
    assert call.all(StopRinging) == []


def test_whoever_fails_in_the_middle_of_a_call_is_followed_by_the_whole_chain() -> None:
    call = Machine(CHAIN).answered(b'say en "One"\nredirect ' + ELSEWHERE.encode())
    call.finish()
    call.fail("timeout")
    assert asked(call)[-1] == CHAIN.fallback_url
    assert (last(call)["event"], last(call)["reason"]) == ("fallback", "timeout")
    call.fail()
    assert call.is_in(State.ACTING)
    call.make_ready()
    assert "default-action" in call.kinds
    call.finish()
    call.wait(1)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, None)


def test_a_slow_server_in_the_middle_of_a_call_has_the_time_of_a_chain() -> None:
    call = Machine(CHAIN).answered(b'say en "One"\nredirect ' + ELSEWHERE.encode())
    call.finish()
    call.wait(18)
    assert call.noted("action-failed").code == "timeout"
    assert "default-action" in call.kinds


def test_a_call_that_goes_in_circles_is_stopped() -> None:
    call = Machine(CHAIN, Limits(requests=5)).admit()
    for _ in range(5):
        call.say(f"redirect {ELSEWHERE}".encode())
    assert len(asked(call)) == 5
    assert call.noted("action-failed").code == "too-many-requests"
    assert "announcement" in call.kinds


def test_self_without_an_action_url_is_told_and_the_chain_goes_on() -> None:
    bare = replace(CHAIN, action_url=None, fallback_url=None, default_action="gather timeout=1 next=self")
    call = Machine(bare, Limits(requests=3)).admit()
    call.tell(MediaOpened())
    call.wait(1)
    assert call.noted("action-failed").code == "action-url-not-set"
    assert call.is_in(State.ACTING)
    call.wait(60)
    assert call.noted("action-failed").code == "too-many-requests"
    assert call.kinds.count("gather") <= 4


def test_the_first_key_interrupts_the_prompt_and_the_last_one_asks() -> None:
    call = Machine(CHAIN).answered(GATHER)
    assert call.all(Play)[-1].key == "1:0"
    assert StopPlaying() in call.tell(Pressed("4"))
    press(call, "71")
    assert (call.state, asked(call)[-1]) == (State.CONSULTING, CHAIN.action_url)
    assert (last(call)["event"], last(call)["digits"]) == ("gather", "471")
    assert call.all(StopPlaying) == [StopPlaying()]


def test_the_finishing_key_is_no_digit() -> None:
    call = Machine(CHAIN).answered(GATHER)
    press(call, "4*")
    assert last(call)["digits"] == "4"


def test_nothing_pressed_is_told_as_nothing_after_the_prompt_and_its_time() -> None:
    call = Machine(CHAIN).answered(GATHER)
    call.wait(30)
    assert call.is_in(State.ACTING), "the time counts from the prompt's end"
    call.finish()
    call.wait(3.9)
    assert call.is_in(State.ACTING)
    call.wait(0.1)
    assert (last(call)["event"], last(call)["digits"]) == ("gather", "")


def test_each_key_has_its_time() -> None:
    call = Machine(CHAIN).answered(GATHER)
    press(call, "4")
    call.wait(3.9)
    press(call, "7")
    call.wait(3.9)
    assert call.is_in(State.ACTING)
    call.wait(0.1)
    assert last(call)["digits"] == "47"


def test_keys_count_without_a_prompt_too() -> None:
    call = Machine(CHAIN).answered(b"gather digits=1 next=" + ELSEWHERE.encode())
    press(call, "9")
    assert (asked(call)[-1], last(call)["digits"]) == (ELSEWHERE, "9")


def test_keys_that_nobody_gathers_are_noted_only() -> None:
    call = Machine(CHAIN).answered(b'say en "One"\ngather digits=1')
    press(call, "9")
    call.finish()
    assert call.is_in(State.ACTING)
    press(call, "8")
    assert last(call)["digits"] == "8"
    press(call, "7")
    assert call.kinds.count("digit") == 3


def test_the_sound_that_was_interrupted_ends_nothing() -> None:
    call = Machine(CHAIN).answered(GATHER)
    press(call, "4")
    call.tell(Played("1:0"))
    assert call.is_in(State.ACTING)
    assert call.call.deadline() is not None


def test_a_prompt_that_fails_goes_on_in_the_chain() -> None:
    call = Machine(CHAIN).admit()
    call.say(GATHER)
    call.wait(5)
    assert call.noted("sound-failed").code == "sound-timeout"
    assert asked(call)[-1] == CHAIN.fallback_url


NEXT = f"transfer {FRIEND} max=60 next={ELSEWHERE}".encode()


def test_a_transfer_in_vain_is_told_before_the_answer() -> None:
    call = Machine(CHAIN).calling(NEXT)
    assert GiveBack(2) in call.decline(486)
    assert (call.state, asked(call)[-1]) == (State.ASKING, ELSEWHERE)
    told = last(call)
    assert (told["event"], told["transfer_status"], told["sip_code"]) == ("transfer", "busy", "486")
    call.say(b'say en "Busy"')
    call.make_ready()
    assert call.is_in(State.ACTING)


def test_a_transfer_that_nobody_takes_has_no_sip_code() -> None:
    call = Machine(CHAIN).calling(NEXT)
    call.wait(30)
    assert (last(call)["transfer_status"], "sip_code" in last(call)) == ("no-answer", False)


def test_a_callees_early_media_is_followed_by_ringing() -> None:
    call = Machine(CHAIN).calling(NEXT)
    call.tell(CalleeProgressed(1, 183, has_media=True))
    assert PlayRinging() in call.decline(486)
    assert StopRinging() in call.say(b"pause 1")


def test_a_transfer_in_vain_after_the_answer_is_told_too() -> None:
    call = Machine(CHAIN).answered(b'say en "One"\n' + NEXT)
    call.finish()
    call.tell(Routed(2, ROUTES), CalleeProgressed(1, 180, has_media=False))
    assert StopRinging() in call.decline(603)
    assert (call.state, last(call)["transfer_status"]) == (State.CONSULTING, "refused")


def test_when_the_callee_hangs_up_the_caller_is_asked_about() -> None:
    call = Machine(CHAIN).joined(NEXT)
    call.wait(12.3)
    found = deeds(call.tell(CalleeLeft(1, "the callee hung up")))
    assert HangUpCallee(1) in found
    assert HangUp() not in found
    assert call.is_in(State.CONSULTING)
    told = last(call)
    assert (told["event"], told["transfer_status"], told["duration"]) == ("transfer", "answered", "13")
    call.say(f"transfer {FRIEND}".encode())
    call.tell(Routed(3, ROUTES), CalleeProgressed(2, 180, has_media=False))
    call.tell(Left("the caller hung up"))
    [use] = call.ending.legs
    assert (use.leg, use.seconds) == (2, 12.3)


def test_a_transfer_that_took_as_long_as_it_may_is_asked_about() -> None:
    call = Machine(CHAIN).joined(NEXT)
    call.wait(60)
    assert (call.state, last(call)["duration"]) == (State.CONSULTING, "60")


def test_nobody_is_asked_about_a_caller_who_hung_up() -> None:
    call = Machine(CHAIN).joined(NEXT)
    call.tell(Left("the caller hung up"))
    assert asked(call) == [CHAIN.action_url]


def test_what_was_prepared_for_a_script_that_is_left_counts_no_more() -> None:
    call = Machine(CHAIN).answered(b"gather digits=1\n" + b'say en "Never"')
    press(call, "1")
    assert call.tell(Prepared("1:1", 10)) == []


def test_a_callee_may_have_the_caller_led_to_another_number() -> None:
    call = Machine(CHAIN).joined(NEXT)
    call.wait(7)
    found = deeds(call.tell(CalleeRefers(1, "+81399999999")))
    assert found == [HangUpCallee(1), PlayRinging(), FindRoutes(3, "81399999999")]
    assert call.is_in(State.ACTING)
    call.tell(Routed(3, ROUTES), CalleeProgressed(2, 180, has_media=False), CalleeAnswered(2))
    assert call.is_in(State.JOINED)
    call.wait(5)
    call.tell(CalleeLeft(2, "the callee hung up"))
    assert (last(call)["transfer_status"], last(call)["duration"]) == ("answered", "5")
    call.tell(Left("the caller hung up"))
    assert [(use.leg, use.seconds) for use in call.ending.legs] == [(2, 7.0), (3, 5.0)]


def test_a_callee_that_names_no_number_has_left() -> None:
    call = Machine(CHAIN).joined()
    call.tell(CalleeRefers(1, "12"))
    assert "refer-refused" in call.kinds
    assert call.ending.status is Status.COMPLETED


def test_only_a_callee_who_talks_may_lead_on() -> None:
    call = Machine(CHAIN).calling(NEXT)
    assert call.tell(CalleeRefers(1, "+81399999999")) == []
