"""What callers and callees do in a test, and what a test is told when it does not fit."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from offhook.engine.call.effects import No
from offhook.engine.call.unreached import declined
from offhook_client import BadValue, Playback, Say, Script
from offhook_client.testing import Call, CallFailed, Gather, Hangup, Phone, Transfer
from offhook_client.testing.outcomes import outcome_of, told_as

FRIEND, OTHER = "+81 3 1234-5678", "+81312345679"


def saying(**texts: str) -> Callable[..., list[bytes]]:
    """Answer by the event of the question."""

    def app(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        [event] = parse_qs(environ["QUERY_STRING"])["event"]
        start_response("200 OK", [])
        return [texts.get(event, "hangup").encode()]

    return app


def call(incoming: str | Script, **texts: str) -> Call:
    with Phone() as phone:
        return phone(saying(incoming=str(incoming), **texts), call_id="c")


def told(made: Call) -> dict[str, str]:
    """Return what the last request said besides who calls."""
    common = {"caller", "recipient", "call_id", "trunk"}
    return {name: value for name, value in made.requests[-1].parameters.items() if name not in common}


def test_sounds_are_heard_in_their_order_and_each_once() -> None:
    made = call('say en "Hello there"\nplayback https://example.com/music.mp3\npause 1\nsay ja "もしもし"')
    made.hears("Hello").hears("music.mp3").hears(re.compile("も.も"), lang="ja").hears_nothing_more()
    assert made.heard == ("Hello there", "https://example.com/music.mp3", "もしもし")
    with pytest.raises(CallFailed, match="does not hear 'Hello', and nothing else"):
        made.hears("Hello")
    assert (made.is_answered, made.is_over, made.ending, made.refused_as) == (True, True, "hung up", None)


def test_what_is_not_heard_in_a_language_is_told() -> None:
    made = call('say en "Hello"\nplayback https://example.com/Hello.mp3')
    with pytest.raises(CallFailed, match=r"does not hear 'Hello' in ja, but 'Hello', 'https://example.com/Hello.mp3'"):
        made.hears("Hello", lang="ja")
    with pytest.raises(CallFailed, match=r"hears more: 'https://example.com/Hello.mp3'"):
        made.hears("Hello", lang="EN").hears_nothing_more()


@pytest.mark.parametrize(
    ("gather", "pressed", "digits"),
    [
        ("gather digits=1", "1", "1"),
        ("gather digits=1", "12", "1"),
        ("gather", "12#", "12"),
        ("gather", "12", "12"),
        ("gather", "#", ""),
        ("gather digits=2", "42#", "42"),
        ("gather finish=*", "4#2*7", "4#2"),
        ("gather", "1" * 25, "1" * 20),
    ],
)
def test_keys_are_taken_up_to_the_last_one_wanted(gather: str, pressed: str, digits: str) -> None:
    assert told(call(gather).presses(pressed)) == {"event": "gather", "digits": digits}


def test_keys_that_come_too_late_are_told() -> None:
    assert "  caller   presses 42#, of which '#' is too late\n" in str(call("gather digits=2").presses("42#"))


def test_who_presses_nothing_is_asked_about_with_no_digits() -> None:
    assert told(call('gather say en "Press" next=self').presses_nothing()) == {"event": "gather", "digits": ""}


@pytest.mark.parametrize("keys", ["", "1a", "１", 1])
def test_a_telephone_has_twelve_keys(keys: Any) -> None:
    with pytest.raises(BadValue, match="presses some of"):
        call("gather").presses(keys)


def test_actions_are_those_of_the_last_answer() -> None:
    made = call(Script().gather(Say("en", "Press"), digits=1)).presses("1")
    assert made.actions == (Hangup(),)
    assert [answer.actions for answer in made.answers] == [(Gather(Say("en", "Press"), digits=1),), (Hangup(),)]


def test_numbers_ring_however_they_are_written() -> None:
    made = call("transfer +81-3-1234-5678,81312345679").rings(FRIEND, OTHER)
    assert list(made.ringing) == ["+81312345678", "+81312345679"]
    assert made.is_answered is False
    with pytest.raises(CallFailed, match=r"Not \+81312345679 but \+81312345678, \+81312345679 rings"):
        made.rings(OTHER)
    with pytest.raises(CallFailed, match="it does not ring"):
        made.callee("answered", "+4930123456")
    made.callee("answered", OTHER)
    assert list(made.ringing) == []
    assert made.callee_hangs_up().ending == "callee hung up"
    assert made.transferred_to == OTHER


def test_nobody_talked_who_was_not_reached() -> None:
    assert call("transfer 81312345678").callee("busy").transferred_to is None


@pytest.mark.parametrize(
    ("how", "parameters"),
    [
        ("busy", {"transfer_status": "busy", "sip_code": "486"}),
        ("no-answer", {"transfer_status": "no-answer"}),
        ("failed", {"transfer_status": "failed", "sip_code": "500"}),
        ("refused", {"transfer_status": "refused", "sip_code": "603"}),
        (480, {"transfer_status": "no-answer", "sip_code": "480"}),
        (404, {"transfer_status": "failed", "sip_code": "404"}),
    ],
)
def test_a_transfer_s_result_is_asked_about(how: Any, parameters: dict[str, str]) -> None:
    made = call("transfer 81312345678 next=self", transfer='say en "Sorry"').callee(how)
    assert told(made) == {"event": "transfer", **parameters}
    made.hears("Sorry")


@pytest.mark.parametrize(
    ("transfer", "seconds", "duration"), [("", 59.2, "60"), (" max=30", 59.2, "30"), (" max=30", 12, "12")]
)
def test_a_talk_s_seconds_are_told(transfer: str, seconds: float, duration: str) -> None:
    made = call(f"transfer 81312345678{transfer} next=self").callee("answered").callee_hangs_up(seconds)
    assert told(made) == {"event": "transfer", "transfer_status": "answered", "duration": duration}


def test_later_lines_run_only_if_nobody_answered() -> None:
    lines = 'transfer 81312345678\nsay en "Nobody is here"'
    assert call(lines).callee("answered").callee_hangs_up().heard == ()
    call(lines).callee("no-answer").hears("Nobody is here")


def test_sip_codes_mean_what_they_mean_on_the_platform() -> None:
    names = {No.BUSY: "busy", No.DECLINED: "declined", No.UNAVAILABLE: "unavailable"}
    for sip_code in range(300, 700):
        theirs = declined(sip_code, "")
        word, told_code = outcome_of(sip_code)
        assert (word, told_code, told_as(word, sip_code)) == (theirs.word, sip_code, names[theirs.told_as])


@pytest.mark.parametrize("how", ["gone", 200, 700])
def test_a_callee_cannot_fare_in_another_way(how: Any) -> None:
    with pytest.raises(BadValue, match=r"cannot be 'gone'|no SIP code"):
        call("transfer 81312345678").callee(how)


@pytest.mark.parametrize(
    ("text", "refused_as"),
    [
        ("reject", "busy"),
        ("reject declined", "declined"),
        ("reject unavailable", "unavailable"),
        ("hangup", "unavailable"),
    ],
)
def test_a_caller_is_refused_without_an_answer(text: str, refused_as: str) -> None:
    made = call(text)
    assert (made.refused_as, made.ending, made.is_answered) == (refused_as, f"refused: {refused_as}", False)


def test_a_caller_hears_what_became_of_the_only_callee() -> None:
    assert call("transfer 81312345678").callee("busy").refused_as == "busy"
    made = call("pause 1\ntransfer 81312345678").callee("busy")
    assert (made.refused_as, made.ending) == (None, "hung up")


def test_a_message_is_told_with_its_url() -> None:
    made = call('voicemail say en "Speak" next=self').hears("Speak").leaves_message(20, url="https://example.com/1")
    assert told(made) == {"event": "voicemail", "recording_url": "https://example.com/1"}
    for short in (call("voicemail next=self").leaves_message(0.9), call("voicemail next=self").leaves_no_message()):
        assert told(short) == {"event": "voicemail"}
    call('voicemail\nsay en "Thanks"').leaves_message().hears("Thanks")


def test_a_caller_who_hangs_up_is_asked_about_no_more() -> None:
    made = call("voicemail next=self").hangs_up()
    assert (made.ending, len(made.requests)) == ("caller hung up", 1)
    with pytest.raises(CallFailed, match="the call is over"):
        made.hangs_up()


VERBS: list[Callable[[Call], object]] = [
    lambda made: made.presses("1"),
    lambda made: made.presses_nothing(),
    lambda made: made.leaves_message(),
    lambda made: made.leaves_no_message(),
    lambda made: made.rings(FRIEND),
    lambda made: made.callee("busy"),
    lambda made: made.callee_hangs_up(),
]
PLACES = {
    "gather": (0, 1),
    "voicemail": (2, 3),
    "transfer 81312345678": (4, 5),
    "pause 1": (),
}


@pytest.mark.parametrize("text", PLACES)
def test_a_verb_that_does_not_fit_fails_the_test_with_the_call_so_far(text: str) -> None:
    for index, verb in enumerate(VERBS):
        made = call(text)
        if index in PLACES[text]:
            verb(made)
            continue
        with pytest.raises(CallFailed, match="cannot") as caught:
            verb(made)
        assert f"  line 1   {text}" in str(caught.value)


def test_a_call_says_what_it_waits_for() -> None:
    assert [call(text).waits_for for text in PLACES] == ["keys", "message", "callee", None]
    made = call("transfer 81312345678").callee("answered")
    assert made.waits_for == "talk"
    assert repr(made) == "<Call: caller and callee talk>"
    assert str(made).endswith("\n  now      caller and callee talk")


def test_the_fallback_is_asked_with_the_reason_and_then_the_default_action_is_done() -> None:
    with Phone() as phone:
        made = phone(saying(incoming="playbak", fallback='say en "Sorry"'), fallback_url="/spare?a=b")
        made.hears("Sorry")
        assert told(made) == {"event": "fallback", "reason": "unknown-verb"}
        made = phone(saying(incoming="", fallback="say"), fallback_url="/spare", default_action='say en "Later"')
    made.hears("Later")
    assert [failure.code for failure in made.failures] == ["empty-answer", "missing-argument"]


def test_a_default_action_that_cannot_be_done_is_drawn() -> None:
    with Phone() as phone, pytest.raises(BadValue, match=r"unknown-verb, line 1, column 1.*\n    gather\n    \^{6}"):
        phone(saying(), default_action="gather")


def test_a_warning_is_told_and_the_line_runs() -> None:
    made = call('Say en "Hello"\nhangup\npause 1').hears("Hello")
    assert [warning.code for warning in made.answers[0].warnings] == ["unknown-verb", "unreachable-line"]
    assert (
        "  warning  unknown-verb, line 1, column 1: actions are written in lower case: say\n               Say en"
        in str(made)
    )


@pytest.mark.parametrize(
    ("caller", "parameters"),
    [
        ("+81 (90) 1234.5678", {"caller": "819012345678"}),
        ("1234", {"caller": "1234"}),
        ("alice", {"caller": "", "caller_raw": "alice"}),
        ("1" * 16, {"caller": "", "caller_raw": "1" * 16}),
        (None, {"caller": "", "anonymous": "1"}),
    ],
)
def test_a_caller_is_told_as_the_language_says(caller: str | None, parameters: dict[str, str]) -> None:
    with Phone() as phone:
        [request] = phone(saying(), caller=caller).requests
    names = ("caller", "caller_raw", "anonymous")
    assert {name: request.parameters[name] for name in names if name in request.parameters} == parameters


def test_a_recipient_is_a_number() -> None:
    with Phone() as phone, pytest.raises(BadValue, match="no telephone number"):
        phone(saying(), recipient="shop")


def test_each_call_has_an_id_of_its_own() -> None:
    with Phone() as phone:
        first, second = phone(saying()), phone(saying())
    assert first.requests[0].parameters["call_id"] != second.requests[0].parameters["call_id"]


def test_prompts_are_the_values_that_scripts_are_written_with() -> None:
    sound = Playback("https://example.com/a.mp3")
    assert call(Script().gather(sound)).actions == (Gather(sound),)
    assert call(Script().transfer(FRIEND.replace(" ", "-"))).actions == (Transfer(("81312345678",)),)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_nobody_talks_for_less_than_no_time(seconds: float) -> None:
    with pytest.raises(BadValue, match="Nobody talks for"):
        call("voicemail").leaves_message(seconds)
    with pytest.raises(BadValue, match="Nobody talks for"):
        call("transfer 81312345678").callee("answered").callee_hangs_up(seconds)


def test_a_call_in_circles_is_shown_by_its_beginning_and_its_end() -> None:
    with pytest.raises(CallFailed, match="too-many-requests") as caught:
        call("redirect https://action.example/")
    lines = str(caught.value).splitlines()
    assert len(lines) == 64
    assert lines[33] == "  … and 40 lines more, until"
