from dataclasses import replace
from datetime import UTC, datetime

import pytest

from offhook.domain.calls import Call, Caller, Status, TimelineEvent
from offhook.domain.questions import Event
from offhook.language import Hangup, Say, Script
from offhook.testkit.history import Asked, History, MessageLeft, Pressed, Transferred, read

URL = "https://shop.example/calls"
AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CALL = Call(
    call_id="call-1",
    account_id=1,
    api_user="",
    trunk="carrier",
    source="192.0.2.1",
    direction="in",
    caller=Caller("819012345678", "+819012345678"),
    recipient="815012345678",
    action_url=URL,
    status=Status.COMPLETED,
    reason=None,
    started_at=AT,
    answered_at=AT,
    ended_at=AT,
    duration_s=1,
    minute_cost=0,
    held_minutes=1,
    cost=0,
    node="node-1",
)
HELLO, BYE = Script((Say("en", "Hello"),)), Script((Hangup(),))


def event(kind: str, text: str = "", code: str | None = None, at_ms: float = 0.0, **data: object) -> TimelineEvent:
    return TimelineEvent(at_ms, kind, text, code, data)


def tried(query: str) -> list[dict[str, str]]:
    return [{"url": f"{URL}?{query}"}]


ASKED = event("action-requested", url=URL)
ANSWERED = event("action-answered", tries=[{"url": f"{URL}?event=incoming"}])
SAYS_HELLO = event("script", 'say en "Hello"\n')
SAYS_BYE = event("script", "hangup\n")
LEFT = event("hung-up", "the caller hung up")


def facts(*events: TimelineEvent) -> tuple[object, ...]:
    return read(CALL, [ASKED, ANSWERED, SAYS_HELLO, *events]).facts


def test_a_question_has_the_script_that_came_of_it() -> None:
    history = read(CALL, [event("arrived"), ASKED, ANSWERED, SAYS_HELLO, ASKED, ANSWERED, SAYS_BYE, LEFT])
    assert history.asked == (Asked(URL, None, HELLO), Asked(URL, None, BYE))
    assert (history.ending, history.opening, history.action_url) == ("the caller hung up", None, URL)


def test_the_fallback_belongs_to_the_question_that_failed() -> None:
    failed = event("action-failed", "too late", "timeout", tries=[])
    again = event("action-failed", "no", "http-status")
    history = read(CALL, [ASKED, failed, ASKED, again, event("default-action"), SAYS_BYE])
    assert history.asked == (Asked(URL, ("timeout", "too late"), BYE),)


def test_a_question_that_could_not_be_asked_is_one_of_its_own() -> None:
    spent = event("action-failed", "50 are enough", "too-many-requests")
    history = read(CALL, [ASKED, ANSWERED, SAYS_HELLO, spent, SAYS_BYE])
    assert history.asked == (Asked(URL, None, HELLO), Asked("", ("too-many-requests", "50 are enough"), BYE))


def test_a_call_that_asked_nobody_has_nothing_asked() -> None:
    unset = event("action-failed", "no action URL is set", "action-url-not-set")
    history = read(replace(CALL, action_url=None), [unset, event("default-action"), SAYS_BYE])
    assert (history.asked, history.opening, history.action_url) == ((), None, "")


def test_rules_that_decided_are_the_opening() -> None:
    history = read(replace(CALL, action_url=None), [event("rule-decided"), SAYS_HELLO, ASKED, ANSWERED, SAYS_BYE])
    assert (history.opening, history.asked) == (HELLO, (Asked(URL, None, BYE),))
    assert history.action_url == URL


@pytest.mark.parametrize(
    "last",
    [
        event("directed", "API user a put another script in place"),
        event("sound-failed", "there is no file", "sound-not-found"),
        event("announcement", "telling the caller"),
    ],
)
def test_what_does_not_follow_from_an_answer_ends_the_reading(last: TimelineEvent) -> None:
    history = read(CALL, [ASKED, ANSWERED, SAYS_HELLO, last, SAYS_BYE, ASKED])
    assert history.asked == (Asked(URL, None, HELLO),)
    assert history.ending == (f"{last.code}: {last.text}" if last.code else last.text)


def test_keys_are_those_pressed_at_each_gather() -> None:
    keys = [event("digit", digit=key) for key in "12#"]
    stray = event("digit", digit="9")
    first = [stray, event("gather"), *keys, event("gathered", digits="12")]
    assert facts(*first, event("gather"), event("gathered", digits=""), event("gather"), stray) == (
        Pressed("12#"),
        Pressed(""),
    )


def test_several_callees_fare_as_one_transfer() -> None:
    dialled = [event("transfer", number=number) for number in ("81312345678", "81312345679")]
    failed = event("transfer-failed", transfer_status="busy", sip_code=486)
    ringing = event("transfer-failed", transfer_status="no-answer", sip_code=None)
    assert facts(*dialled, failed, dialled[0], ringing) == (
        Transferred(("81312345678", "81312345679"), "busy", 486),
        Transferred(("81312345678",), "no-answer"),
    )


def test_an_answered_transfer_lasts_until_somebody_hangs_up() -> None:
    begins = [event("transfer", number="81312345678"), event("transfer-answered", at_ms=1000.0)]
    elsewhere = [event("referred", number="81312345679"), event("transfer", number="81312345679")]
    for text, stayed in (
        ("the callee hung up", True),
        ("we hung up on the callee: long enough", True),
        ("the caller hung up", False),
    ):
        ends = event("hung-up", text, at_ms=4200.0)
        assert facts(*begins, *elsewhere, ends) == (
            Transferred(("81312345678",), "answered", duration_s=4, caller_stayed=stayed),
        )
    # What the action server was told counts more than our own arithmetic.
    told = event("action-answered", tries=tried("transfer_status=answered&duration=5"))
    (found,) = facts(*begins, event("hung-up", "the callee hung up", at_ms=4200.0), told)
    assert isinstance(found, Transferred)
    assert found.duration_s == 5


def test_a_message_is_known_by_the_url_that_was_told() -> None:
    begun, recorded = event("recording"), event("recorded", seconds=2.0)
    told = event("action-answered", tries=tried("recording_url=https://a.example/1.wav"))
    assert facts(begun, recorded, recorded, told) == (MessageLeft(recording_url="https://a.example/1.wav"),)
    assert facts(begun, recorded) == (MessageLeft(),)
    assert facts(begun, LEFT, recorded) == (MessageLeft(caller_stayed=False),)


@pytest.mark.parametrize("tries", [None, [], ["?"], [{"url": None}]])
def test_tries_that_say_nothing_change_nothing(tries: object) -> None:
    pressed = [event("gather"), event("gathered", digits="1")]
    assert facts(*pressed, event("action-answered", tries=tries)) == (Pressed("1"),)
    assert facts(*pressed, event("action-answered", tries=tried("digits=1"))) == (Pressed("1"),)


def parameters(history: History) -> dict[str, str]:
    return dict(history.parameters(Event.GATHER, (("digits", "1"),)))


def test_parameters_are_those_of_the_call() -> None:
    assert read(CALL, [ASKED]).parameters(Event.GATHER, (("digits", "1"),)) == (
        ("caller", "819012345678"),
        ("recipient", "815012345678"),
        ("call_id", "call-1"),
        ("event", "gather"),
        ("trunk", "carrier"),
        ("digits", "1"),
    )


def test_all_that_was_known_of_a_caller_is_told_again() -> None:
    odd = replace(CALL, caller=Caller("", "sip:ann@a.example", "Ann"))
    told = parameters(read(odd, [event("arrived", forwarded_from="81312345678", verstat="No-TN-Validation"), ASKED]))
    assert {name: told[name] for name in ("caller", "caller_raw", "caller_name", "forwarded_from", "verstat")} == {
        "caller": "",
        "caller_raw": "sip:ann@a.example",
        "caller_name": "Ann",
        "forwarded_from": "81312345678",
        "verstat": "No-TN-Validation",
    }
    anonymous = parameters(read(replace(CALL, caller=Caller("", "", anonymous=True)), [ASKED]))
    assert (anonymous["caller"], anonymous["anonymous"], "caller_raw" in anonymous) == ("", "1", False)


def begun(*events: TimelineEvent) -> int | None:
    return read(CALL, [ASKED, ANSWERED, SAYS_HELLO, *events]).begun


def test_lines_are_counted_that_had_begun_when_the_caller_left() -> None:
    playing, beep = event("playing", line=2), event("playing", line=4)
    transfer = event("transfer", number="81312345678")
    failed = event("transfer-failed", transfer_status="busy", sip_code=486)
    assert begun(LEFT) == 0
    assert begun(playing, event("pause", line=3), LEFT) == 2
    assert begun(playing, event("gather", line=2), LEFT) == 1
    assert begun(playing, transfer, transfer, failed, transfer, LEFT) == 3
    assert begun(beep, beep, event("recording", line=4), LEFT) == 1
    # Those of the last script count.
    assert begun(playing, ASKED, ANSWERED, SAYS_BYE, LEFT) == 0


def test_who_talked_or_heard_the_script_to_its_end_did_not_leave_before() -> None:
    talking = (event("transfer", number="81312345678"), event("transfer-answered"))
    assert begun(event("playing", line=1), event("hung-up", "we hung up: the script is over")) is None
    assert begun(*talking, LEFT) is None
    assert begun(*talking, event("hung-up", "the callee hung up")) is None
