"""What was not heard in an answered call, or only badly: the sentence for each way in which sound and keys are lost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offhook.domain.calls import Call, Caller, Status, TimelineEvent
from offhook.domain.causes import Cause, cause

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
CALL = Call(
    call_id="call-0", account_id=1, api_user="", trunk="carrier", source="198.51.100.1:5060", direction="inbound",
    caller=Caller("819012345678", "+819012345678"), recipient="815012345678", action_url=None, status=Status.COMPLETED,
    reason=None, started_at=AT, answered_at=AT, ended_at=AT + timedelta(seconds=12), duration_s=12,
    minute_cost=1, held_minutes=1, cost=1, node="node-1",
)  # fmt: skip
ONE_WAY = "The sound went one way only: "


def event(kind: str, text: str = "", at_s: float = 1.0, code: str | None = None, **data: Any) -> TimelineEvent:
    return TimelineEvent(at_s * 1000, kind, text, code, data)


def found(*events: TimelineEvent) -> Cause:
    return cause(CALL, [event("arrived"), event("answered"), event("script"), *events, event("ended", at_s=12.0)])


def quality(prefix: str = "", sent: int = 600, lost_percent: float | None = 0.0, **received: Any) -> TimelineEvent:
    told = {"packets": 600, "lost_percent": 0.0, "jitter_ms": 1.0, **received}
    return event(f"{prefix}quality", codec="PCMU", received=told, sent={"packets": sent, "lost_percent": lost_percent})


def media(at_s: float = 1.0, prefix: str = "", **data: Any) -> TimelineEvent:
    told = {"remote": "198.51.100.1:4000", "on_hold": False, "srtp": False, "telephone_event": True, **data}
    return event(f"{prefix}media", at_s=at_s, **{"keys_by": "rfc4733", **told})


NOT_YET = event("no-audio-yet", "", 4.0, "no-audio-yet")
STOPPED = event("audio-stopped", "", 7.0, "audio-stopped", still_ms=5000.0)
OURS_ENDED = event("hung-up", "we hung up: the script is over", 12.0)
CALLER_LEFT, CALLEE_LEFT = event("hung-up", "the caller hung up", 12.0), event("hung-up", "the callee hung up", 12.0)


@pytest.mark.parametrize(
    ("agreed", "received", "sentence", "cure"),
    [
        (
            {},
            {"elsewhere": "203.0.113.9:4002"},
            "sound for the caller came from 203.0.113.9:4002, which its SDP does not name (198.51.100.1:4000).",
            "from the address that its SDP names",
        ),
        (
            {"remote": ""},
            {"elsewhere": "203.0.113.9:4002"},
            "sound for the caller came from 203.0.113.9:4002, which its SDP does not name.",
            "from the address that its SDP names",
        ),
        (
            {"srtp": True},
            {"unreadable": 250},
            "the caller sent 250 packets that the key agreed on (SRTP) does not open.",
            "a=crypto",
        ),
        ({}, {"unreadable": 250}, "the caller sent 250 packets that are no RTP.", "RFC 3550"),
        (
            {"remote": "10.1.2.3:4000"},
            {},
            (
                "nothing came from the caller while 600 packets were sent there, and its SDP names the private address"
                " 10.1.2.3."
            ),
            "public address",
        ),
        ({"remote": "pbx:4000"}, {}, "nothing came from the caller while 600 packets were sent there.", "rtp_ports"),
        ({}, {}, "nothing came from the caller while 600 packets were sent there.", "rtp_ports"),
    ],
)  # fmt: skip
def test_what_came_in_place_of_the_callers_sound_is_named(
    agreed: dict[str, Any], received: dict[str, Any], sentence: str, cure: str
) -> None:
    told = found(media(**agreed), NOT_YET, OURS_ENDED, quality(packets=0, **received))
    assert (told.code, told.sentence) == ("no-audio-yet", f"{ONE_WAY}{sentence}")
    assert cure in told.cure


def test_of_a_callee_it_is_not_known_where_its_sip_comes_from() -> None:
    silent = event("callee-no-audio-yet", code="no-audio-yet")
    told = found(
        media(), quality(), media(prefix="callee-", remote="10.1.2.3:4000"), silent, quality("callee-", packets=0)
    )
    assert told.sentence == f"{ONE_WAY}nothing came from the callee while 600 packets were sent there."


@pytest.mark.parametrize(
    ("types", "named"), [({"18": 500}, "18 (G729)"), ({"97": 400, "8": 100}, "97, 8 (PCMA)"), ({"97": 300}, "97")]
)
def test_sound_of_a_type_that_nobody_agreed_on_is_told_by_its_number(types: dict[str, int], named: str) -> None:
    told = found(media(), OURS_ENDED, quality(unknown_types=types))
    assert (told.code, told.sentence) == (
        "payload-unknown",
        (
            f"Nothing that the caller said could be understood: {sum(types.values())} packets of payload type {named}"
            " came, and PCMU was agreed on."
        ),
    )


WAITED = [event("gather"), event("gathered", digits="")]


@pytest.mark.parametrize(
    ("agreed", "events", "types", "code", "words"),
    [
        ({}, [event("key-ignored", code="keys-by-info")], {}, "keys-by-info", "came by INFO, which is not listened to"),
        ({}, [], {"97": 8}, "payload-unknown", "none was understood: 8 packets of payload type 97 came"),
        ({"keys_by": "inband"}, [], {"101": 8}, "payload-unknown", "8 packets of payload type 101 came"),
        ({"telephone_event": False}, [], {}, "keys-in-band", "offers no telephone-events"),
        ({"telephone_event": False, "keys_by": "info"}, [], {}, None, "went as wished"),
        ({}, [], {}, None, "went as wished"),
        ({}, [event("digit", digit="1")], {"97": 8}, None, "went as wished"),
    ],
)
def test_keys_that_came_by_another_way_are_told_by_that(
    agreed: dict[str, Any], events: list[TimelineEvent], types: dict[str, int], code: str | None, words: str
) -> None:
    received: dict[str, Any] = {"unknown_types": types} if types else {}
    told = found(media(**agreed), *WAITED, *events, OURS_ENDED, quality(**received))
    assert told.code == code
    assert words in told.sentence
    assert bool(told.cure) == (code is not None)


def test_keys_that_nobody_heard_are_told_of_a_call_that_went_as_wished() -> None:
    told = found(media(), *WAITED, OURS_ENDED, quality())
    assert told.sentence == (
        "The call went as wished: it lasted 12 s, no key was heard though keys were waited for, and its script came to"
        " its end."
    )


def test_keys_of_a_trunk_that_listens_for_tones_are_better_agreed_on() -> None:
    told = found(media(keys_by="inband"), *WAITED, OURS_ENDED, quality(unknown_types={"101": 8}))
    assert told.cure == "Have telephone-events agreed on: `offhook trunks set carrier --dtmf rfc4733`."


@pytest.mark.parametrize(
    ("events", "code", "sentence"),
    [
        (
            [media(on_hold=True), CALLER_LEFT],
            "on-hold",
            "The caller heard nothing: its side had the call on hold from its beginning to its end.",
        ),
        (
            [media(), media(4.0, on_hold=True), media(6.0, on_hold=True), OURS_ENDED],
            "on-hold",
            "The caller was put on hold by its side and not taken off again: for 8 s it heard nothing.",
        ),
        (
            [media(), media(prefix="callee-", on_hold=True), OURS_ENDED],
            "on-hold",
            "The callee heard nothing: its side had the call on hold from its beginning to its end.",
        ),
        ([media(), media(4.0, on_hold=True), CALLER_LEFT], None, None),
        ([media(on_hold=True), media(4.0), OURS_ENDED], None, None),
        ([media(), media(4.0, on_hold=True)], "on-hold", None),
    ],
)
def test_who_was_on_hold_heard_nothing(events: list[TimelineEvent], code: str | None, sentence: str | None) -> None:
    told = found(*events, quality())
    assert told.code == code
    assert sentence in (None, told.sentence)


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        ([STOPPED, OURS_ENDED], "The sound of the caller stopped 10 s before the call ended, and did not come back."),
        (
            [event("callee-audio-stopped", "", 7.0, still_ms=5000.0), OURS_ENDED],
            "The sound of the callee stopped 10 s before the call ended, and did not come back.",
        ),
        ([STOPPED, CALLER_LEFT], None),
        ([event("callee-audio-stopped", "", 7.0), CALLEE_LEFT], None),
        ([STOPPED, event("audio-again", "", 8.0), OURS_ENDED], None),
        ([event("audio-again", "", 6.0), event("audio-stopped", "", 7.0), OURS_ENDED],
         "The sound of the caller stopped 5 s before the call ended, and did not come back."),
    ],
)  # fmt: skip
def test_who_fell_silent_and_did_not_hang_up_is_missed(events: list[TimelineEvent], sentence: str | None) -> None:
    told = found(media(), *events, quality())
    assert (told.code, told.sentence if sentence else None) == ("audio-stopped" if sentence else None, sentence)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (quality(jitter_ms=240.0), "The caller was heard badly: its packets came in fits (240 ms jitter)."),
        (quality(lost_percent=12.2),
         "The caller heard us badly: it reports that 12 % of our packets were lost on the way."),
        (quality("callee-", lost_percent=7.0),
         "The callee heard us badly: it reports that 7 % of our packets were lost on the way."),
        (quality(jitter_ms=190.0, lost_percent=2.0), None),
        (quality(packets=40, jitter_ms=290.0, sent=40, lost_percent=50.0), None),
    ],
)  # fmt: skip
def test_sound_that_came_badly_is_no_call_as_wished(made: TimelineEvent, sentence: str | None) -> None:
    told = found(media(), OURS_ENDED, made)
    assert (told.code, told.sentence if sentence else None) == ("sound-poor" if sentence else None, sentence)


def test_lost_packets_are_told_before_their_jitter() -> None:
    received = {"packets": 400, "lost_percent": 30.1, "jitter_ms": 90.0}
    told = found(media(), OURS_ENDED, event("quality", received=received, sent={}))
    assert told.sentence == "The caller was heard badly: 30 % of its packets were lost on the way."


@pytest.mark.parametrize(
    ("prefix", "left", "at_s", "code"),
    [
        ("", CALLER_LEFT, 11.0, "no-common-codec"),
        ("callee-", CALLEE_LEFT, 11.0, "no-common-codec"),
        ("", CALLEE_LEFT, 11.0, None),
        ("", CALLER_LEFT, 3.0, None),
    ],
)
def test_who_hangs_up_because_an_offer_was_declined_says_why(
    prefix: str, left: TimelineEvent, at_s: float, code: str | None
) -> None:
    declined = event(f"{prefix}media-refused", "", at_s, misfit="no-sound", unfit="offers a fax (T.38), and no sound")
    told = found(media(), declined, left, quality())
    assert told.code == code
    if code:
        assert "declined (488): its side offers a fax (T.38), and no sound." in told.sentence
        assert "T.38" in told.cure


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "our 200 was never acknowledged",
            "The call was ended because trunk carrier never acknowledged our answer: no ACK came within 32 s.",
        ),
        (
            "a provisional response of ours was never acknowledged",
            "The call was ended because trunk carrier never acknowledged our ringing (no PRACK came).",
        ),
        (
            "the session expired: the peer did not refresh it",
            (
                "The call was ended because trunk carrier did not confirm that it goes on: the session expired: the"
                " peer did not refresh it."
            ),
        ),
        ("", "The call was ended because trunk carrier never acknowledged our answer: no ACK came within 32 s."),
    ],
)
def test_what_was_not_confirmed_is_named(text: str, sentence: str) -> None:
    lost = replace(CALL, status=Status.FAILED, reason="not-confirmed", duration_s=32)
    left = [event("hung-up", text, 32.0, "not-confirmed")] if text else []
    told = cause(
        lost, [event("arrived"), *left, event("ended", "failed, 32.0 s after the answer", 32.0, "not-confirmed")]
    )
    assert (told.code, told.sentence) == ("not-confirmed", sentence)
    assert told.cure


def test_a_callee_that_nobody_listens_at_is_not_taken_for_the_caller() -> None:
    told = found(event("broken", "the callee: nobody listens at 192.0.2.9:4000: Connection refused", 9.0, "no-rtp"))
    assert told.sentence == (
        "The callee's side could not be reached with sound, so the call was ended: nobody listens at 192.0.2.9:4000:"
        " Connection refused."
    )
    assert "callee's SDP" in told.cure


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ([event("script")], ", while what it was to hear was made ready"),
        ([event("script"), event("sound-ready")], ""),
    ],
)
def test_who_gives_up_while_a_sound_is_made_ready_is_told_so(events: list[TimelineEvent], words: str) -> None:
    gone = replace(CALL, status=Status.CANCELED, duration_s=0, answered_at=None)
    told = cause(gone, [event("arrived"), *events, event("hung-up", "the caller gave up before the answer", 1.5)])
    assert told.sentence == f"The caller gave up after 1.5 s before the call was answered{words}."
