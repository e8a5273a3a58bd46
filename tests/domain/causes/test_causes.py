"""Tables of timelines and the sentence that each of them begins with."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offhook.domain.calls import Call, Caller, Reason, Status, TimelineEvent
from offhook.domain.causes import Cause, cause

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
URL, FALLBACK = "https://shop.example/calls", "https://stand-in.example/"
OURS, THEIRS = "815012345678", "81312345678"
HEARD = "so the caller heard that nobody can take the call"
Events = list[TimelineEvent]


def call(status: Status = Status.COMPLETED, reason: str | None = None, **changes: Any) -> Call:
    made = Call(
        call_id="call-0", account_id=1, api_user="", trunk="carrier", source="192.0.2.1:5060", direction="inbound",
        caller=Caller("819012345678", "+819012345678"), recipient=OURS, action_url=URL, status=status,
        reason=reason, started_at=AT, answered_at=AT, ended_at=AT + timedelta(seconds=12), duration_s=12,
        minute_cost=1, held_minutes=1, cost=1, node="node-1",
    )  # fmt: skip
    return replace(made, **changes)


def event(kind: str, text: str = "", code: str | None = None, **data: Any) -> TimelineEvent:
    return TimelineEvent(1500.0, kind, text, code, data)


ARRIVED = event("arrived", dialled=[OURS], misfit="codecs", unfit="offers G729, iLBC, and we speak PCMU, PCMA and G722")
ASKED = event("action-requested", url=URL)
ANSWERED = event("action-answered")
FALLS_BACK = event("action-requested", url=FALLBACK)
SCRIPT = event("script", "playback https://shop.example/a.mp3")
PLAYING = event("playing")
SORRY = [event("announcement"), event("sound-ready"), event("answered"), PLAYING]
OVER = [event("hung-up", "we hung up: the script is over"), event("ended")]
LEFT = [event("hung-up", "the caller hung up"), event("ended")]


def failed(code: str, text: str, **tried: Any) -> TimelineEvent:
    """A request that failed, with its last try."""
    return event("action-failed", text, code, tries=[{"status": None, "is_signed": False, "skew_s": None, **tried}])


def wrong(code: str, sentence: str, *, line: int = 1, drawn: str = "") -> TimelineEvent:
    return event("action-failed", f"line {line}: {sentence}", code, line=line, column=1, drawn=drawn)


def sentence_of(events: Events, **about: Any) -> str:
    return cause(call(**about), events).sentence


NOT_SET = event("action-failed", "no action URL is set for this number", "action-url-not-set")
NO_HOST = failed("dns-failed", "shop.example could not be resolved: Name or service not known. Check the spelling.")
NOT_FOUND = failed("http-status", "shop.example answered with status 404. An action server answers 200.", status=404)
TYPO = wrong("unknown-verb", 'there is no action "playbak"', drawn="s\n    playbak x\n    ^^^^^^^ did you mean this?")


@pytest.mark.parametrize(
    ("events", "code", "sentence"),
    [
        ([NOT_SET, *SORRY], "action-url-not-set", f"No action URL is set for +{OURS}, {HEARD}."),
        (
            [ASKED, NO_HOST, *SORRY],
            "dns-failed",
            (
                f"The action URL {URL} was not reached: shop.example could not be resolved: Name or service not known,"
                f" {HEARD}."
            ),
        ),
        (
            [ASKED, NOT_FOUND, FALLS_BACK, ANSWERED, SCRIPT, PLAYING, *OVER],
            "http-status",
            (
                f"The action URL {URL} gave no answer that can be used: shop.example answered with status 404, so the"
                f" fallback URL {FALLBACK} took its place."
            ),
        ),
        (
            [ASKED, NO_HOST, FALLS_BACK, NOT_FOUND, event("default-action"), SCRIPT, PLAYING],
            "dns-failed",
            (
                f"The action URL {URL} was not reached: shop.example could not be resolved: Name or service not known;"
                f" the fallback URL {FALLBACK} failed too: shop.example answered with status 404, so the default action"
                " took its place."
            ),
        ),
        (
            [ASKED, NO_HOST, event("default-action"), SCRIPT, event("sound-failed", "no x", "sound-not-found"), *SORRY],
            "dns-failed",
            (
                f"The action URL {URL} was not reached: shop.example could not be resolved: Name or service not known;"
                f" the default action failed too: no x, {HEARD}."
            ),
        ),
        (
            [ASKED, ANSWERED, TYPO, *SORRY],
            "unknown-verb",
            (
                f"Line 1 of what the action URL {URL} answered, `playbak x`, cannot be done: there is no action"
                f' "playbak", {HEARD}.'
            ),
        ),
        (
            [ASKED, ANSWERED, wrong("empty-answer", "the answer has no action"), event("chain-exhausted")],
            "empty-answer",
            f"What the action URL {URL} answered cannot be done: the answer has no action, so the call was refused.",
        ),
        (
            [NOT_SET, event("default-action"), wrong("missing-argument", "it needs a URL", line=2), *SORRY],
            "missing-argument",
            f"Line 2 of what the subscription's default action says cannot be done: it needs a URL, {HEARD}.",
        ),
        (
            [event("rule-decided", rule="closed"), wrong("bad-number", "no number"), *SORRY],
            "bad-number",
            f"Line 1 of what the subscription's rule closed says cannot be done: no number, {HEARD}.",
        ),
        (
            [wrong("bad-number", "no number"), *LEFT],
            "bad-number",
            "Line 1 of what was to be done cannot be done: no number, so the caller gave up meanwhile.",
        ),
        (
            [ASKED, event("action-failed", "the call has made 50 action requests", "too-many-requests"), *SORRY],
            "too-many-requests",
            f"The scripts lead in a circle: the call has made 50 action requests, {HEARD}.",
        ),
        (
            [event("action-requested", url="https://other.example/"), NOT_FOUND, event("answered"), *LEFT],
            "http-status",
            "The URL https://other.example/ gave no answer that can be used: shop.example answered with status 404.",
        ),
        (
            [failed("timeout", "no usable answer within 18 s"), event("announcement")],
            "timeout",
            "The action server gave no answer in time: no usable answer within 18 s.",
        ),
    ],
)
def test_the_first_that_failed_is_the_cause_with_what_stood_in_for_it(events: Events, code: str, sentence: str) -> None:
    found = cause(call(Status.FAILED, code), [ARRIVED, *events])
    assert (found.code, found.sentence) == (code, sentence)
    assert found.cure


ELSEWHERE = "http://inside.example/x"
LED_ON = {"url": f"{URL}?caller=1", "status": 302, "code": None}


@pytest.mark.parametrize(
    ("code", "tries", "sentence"),
    [
        ("connect-failed", [{"was_sent": False}], f"The action URL {URL} was not reached: it is so"),
        ("connect-failed", [{"was_sent": True}], f"The action URL {URL} gave no answer that can be used: it is so"),
        # Older timelines do not say how far the request came.
        ("connect-failed", [{}], f"The action URL {URL} was not reached: it is so"),
        ("timeout", [{"was_sent": False}], f"The action URL {URL} was not reached: it is so"),
        ("timeout", [{"was_sent": True}], f"The action URL {URL} gave no answer in time: it is so"),
        (
            "address-refused",
            [LED_ON, {"url": f"{ELSEWHERE}?caller=1", "code": "address-refused"}],
            f"The action URL {URL} redirects to {ELSEWHERE}, which was not asked: it is so",
        ),
        (
            "connect-failed",
            [LED_ON, *[{"url": f"{ELSEWHERE}?caller=1", "code": "connect-failed", "was_sent": False}] * 2],
            f"The action URL {URL} redirects to {ELSEWHERE}, which was not reached: it is so",
        ),
        (
            "too-many-redirects",
            [LED_ON, LED_ON, LED_ON, LED_ON],
            f"The action URL {URL} gave no answer that can be used: it is so",
        ),
    ],
)
def test_the_sentence_says_how_far_the_request_came_and_where(
    code: str, tries: list[dict[str, Any]], sentence: str
) -> None:
    found = cause(call(Status.FAILED, code), [ASKED, event("action-failed", "it is so. Do this.", code, tries=tries)])
    assert (found.sentence, found.cure) == (f"{sentence}.", "Do this.")


def test_what_an_error_says_is_to_be_done_is_the_cure() -> None:
    assert cause(call(), [ASKED, NO_HOST]).cure == "Check the spelling."
    assert cause(call(), [ASKED, ANSWERED, TYPO]).cure == "Did you mean this?"


@pytest.mark.parametrize(
    ("skew_s", "way"), [(600, "10 min ahead of"), (-725, "12 min 5 s behind"), (3600, "60 min ahead of")]
)
def test_a_refused_signature_and_clocks_that_differ_are_one_cause(skew_s: int, way: str) -> None:
    refused = failed("http-status", "x answered with status 403.", status=403, is_signed=True, skew_s=skew_s)
    found = cause(call(Status.FAILED, "http-status"), [ASKED, refused, *SORRY])
    assert found.code == "clock-skew"
    assert found.sentence == (
        f"The action URL {URL} refused our signed request (status 403), and its clock is {way} ours: a signature is"
        f" good for 5 min, {HEARD}."
    )


@pytest.mark.parametrize(
    "tried",
    [
        {"status": 403, "is_signed": True, "skew_s": 300},
        {"status": 403, "is_signed": False, "skew_s": 900},
        {"status": 500, "is_signed": True, "skew_s": 900},
        {"status": 401, "is_signed": True},
    ],
)
def test_clocks_are_not_blamed_for_what_they_did_not_do(tried: dict[str, Any]) -> None:
    assert cause(call(), [ASKED, failed("http-status", "x answered with 4.", **tried)]).code == "http-status"


def test_who_set_a_default_action_alone_got_what_was_wished() -> None:
    found = cause(call(), [NOT_SET, event("default-action"), SCRIPT, PLAYING, *OVER])
    assert found == Cause(None, "The call went as wished: it lasted 12 s, and its script came to its end.")


@pytest.mark.parametrize(
    ("text", "code", "data", "sentence"),
    [
        (
            "the file host answered 404 for https://x.example/a.mp3",
            "sound-not-found",
            {"line": 2, "sound": "playback https://x.example/a.mp3"},
            "Line 2 could not be heard: the file host answered 404 for https://x.example/a.mp3",
        ),
        (
            "the file is no sound: it looks like a web page",
            "sound-not-audio",
            {"line": 1, "sound": "playback https://x.example/a.mp3"},
            (
                "Line 1 (playback https://x.example/a.mp3) could not be heard: the file is no sound: it looks like a"
                " web page"
            ),
        ),
        (
            "the language 'ko' is not installed; installed are en; no package of Offhook adds it",
            "language-not-installed",
            {"line": 1, "sound": "say ko: 여보세요"},
            "Line 1 (say ko: 여보세요) could not be heard: the language 'ko' is not installed",
        ),
        (
            "the disk is full",
            "sound-not-kept",
            {"line": 3, "sound": "a beep"},
            "Line 3 (a beep) could not be heard: the disk is full",
        ),
    ],
)
def test_a_sound_that_failed_is_named_with_its_line(text: str, code: str, data: dict[str, Any], sentence: str) -> None:
    found = cause(
        call(Status.FAILED, code), [ASKED, ANSWERED, SCRIPT, event("sound-failed", text, code, **data), *SORRY]
    )
    assert (found.code, found.sentence) == (code, f"{sentence}, {HEARD}.")


@pytest.mark.parametrize(
    ("text", "code", "cure"),
    [
        ("the file host answered 403 for https://x.example/a.mp3. Let all read.", "sound-not-found", "Let all read."),
        ("the file host answered 404 for https://x.example/a.mp3", "sound-not-found", "Put the file where"),
        ("x.example could not be resolved: no. Check the spelling.", "dns-failed", "Check the spelling."),
        ("the file is AMR, which is not played; MP3, WAV, OGG and FLAC are", "sound-not-audio", "Convert it"),
        ("the disk is full", "sound-not-kept", "See the log"),
    ],
)
def test_a_sound_that_failed_has_a_cure(text: str, code: str, cure: str) -> None:
    told = {"line": 1, "sound": "playback https://x.example/a.mp3"}
    assert cause(call(), [SCRIPT, event("sound-failed", text, code, **told), *SORRY]).cure.startswith(cure)


def test_a_sound_that_was_not_for_the_caller_is_no_cause() -> None:
    assert cause(call(), [SCRIPT, event("sound-failed", "for the callee", "worker-died"), *OVER]).code is None


DIALS = [
    event("transfer", number=THEIRS),
    event("dialled", number=THEIRS, trunk="out"),
]


def unreached(code: str, why: str, sip_code: int | None = None) -> Events:
    return [event("transfer-failed", f"the callee was not reached: {why}", code, sip_code=sip_code)]


@pytest.mark.parametrize(
    ("events", "sentence"),
    [
        (
            [*DIALS, *unreached("callee-busy", "it is busy (486 Busy Here)", 486)],
            f"+{THEIRS} was not reached through trunk out: it is busy (486 Busy Here).",
        ),
        (
            [event("transfer", number="8199"), *DIALS, *unreached("callee-no-answer", "nobody answered within 5 s")],
            f"+8199 and +{THEIRS} were not reached through trunk out: nobody answered within 5 s.",
        ),
        (
            [*DIALS, *unreached("callee-failed", "its gateway said nothing within 5 s")],
            f"Trunk out is down, so +{THEIRS} was not reached: its gateway said nothing within 5 s.",
        ),
        (
            [*DIALS, *unreached("callee-failed", "nobody has this number (404 Not Found)", 404)],
            f"+{THEIRS} was not reached through trunk out: nobody has this number (404 Not Found).",
        ),
        (
            [event("transfer", number=THEIRS), *unreached("no-route", "no trunk can send a call to +81")],
            f"+{THEIRS} could not be called: no trunk can send a call to +81.",
        ),
        (
            [event("transfer-failed", "lost", None, transfer_status="failed")],
            "The callee was not reached: lost.",
        ),
    ],
)
def test_a_callee_who_was_not_reached_is_named_with_its_trunk(events: Events, sentence: str) -> None:
    found = cause(call(Status.FAILED, events[-1].code), [ASKED, ANSWERED, SCRIPT, *events, event("ended")])
    assert (found.code, found.sentence) == (events[-1].code or "callee-failed", sentence)
    assert found.cure


def test_a_script_that_knows_what_to_do_without_the_callee_is_as_wished() -> None:
    events = [SCRIPT, *DIALS, *unreached("callee-busy", "it is busy", 486), event("answered"), PLAYING, *OVER]
    assert cause(call(), events).code is None


@pytest.mark.parametrize(
    ("code", "text", "data", "sentence", "cure"),
    [
        ("no-credit", "the account has 0 credits, and takes calls from 50 on", {},
         "The call was refused: the account has 0 credits, and takes calls from 50 on.", "top-up"),
        ("draining", "the call was refused: draining", {},
         "The call was refused: the platform was being stopped.", "anew"),
        ("in-space", "the call was refused: in-space", {}, "The call was refused: in-space.", ""),
        ("no-common-codec", "the call was refused: no-common-codec", {},
         "The call was refused (488): trunk carrier offers G729, iLBC, and we speak PCMU, PCMA and G722.", "G.711"),
        ("unknown-number", "no number of the pool was dialled; tried 1", {"tried": [OURS], "near": "", "rules": ""},
         f"No number of the pool is {OURS} as trunk carrier sends it: +{OURS} is not in the pool.", "numbers import"),
        ("unknown-number", "no number of the pool was dialled: 'x' is no number", {"tried": []},
         f"No number of the pool is {OURS} as trunk carrier sends it: 'x' is no number.", "trunks try carrier"),
        ("unknown-number", "", {"near": "8150", "rules": "--country-code 81"},
         f"No number of the pool is {OURS} as trunk carrier sends it, but +8150 is in the pool.",
         "offhook trunks set carrier --country-code 81"),
        ("unknown-number", "", {"near": "8150", "rules": "--number-from to", "near_in": "To"},
         (f"No number of the pool is {OURS} as trunk carrier sends it in its Request-URI, but its To names +8150,"
          " which is in the pool."), "was called: `offhook trunks set carrier --number-from to`."),
        ("not-subscribed", "nobody subscribes the number", {},
         f"The call was refused: nobody subscribes +{OURS}.", "Subscribe the number"),
        ("unknown-number", "", {"near": "8150", "rules": ""},
         f"No number of the pool is {OURS} as trunk carrier sends it, but +8150 is in the pool.", "trunks try carrier"),
    ],
)  # fmt: skip
def test_a_call_that_was_refused_has_no_other_cause(
    code: str, text: str, data: dict[str, Any], sentence: str, cure: str
) -> None:
    found = cause(call(Status.REFUSED, code), [ARRIVED, event("refused", text, code, **data), event("ended")])
    assert (found.code, found.sentence) == (code, sentence)
    assert cure in found.cure


def test_a_header_that_was_looked_at_in_vain_is_named() -> None:
    arrived = event("arrived", dialled=["555"], dialled_in="Request-URI", passed_over="Diversion")
    events = [arrived, event("refused", "no number was dialled: '555' is no number", "unknown-number", tried=[])]
    assert sentence_of(events) == (
        "No number of the pool is 555 as trunk carrier sends it: '555' is no number, and its Diversion, which is looked"
        " at first, names no number."
    )


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=61), "2026-11-23 at 05:58 UTC, 1 min 1 s before the call"),
        (timedelta(hours=3), "2026-11-23 at 03:00 UTC, 3 h before the call"),
        (timedelta(days=9), "2026-11-14 at 06:00 UTC, 9 days before the call"),
    ],
)
def test_a_number_that_was_given_up_says_since_when_it_is_free(ago: timedelta, words: str) -> None:
    refused = event("refused", "nobody subscribes the number", "not-subscribed", tried=[OURS])
    found = cause(call(Status.REFUSED, "not-subscribed"), [ARRIVED, refused], AT - ago)
    assert found.sentence == f"The call was refused: nobody subscribes +{OURS} since {words}."


def test_a_misfit_that_an_older_timeline_does_not_tell_is_one_of_codecs() -> None:
    events = [event("arrived"), event("refused", "x", "no-common-codec")]
    assert sentence_of(events) == "The call was refused (488): trunk carrier offers no sound that we speak."


def test_a_foreign_description_does_not_end_our_sentence() -> None:
    arrived = event("arrived", misfit="unreadable", unfit="sent what cannot be read: 'a. b' is no line")
    found = cause(call(), [arrived, event("refused", "x", "no-common-codec")])
    assert found.sentence == "The call was refused (488): trunk carrier sent what cannot be read: 'a. b' is no line."
    assert "RFC 8866" in found.cure


def quality(received: int, sent: int, sent_lost: float | None = None, prefix: str = "") -> TimelineEvent:
    data: dict[str, Any] = {"received": {"packets": received}, "sent": {"packets": sent, "lost_percent": sent_lost}}
    return event(f"{prefix}quality", **data)


NO_KEYS = [event("media", telephone_event=False, keys_by="rfc4733"), event("gather"), event("gathered", digits="")]
SILENT = event("no-audio-yet", "", "no-audio-yet")


@pytest.mark.parametrize(
    ("events", "code", "sentence"),
    [
        (
            [SILENT, *LEFT, quality(0, 200)],
            "no-audio-yet",
            "The sound went one way only: nothing came from the caller while 200 packets were sent there.",
        ),
        ([SILENT, *LEFT], "no-audio-yet", "The sound went one way only: nothing came from the caller."),
        (
            [event("callee-no-audio-yet"), *LEFT, quality(90, 90), quality(0, 80, prefix="callee-")],
            "no-audio-yet",
            "The sound went one way only: nothing came from the callee while 80 packets were sent there.",
        ),
        (
            [*LEFT, quality(90, 80, 100.0)],
            "sound-not-received",
            "The sound went one way only: the caller reports that none of our 80 packets arrived.",
        ),
        (
            [*NO_KEYS, *OVER, quality(90, 80, 0.0)],
            "keys-in-band",
            (
                "Keys were waited for and none came, because the caller's side offers no telephone-events: trunk"
                " carrier sends keys as tones in the sound, if at all, and they are not listened for."
            ),
        ),
    ],
)
def test_what_was_not_heard_is_the_cause_of_a_call_that_ran_to_its_end(
    events: Events, code: str, sentence: str
) -> None:
    found = cause(call(), [ARRIVED, ASKED, ANSWERED, SCRIPT, *events])
    assert (found.code, found.sentence) == (code, sentence)
    assert found.cure


@pytest.mark.parametrize(
    "events",
    [
        # Sound came late, but it came.
        [SILENT, event("first-packet-in"), *OVER, quality(300, 400)],
        [*NO_KEYS, event("digit"), *OVER],
        [*NO_KEYS, event("gathered", digits="5"), *OVER],
        [event("media", telephone_event=True, keys_by="rfc4733"), event("gathered", digits=""), *OVER],
        [event("media", telephone_event=False, keys_by="inband"), event("gathered", digits=""), *OVER],
        [event("gathered", digits=""), *OVER],
        [event("media"), event("gathered", digits=""), *OVER],
        [*OVER, quality(3, 3, 0.5), event("callee-quality")],
    ],
)
def test_who_was_heard_and_pressed_what_was_wished_is_blamed_for_nothing(events: Events) -> None:
    assert cause(call(), events).code is None


def test_without_any_sound_missing_keys_are_no_wonder() -> None:
    assert cause(call(), [*NO_KEYS, SILENT, *OVER, quality(0, 80)]).code == "no-audio-yet"


@pytest.mark.parametrize(
    ("events", "code", "sentence"),
    [
        (
            [SILENT, event("broken", "nobody listens at 192.0.2.9:4000: Connection refused", "no-rtp")],
            "no-rtp",
            "No sound went either way, so the call was ended: nobody listens at 192.0.2.9:4000: Connection refused.",
        ),
        (
            [event("first-packet-in"), event("broken", "nothing came for 300 s", "no-rtp")],
            "no-rtp",
            "The call was broken off: nothing came for 300 s.",
        ),
        (
            [event("broken", "a defect of ours: KeyError")],
            "broken",
            "The call was broken off: a defect of ours: KeyError.",
        ),
        (
            [event("hold-extended"), event("credit-ended", "", "credit-ended"), *SORRY],
            "credit-ended",
            "The account's credit ended during the call: minute 2 could not be paid, so the call ended after 12 s.",
        ),
    ],
)
def test_what_broke_a_call_off_is_its_cause(events: Events, code: str, sentence: str) -> None:
    found = cause(call(Status.FAILED, code), [ARRIVED, *events, event("ended")])
    assert (found.code, found.sentence) == (code, sentence)


def test_what_went_wrong_first_is_the_root() -> None:
    events = [ASKED, NOT_FOUND, *SORRY, SILENT, event("broken", "nobody listens", "no-rtp")]
    assert cause(call(Status.FAILED, "no-rtp"), events).code == "http-status"


def test_credit_that_ended_before_the_answer_took_no_second() -> None:
    events = [event("credit-ended", "", "credit-ended")]
    assert sentence_of(events, duration_s=0).endswith("minute 2 could not be paid, so the call ended after 0 s.")


@pytest.mark.parametrize(
    ("reason", "events", "sentence"),
    [
        (
            Reason.NODE_LOST.value,
            [event("ended", "the node died; another settled the call", "node-lost")],
            "The call ended as failed (node-lost): the node died; another settled the call.",
        ),
        ("from-a-later-release", [], "The call ended as failed (from-a-later-release)."),
    ],
)
def test_a_reason_that_nothing_explains_is_told_as_it_is(reason: str, events: Events, sentence: str) -> None:
    assert cause(call(Status.FAILED, reason), events).sentence == sentence


@pytest.mark.parametrize(
    ("status", "events", "sentence"),
    [
        (
            Status.COMPLETED,
            [SCRIPT, PLAYING, *LEFT],
            "The call went as wished: it lasted 12 s, and the caller hung up.",
        ),
        (Status.COMPLETED, [], "The call went as wished: it lasted 12 s."),
        (
            Status.COMPLETED,
            [*DIALS, event("transfer-answered"), event("hung-up", "the callee hung up")],
            f"The call went as wished: it lasted 12 s, the caller talked to +{THEIRS}, and the callee hung up.",
        ),
        (
            Status.REJECTED,
            [event("rejected", "the script says reject busy")],
            "The call went as wished: the script says reject busy, and it cost nothing.",
        ),
        (Status.REJECTED, [], "The call went as wished: the script rejected it, and it cost nothing."),
        (Status.CANCELED, [], "The caller gave up before the call was answered."),
        (
            Status.CANCELED,
            [ASKED, event("hung-up", "the caller gave up before the answer")],
            f"The caller gave up after 1.5 s before the call was answered, while {URL} was asked.",
        ),
        (
            Status.CANCELED,
            [ASKED, ANSWERED, SCRIPT, *DIALS, *LEFT],
            f"The caller gave up after 1.5 s before the call was answered, while +{THEIRS} was called.",
        ),
    ],
)
def test_a_call_that_nothing_was_wrong_with_says_so(status: Status, events: Events, sentence: str) -> None:
    assert cause(call(status), [ARRIVED, *events]) == Cause(None, sentence)


def test_a_call_that_goes_on_has_no_cause_yet() -> None:
    running = cause(call(Status.IN_PROGRESS, ended_at=None), [])
    assert running == Cause(None, "The call is going on: in-progress.")


def test_a_long_foreign_text_is_cut() -> None:
    found = cause(call(action_url=None), [event("action-requested", url=f"https://{'x' * 500}/"), NOT_FOUND])
    assert len(found.sentence) < 400
    assert "…" in found.sentence


@pytest.mark.parametrize("data", [{"tries": "none"}, {"tries": [1]}, {"line": True}, {"line": "1", "drawn": 5}, {}])
def test_data_of_another_release_are_read_with_care(data: dict[str, Any]) -> None:
    found = cause(call(), [event("action-failed", "it failed. Look.", "http-status", **data)])
    assert found.sentence == "The action server gave no answer that can be used: it failed."
