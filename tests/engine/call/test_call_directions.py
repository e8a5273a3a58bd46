"""Another script from outside: it takes the place of what runs, or of what would have been chosen."""

import pytest

from call_machine import CHAIN, HELLO, PAID, ROUTES, WAYS, Machine
from offhook.domain.calls import Reason, Status
from offhook.engine.call import State
from offhook.engine.call.effects import (
    Ask,
    FindRoutes,
    GiveBack,
    HangUp,
    HangUpCallee,
    No,
    Play,
    PlayRinging,
    Prepare,
    Refuse,
    StopPlaying,
    StopRinging,
)
from offhook.engine.call.inputs import (
    CalleeLeft,
    CalleeProgressed,
    Completed,
    Directed,
    Extended,
    MediaOpened,
    NotPrepared,
    Routed,
)

OTHER = 'say en "Something else"'
DIRECTABLE = [State.ASKING, State.PREPARING, State.CALLING, State.ACTING, State.CONSULTING, State.JOINED]


def direct(call: Machine, text: str = OTHER) -> list[object]:
    return list(call.tell(Directed(text, "boss")))


@pytest.mark.parametrize("state", DIRECTABLE)
def test_another_script_is_heard_whatever_ran_before(state: State) -> None:
    call = WAYS[state]()
    call.tell(MediaOpened())
    direct(call)
    call.make_ready()
    assert call.is_in(State.ACTING)
    assert call.all(Play)[-1].key == call.sounds[-1]
    call.finish()
    call.wait(2)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, None)


@pytest.mark.parametrize("state", DIRECTABLE)
def test_the_timeline_says_who_directed_and_what(state: State) -> None:
    call = WAYS[state]()
    direct(call)
    assert call.noted("directed").data["by"] == "boss"
    assert call.noted("script").text.strip() == OTHER


def test_what_plays_goes_on_until_the_other_sound_is_there() -> None:
    call = WAYS[State.ACTING]()
    wanted = direct(call)
    assert any(isinstance(effect, Prepare) for effect in wanted)
    assert StopPlaying() not in wanted
    first = call.all(Play)[-1].key
    call.make_ready()
    assert call.all(Play)[-1].key != first


@pytest.mark.parametrize("text", ["pause 5", "gather digits=1", "hangup"])
def test_what_plays_falls_silent_for_a_line_without_a_sound(text: str) -> None:
    assert StopPlaying() in direct(WAYS[State.ACTING](), text)


def test_a_callee_is_hung_up_on_when_the_caller_is_taken_back() -> None:
    call = WAYS[State.JOINED]()
    assert HangUpCallee(1) in direct(call)
    call.tell(CalleeLeft(1, "the callee hung up"))
    assert call.is_in(State.ACTING), "it has gone already"
    call.make_ready()
    call.finish()
    call.wait(2)
    assert [use.leg for use in call.ending.legs] == [2]


def test_a_callee_who_rings_is_let_go_and_its_minute_is_given_back() -> None:
    call = WAYS[State.CALLING]()
    wanted = direct(call)
    assert [effect for effect in wanted if isinstance(effect, HangUpCallee | GiveBack)] == [
        HangUpCallee(1),
        GiveBack(2),
    ]
    call.make_ready()
    assert call.is_in(State.ACTING)


def test_routes_that_come_too_late_are_given_back() -> None:
    call = Machine(CHAIN).admit()
    call.say(b"transfer 81312345678")
    direct(call)
    assert call.tell(Routed(call.all(FindRoutes)[-1].leg, ROUTES)) == [GiveBack(2)]


def test_a_caller_who_heard_the_callees_side_hears_ringing_until_the_other_sound_is_there() -> None:
    call = WAYS[State.CALLING]()
    call.tell(CalleeProgressed(1, 183, has_media=True))
    assert PlayRinging() in direct(call)
    assert StopRinging() in call.make_ready()


def test_the_late_answer_of_an_action_server_changes_nothing() -> None:
    call = WAYS[State.ASKING]()
    direct(call)
    assert call.say(HELLO) == []
    assert call.noted("script").text.strip() == OTHER


def test_a_script_that_leads_elsewhere_asks() -> None:
    call = WAYS[State.JOINED]()
    direct(call, "redirect https://c.example/menu")
    assert (call.state, call.all(Ask)[-1].question.url) == (State.CONSULTING, "https://c.example/menu")


def test_a_sound_that_fails_before_the_answer_goes_on_in_the_chain() -> None:
    call = WAYS[State.PREPARING]()
    direct(call)
    call.tell(NotPrepared(call.sounds[-1], "sound-not-found", "it is gone"))
    assert (call.state, call.all(Ask)[-1].question.url) == (State.ASKING, CHAIN.fallback_url)


def test_an_excuse_can_be_replaced_and_what_replaces_it_may_fail_too() -> None:
    call = WAYS[State.ACTING]()
    for _ in range(2):
        direct(call, "playback https://a.example/gone.mp3")
        call.tell(NotPrepared(call.sounds[-1], "sound-not-found", "it is gone"))
        assert call.kinds.count("announcement")
        call.make_ready()
    direct(call)
    call.make_ready()
    call.finish()
    call.wait(2)
    assert (call.ending.status, call.ending.reason) == (Status.COMPLETED, None)


def test_a_call_whose_credit_ends_is_not_directed_any_more() -> None:
    call = Machine(PAID).answered()
    call.tell(Extended(1, granted=False))
    assert not call.call.takes_directions
    assert direct(call) == []
    call.wait(120)
    assert call.ending.reason is Reason.CREDIT_ENDED


@pytest.mark.parametrize("state", State)
def test_a_call_takes_directions_from_its_admission_to_its_end(state: State) -> None:
    assert WAYS[state]().call.takes_directions is (state in DIRECTABLE)


def test_a_script_that_cannot_be_done_is_refused_and_what_runs_goes_on() -> None:
    call = WAYS[State.ACTING]()
    direct(call, 'say en "One"\nplaybak')
    refused = call.noted("direction-refused")
    assert (refused.code, refused.data["by"], refused.data["line"]) == ("unknown-verb", "boss", 2)
    call.finish()
    call.wait(2)
    assert call.ending.status is Status.COMPLETED


def test_whoever_was_answered_is_hung_up_on() -> None:
    call = WAYS[State.JOINED]()
    wanted = call.tell(Completed("boss"))
    assert [effect for effect in wanted if isinstance(effect, HangUp | HangUpCallee)] == [HangUp(), HangUpCallee(1)]
    assert (call.ending.status, call.noted("completed").data) == (Status.COMPLETED, {"by": "boss"})


def test_whoever_was_not_answered_is_refused() -> None:
    call = WAYS[State.CALLING]()
    call.tell(Completed("boss"))
    assert call.all(Refuse) == [Refuse(No.UNAVAILABLE)]
    assert call.ending.status is Status.REJECTED
