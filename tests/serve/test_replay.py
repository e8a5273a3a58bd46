"""Old calls asked again of a real server. What a timeline tells is read in `testkit`."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from offhook.actionserver.signature import verify
from offhook.domain.calls import Call, Caller, Status, TimelineEvent
from offhook.serve.errors import NewCodeUnreachable, NothingToReplay
from offhook.serve.rehearsal import Fate, Wish, open_rehearsals
from offhook.serve.replay import Against, Replay, Rescue, replay
from offhook.testkit.differences import Mark
from rawserver import RawServer, Reply, Request, raw_server

URL = "https://shop.example/calls?shop=1"
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
    duration_s=9,
    minute_cost=0,
    held_minutes=1,
    cost=0,
    node="node-1",
)
FRIEND = "81312345678"


def wish(*, presses: tuple[str, ...] = (), fates: tuple[Fate, ...] = (Fate.ANSWERED,)) -> Wish:
    return Wish("", CALL.caller, CALL.recipient, presses=presses, fates=fates)


def event(kind: str, text: str = "", **data: object) -> TimelineEvent:
    return TimelineEvent(0.0, kind, text, None, data)


def answered(*lines: str) -> list[TimelineEvent]:
    return [
        event("action-requested", url=URL),
        event("action-answered"),
        event("script", "".join(f"{line}\n" for line in lines)),
    ]


MENU = [
    event("arrived"),
    *answered('gather say en "Press one" next=https://shop.example/keys'),
    event("gather"),
    event("digit", digit="1"),
    event("digit", digit="2"),
    event("digit", digit="#"),
    event("gathered", digits="12"),
    *answered('say en "Thank you"'),
    event("playing", line=1),
    event("hung-up", "the caller hung up"),
]


async def replayed(
    answers: dict[str, str],
    events: Sequence[TimelineEvent] = MENU,
    *,
    secrets: tuple[str, ...] = (),
    call: Call = CALL,
    rescue: Rescue | None = None,
) -> tuple[Replay, RawServer]:
    """Ask new code that answers by its path; NEW stands for its address."""

    async def behave(request: Request, reply: Reply) -> None:
        answer = answers.get(request.target.partition("?")[0])
        if answer is None:
            reply.respond(status=404)
        else:
            reply.respond(answer.replace("NEW", server.url("")).encode())

    async with raw_server(behave) as server:
        found = await replay(call, events, Against(server.url("/calls"), rescue, secrets), is_private_allowed=True)
    return found, server


def rows(found: Replay) -> list[tuple[Mark, str]]:
    return [(row.mark, row.text) for part in found.parts for row in part.rows]


async def test_new_code_that_says_the_same_is_asked_the_same() -> None:
    found, server = await replayed(
        {"/calls": 'gather say en "Press one" next=NEW/keys', "/keys": 'say en "Thank you"'}, secrets=("s3cret",)
    )
    assert found.is_same
    assert found.unknown == ""
    first, second = server.requests
    assert first.target == (
        "/calls?shop=1&caller=819012345678&recipient=815012345678&call_id=call-1&event=incoming&trunk=carrier"
    )
    assert second.target.startswith("/keys?caller=")
    assert (second.parameters["event"], second.parameters["digits"]) == ("gather", "12")
    signed = list(second.parameters.items())
    signature = second.headers["offhook-signature"]
    verify(signature, signed, ["s3cret"], int(signature.partition("t=")[2].partition(",")[0]))
    assert [(asked.question, asked.status) for asked in found.requests] == [
        ("event=incoming", 200),
        ("event=gather, digits=12", 200),
    ]


async def test_new_code_that_still_names_the_old_host_is_asked_at_the_new_one() -> None:
    found, server = await replayed(
        {"/calls": 'gather say en "Press one" next=https://shop.example/keys', "/keys": 'say en "Thank you"'}
    )
    assert found.is_same
    assert len(server.requests) == 2


async def test_other_words_are_told_line_by_line() -> None:
    found, _ = await replayed({"/calls": 'gather say en "Press two" next=NEW/keys', "/keys": 'say en "Thank you"'})
    assert not found.is_same
    assert rows(found)[0] == (Mark.WAS, 'gather say en "Press one" next=https://shop.example/keys')
    assert rows(found)[1][1].startswith('gather say en "Press two" next=http://127.0.0.1:')
    assert rows(found)[2:] == [(Mark.SAME, 'say en "Thank you"'), (Mark.SAME, "(the caller hung up)")]


async def test_what_new_code_says_behind_the_place_where_the_caller_hung_up_was_never_heard() -> None:
    heard = [*answered('say en "Hello"', "pause 5", "gather"), event("playing", line=1), event("pause", line=2)]
    left = [*heard, event("hung-up", "the caller hung up")]
    found, _ = await replayed({"/calls": 'say en "Hello"\npause 5\nhangup'}, left)
    assert found.is_same
    assert rows(found)[-1] == (Mark.SAME, "(the caller hung up)")
    other, _ = await replayed({"/calls": 'say en "Hello"\npause 6'}, left)
    assert not other.is_same


async def test_a_flow_that_goes_another_way_is_followed_as_far_as_the_old_call_says() -> None:
    found, _ = await replayed({"/calls": "gather digits=1 next=NEW/keys", "/keys": "transfer 81312345678"})
    assert [(part.question, part.is_shared) for part in found.parts] == [
        ("event=incoming", True),
        ("event=gather, digits=12", False),
        ("event=gather, digits=1", False),
    ]
    assert found.unknown.startswith("the old call does not say how a transfer to +81312345678 fares")


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"/calls": "gather next=NEW/keys"}, "http-status"),
        ({"/calls": "gather next=NEW/keys", "/keys": "say en Hello there"}, "unquoted-text"),
    ],
)
async def test_new_code_that_fails_is_a_difference_with_its_code(answers: dict[str, str], code: str) -> None:
    found, _ = await replayed(answers)
    assert not found.is_same
    assert any(mark is Mark.NOW and text.startswith(f"(no usable answer: {code}: ") for mark, text in rows(found))
    assert "fallback" in found.unknown


FALLBACK = Rescue("https://shop.example/fallback", "transfer 81312345678")


async def test_new_code_that_fails_is_rescued_by_the_fallback_as_a_call_is() -> None:
    answers = {"/calls": "gather next=NEW/keys", "/fallback": "gather next=NEW/again", "/again": 'say en "Thank you"'}
    found, server = await replayed(answers, rescue=FALLBACK, secrets=("s3cret",))
    asked = [(request.target.partition("?")[0], request.parameters["event"]) for request in server.requests]
    assert asked == [("/calls", "incoming"), ("/keys", "gather"), ("/fallback", "fallback")]
    assert server.requests[2].parameters["reason"] == "http-status"
    assert "digits" not in server.requests[2].parameters
    assert "offhook-signature" in server.requests[2].headers
    assert [asked.question for asked in found.requests][2] == "event=fallback, reason=http-status"
    assert any(text.endswith("the fallback URL answers instead)") for _, text in rows(found))
    assert found.unknown == "the old call has no keys for this (the caller hung up)"


@pytest.mark.parametrize("fallback", ["https://shop.example/nothing", None])
async def test_the_default_action_is_done_when_no_url_has_an_answer(fallback: str | None) -> None:
    rescue = Rescue(fallback, 'say en "Thank you"')
    found, _ = await replayed({"/calls": "gather next=NEW/keys"}, rescue=rescue)
    assert found.unknown == ""
    failed, *rest = rows(found)[2:]
    assert "the default action is done instead" in failed[1]
    assert ("the fallback URL has no usable answer either: http-status: " in failed[1]) is (fallback is not None)
    assert rest == [(Mark.SAME, 'say en "Thank you"'), (Mark.SAME, "(the caller hung up)")]


async def test_where_nothing_is_left_our_announcement_is_next() -> None:
    found, _ = await replayed({"/calls": "gather next=NEW/keys"}, rescue=Rescue())
    assert found.unknown == "our announcement is next"


async def test_an_old_call_that_was_rescued_is_asked_of_the_fallback_again() -> None:
    failing = [
        event("action-requested", url=URL),
        TimelineEvent(0.0, "action-failed", "it answered with status 404", "http-status"),
        *answered('say en "Sorry"', "hangup"),
    ]
    same, server = await replayed({"/fallback": 'say en "Sorry"\nhangup'}, failing, rescue=FALLBACK)
    assert same.is_same
    assert [request.parameters["event"] for request in server.requests] == ["incoming", "fallback"]
    other, _ = await replayed({"/fallback": "hangup"}, failing, rescue=FALLBACK)
    assert (Mark.WAS, 'say en "Sorry"') in rows(other)


async def test_the_fallback_counts_among_the_fifty_requests() -> None:
    found, server = await replayed(
        {"/calls": "redirect NEW/nothing", "/fallback": "redirect NEW/calls"}, rescue=FALLBACK
    )
    assert len(server.requests) == 50
    assert found.unknown


async def test_a_redirect_that_never_ends_does() -> None:
    found, server = await replayed({"/calls": "redirect NEW/calls"})
    assert len(server.requests) == 50
    assert any("too-many-requests" in text for _, text in rows(found))


async def test_what_rules_decided_is_no_question() -> None:
    events = [event("rule-decided"), event("script", f"redirect {URL}\n"), *answered("hangup")]
    found, server = await replayed({"/calls": "hangup"}, events)
    assert found.is_same
    assert len(server.requests) == 1


async def test_a_call_that_asked_nobody_cannot_be_replayed() -> None:
    with pytest.raises(NothingToReplay) as refused:
        await replayed({}, [event("arrived"), event("refused")])
    assert "call-1" in refused.value.sentence


async def test_where_nobody_is_there_is_nothing_to_compare() -> None:
    with pytest.raises(NewCodeUnreachable, match="address-refused"):
        await replay(CALL, MENU, Against("http://127.0.0.1:9/"))


FLOWS: dict[str, tuple[dict[str, str], Wish]] = {
    "keys": ({"incoming": "gather digits=2", "gather": "gather digits=1"}, wish(presses=("42", "7"))),
    "too many keys": ({"incoming": "gather digits=1 next=NEW/calls"}, wish(presses=("123",))),
    "nothing pressed": ({"incoming": "gather timeout=1", "gather": "pause 1"}, wish()),
    "answered": ({"incoming": f"transfer {FRIEND} next=self", "transfer": "hangup"}, wish()),
    "answered and over": ({"incoming": f"transfer {FRIEND}\nhangup"}, wish()),
    "confirmed": ({"incoming": f"transfer {FRIEND} confirm=1 max=5 next=self", "transfer": "pause 1"}, wish()),
    "several": ({"incoming": f"transfer {FRIEND},81312345679 next=self", "transfer": "pause 1"}, wish()),
    "two transfers": (
        {"incoming": f"transfer {FRIEND}\ntransfer 81312345679 next=self", "transfer": "voicemail"},
        wish(fates=(Fate.NO_ANSWER, Fate.REFUSED)),
    ),
    "message": ({"incoming": "pause 1\nvoicemail next=self", "voicemail": "voicemail\npause 1"}, wish()),
    "redirect": ({"incoming": "pause 1\nredirect NEW/calls?again=1"}, wish()),
    "rejected": ({"incoming": "reject declined"}, wish()),
    "failed": ({}, wish()),
    **{
        f"not reached: {fate}": (
            {"incoming": f"transfer {FRIEND} next=self", "transfer": "pause 1"},
            wish(fates=(fate,)),
        )
        for fate in Fate
    },
}


@pytest.mark.parametrize("name", FLOWS)
async def test_what_the_call_machine_writes_down_is_enough_to_ask_the_same_again(name: str) -> None:
    flow, wanted = FLOWS[name]

    async def behave(request: Request, reply: Reply) -> None:
        answer = flow.get(request.parameters["event"])
        if answer is None:
            reply.respond(status=404)
        elif "again" in request.parameters:
            reply.respond(b"hangup")
        else:
            reply.respond(answer.replace("NEW", server.url("")).encode())

    async with raw_server(behave) as server, open_rehearsals(is_private_allowed=True) as hands:
        url = server.url("/calls")
        rehearsed = await hands.rehearse(replace(wanted, url=url))
        asked = [request.parameters for request in server.requests]
        steps = [TimelineEvent(step.at_ms, step.kind, step.text, step.code, step.data) for step in rehearsed.steps]
        # As they are stored.
        events = [replace(one, data=json.loads(json.dumps(dict(one.data)))) for one in steps]
        call = replace(CALL, call_id=asked[0]["call_id"], trunk="try", caller=wanted.caller, action_url=url)
        found = await replay(call, events, Against(url), is_private_allowed=True)
    assert found.is_same, rows(found)
    assert [request.parameters for request in server.requests[len(asked) :]] == asked
