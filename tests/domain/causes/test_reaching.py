"""Why a callee was not reached: the sentence and the cure of each way in which a transfer comes to nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offhook.domain.calls import Call, Caller, Status, TimelineEvent
from offhook.domain.causes import Cause, cause

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
THEIRS = "81312345678"
CALL = Call(
    call_id="call-0", account_id=1, api_user="", trunk="carrier", source="192.0.2.1:5060", direction="inbound",
    caller=Caller("819012345678", "+819012345678"), recipient="815012345678", action_url=None, status=Status.FAILED,
    reason=None, started_at=AT, answered_at=None, ended_at=AT + timedelta(seconds=12), duration_s=0,
    minute_cost=1, held_minutes=1, cost=0, node="node-1",
)  # fmt: skip


def event(kind: str, text: str = "", code: str | None = None, **data: Any) -> TimelineEvent:
    return TimelineEvent(1500.0, kind, text, code, data)


def found(code: str, why: str, *before: TimelineEvent, is_dialled: bool = True, **data: Any) -> Cause:
    dialled = [event("dialled", number=THEIRS, trunk="out")] if is_dialled else []
    failed = event("transfer-failed", f"the callee was not reached: {why}", code, **data)
    return cause(CALL, [event("script"), event("transfer", number=THEIRS), *dialled, *before, failed, event("ended")])


@pytest.mark.parametrize(
    ("sip_code", "cure"),
    [
        (401, "Say rightly who we are to the carrier: `offhook trunks set out --user NAME --password-file FILE`."),
        (402, "Pay the carrier of trunk out"),
        (403, "which numbers it lets us call"),
        (404, "Check the number"),
        (407, "`offhook trunks set out --user"),
        (410, "this one was given up"),
        (433, "`from=recipient`"),
        (480, "may be off or out of reach"),
        (483, "Look where the number is forwarded to"),
        (484, "with its country code"),
        (487, "how long it lets a call ring"),
        (488, "which codecs it takes"),
        (499, "Ask the carrier of trunk out what it misses"),
        (500, "Look into the log of the gateway"),
        (503, "a second trunk (`routes`) takes over"),
        (603, "turned down"),
        (604, "Check the number"),
        (606, "which codecs it takes"),
        (608, "have it taken off"),
    ],
)
def test_each_last_word_has_a_cure_of_its_own(sip_code: int, cure: str) -> None:
    told = found("callee-failed", f"it said no ({sip_code} Told)", sip_code=sip_code)
    assert told.sentence == f"+{THEIRS} was not reached through trunk out: it said no ({sip_code} Told)."
    assert cure in told.cure


@pytest.mark.parametrize("sip_code", [486, 600])
def test_a_busy_callee_is_no_business_of_the_carriers(sip_code: int) -> None:
    assert found("callee-busy", "it is busy", sip_code=sip_code).cure.startswith("Name a second number")


def test_a_last_word_without_a_meaning_points_to_the_timeline() -> None:
    assert found("callee-failed", "it said 699", sip_code=699).cure == "The timeline tells more."


def test_what_a_peer_said_is_not_cut_at_its_full_stops() -> None:
    told = found("callee-busy", "it is busy (486 Busy. Call later. Bye)", sip_code=486)
    assert told.sentence.endswith("it is busy (486 Busy. Call later. Bye).")


@pytest.mark.parametrize(
    ("why", "data", "sentence", "cure"),
    [
        (
            "there is no connection to 192.0.2.9:5061 by TLS: its certificate is not believed: it has expired",
            {},
            (
                f"Trunk out is down, so +{THEIRS} was not reached: there is no connection to 192.0.2.9:5061 by TLS: its"
                " certificate is not believed: it has expired."
            ),
            "whether its gateway runs and answers us",
        ),
        (
            "the host 'sip.carrier.example' cannot be resolved",
            {"fault": "setup"},
            (
                f"The gateway of trunk out cannot be found, so +{THEIRS} was not reached: the host"
                " 'sip.carrier.example' cannot be resolved."
            ),
            "its DNS records",
        ),
        (
            "nobody has registered at this node as out",
            {"fault": "no-way"},
            f"Trunk out is down, so +{THEIRS} was not reached: nobody has registered at this node as out.",
            "`offhook trunks show out`",
        ),
    ],
)
def test_a_gateway_that_cannot_be_talked_to_is_told_apart_from_one_that_says_no(
    why: str, data: dict[str, Any], sentence: str, cure: str
) -> None:
    told = found("callee-failed", why, sip_code=None, **data)
    assert (told.code, told.sentence) == ("callee-failed", sentence)
    assert cure in told.cure


@pytest.mark.parametrize(
    ("code", "why", "cure"),
    [
        ("no-common-codec", "the callee answers with G729", "PCMA or PCMU"),
        ("callee-no-answer", "nobody answered within 5 s", "`ring=`"),
        ("callee-no-answer", "it rang nowhere. Ask the carrier what became of it", "what became of it"),
        ("callee-lost", "it fell off. Put it back", "Put it back"),
        ("callee-lost", "it fell off", "The timeline tells more."),
    ],
)
def test_what_we_found_out_ourselves_has_a_cure_too(code: str, why: str, cure: str) -> None:
    told = found(code, why, sip_code=None)
    assert told.sentence == f"+{THEIRS} was not reached through trunk out: {why.partition('. ')[0]}."
    assert cure in told.cure


def test_where_a_redirection_led_to_is_what_could_not_be_called() -> None:
    moved = [event("redirected", numbers=["8819"]), event("transfer", number="8819")]
    told = found("destination-refused", "+8819 is satellite", *moved, sip_code=None)
    assert told.sentence == "+8819 could not be called: +8819 is satellite."


def test_a_number_that_is_transferred_to_itself_goes_in_a_circle() -> None:
    dialled = [event("transfer", number=CALL.recipient), event("dialled", number=CALL.recipient, trunk="inside")]
    failed = event("transfer-failed", "the callee was not reached: it is away (480)", "callee-no-answer", sip_code=480)
    told = cause(CALL, [event("script"), *dialled, failed])
    assert (told.code, told.sentence) == (
        "loop",
        f"+{CALL.recipient} is transferred to itself: the call went in a circle until it was refused.",
    )


@pytest.mark.parametrize("code", ["no-credit", "spend-limit", "too-many-hops", "no-route", "destination-refused"])
def test_whoever_was_never_called_was_not_refused_by_anybody(code: str) -> None:
    told = found(code, "that may not be. And so on", is_dialled=False, sip_code=None)
    assert told.sentence == f"+{THEIRS} could not be called: that may not be."
    assert told.cure


@pytest.mark.parametrize(
    ("text", "numbers", "sentence", "cure"),
    [
        (
            (
                "trunk out says that the callee is at +8135, which is followed only where"
                " `offhook trunks set NAME --redirects` says so"
            ),
            ["8135"],
            "trunk out says that the callee is at +8135, and may not lead calls elsewhere.",
            "Transfer to +8135 yourself, or allow it: `offhook trunks set out --redirects`.",
        ),
        (
            "trunk out says that the callee is at no other number, and nobody else can be called",
            [],
            "trunk out says that the callee is at no other number, and nobody else can be called.",
            "Ask the carrier of trunk out",
        ),
        (
            "trunk out says that the callee is at +8135, and a call is led elsewhere once",
            ["8135"],
            "trunk out says that the callee is at +8135, and a call is led elsewhere once.",
            "Transfer to +8135 yourself: one call",
        ),
    ],
)
def test_where_a_carrier_wanted_us_to_go_is_named(text: str, numbers: list[str], sentence: str, cure: str) -> None:
    refused = event("redirect-refused", text, "callee-redirected", numbers=numbers, trunk="out")
    told = found("callee-redirected", "its gateway sent us elsewhere (302 Told)", refused, sip_code=302)
    assert told.sentence == f"+{THEIRS} was not reached: {sentence}"
    assert cure in told.cure


def test_a_redirection_that_an_older_timeline_tells_less_of_is_told_as_it_is() -> None:
    told = found("callee-redirected", "its gateway sent us elsewhere (302 Told)", sip_code=302)
    assert told.sentence == f"+{THEIRS} was not reached through trunk out: its gateway sent us elsewhere (302 Told)."
    assert "`offhook trunks set out --redirects`" in told.cure
