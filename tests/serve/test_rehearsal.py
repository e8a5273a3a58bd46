"""Rehearsals with a real server, real sounds and voices, on a clock that is made up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from offhook.actionserver.signature import verify
from offhook.domain.calls import Caller, Status
from offhook.serve.rehearsal import FIRST_KEY_S, MESSAGE_URL, SPEAKS_S, Fate, Rehearsal, Wish, open_rehearsals
from rawserver import RawServer, Reply, Request, raw_server
from soundfiles import mp3, sine

WISH = Wish("", Caller("819012345678", "+819012345678"), "815012345678")
FRIEND = "81312345678"
MUSIC = mp3(sine(440, 2.0))


@asynccontextmanager
async def answering(answers: Mapping[str, str]) -> AsyncIterator[RawServer]:
    """Serve these answers by the `event` of the question, and two seconds of music at `/music.mp3`."""

    async def behave(request: Request, reply: Reply) -> None:
        if request.target == "/music.mp3":
            reply.respond(MUSIC)
        elif request.target.startswith("/?"):
            body = answers[request.parameters["event"]].replace("MUSIC", server.url("/music.mp3"))
            reply.respond(body.replace("NOTHING", server.url("/nothing.mp3")).encode())
        else:
            reply.respond(status=404)

    async with raw_server(behave) as server:
        yield server


async def rehearse(wish: Wish, *, is_private_allowed: bool = True) -> Rehearsal:
    async with open_rehearsals(is_private_allowed=is_private_allowed) as hands:
        return await hands.rehearse(wish)


def kinds(found: Rehearsal) -> list[str]:
    return [step.kind for step in found.steps]


async def test_a_flow_is_followed_through_keys_and_a_transfer_to_its_end() -> None:
    flow = {
        "incoming": 'gather say en "Press one" digits=2',
        "gather": f"transfer {FRIEND} next=self",
        "transfer": "playback MUSIC loop=3\npause 60",
    }
    async with answering(flow) as server:
        found = await rehearse(replace(WISH, url=server.url(), presses=("42",), fates=(Fate.BUSY,)))
    asked = [request.parameters for request in server.requests if "event" in request.parameters]
    assert [one["event"] for one in asked] == ["incoming", "gather", "transfer"]
    assert asked[1]["digits"] == "42"
    assert (asked[2]["transfer_status"], asked[2]["sip_code"]) == ("busy", "486")
    assert len({one["call_id"] for one in asked}) == 1
    assert found.is_fine
    assert found.unpressed == ()
    assert found.ending.status is Status.COMPLETED
    # The busy callee, three times two seconds of music and the pause are over in the call's time, not in ours.
    assert 69 < found.ending.seconds < 90
    for kind in ("gather", "gathered", "transfer-failed", "playing", "pause"):
        assert kind in kinds(found)


async def test_keys_interrupt_a_prompt_and_those_that_nobody_wants_are_told() -> None:
    flow = {"incoming": "gather playback MUSIC digits=1", "gather": "hangup"}
    async with answering(flow) as server:
        found = await rehearse(replace(WISH, url=server.url(), presses=("123", "4")))
    [begins] = [step.at_ms for step in found.steps if step.kind == "gather"]
    [pressed] = [step.at_ms for step in found.steps if step.kind == "digit"]
    assert pressed - begins == pytest.approx(FIRST_KEY_S * 1000)
    assert found.unpressed == ("4",)


async def test_who_presses_nothing_waits_for_the_time_out() -> None:
    async with answering({"incoming": "gather timeout=60", "gather": "hangup"}) as server:
        found = await rehearse(replace(WISH, url=server.url()))
    assert server.requests[-1].parameters["digits"] == ""
    assert found.ending.seconds > 60


async def test_every_fate_of_a_callee_is_told_to_next() -> None:
    flow = {"incoming": f"transfer {FRIEND} next=self ring=5", "transfer": "hangup"}
    expected = {
        Fate.ANSWERED: ("answered", None),
        Fate.NO_ANSWER: ("no-answer", None),
        Fate.FAILED: ("failed", "500"),
        Fate.REFUSED: ("refused", "603"),
    }
    for fate, (status, sip_code) in expected.items():
        async with answering(flow) as server:
            await rehearse(replace(WISH, url=server.url(), fates=(fate,)))
        told = server.requests[-1].parameters
        assert (told["transfer_status"], told.get("sip_code")) == (status, sip_code)


async def test_a_message_is_spoken_after_the_beep_and_told_to_next() -> None:
    flow = {"incoming": 'voicemail say en "Please leave a message" next=self', "voicemail": "hangup"}
    async with answering(flow) as server:
        found = await rehearse(replace(WISH, url=server.url()))
    told = server.requests[-1].parameters
    assert (told["event"], told["recording_url"]) == ("voicemail", MESSAGE_URL)
    assert found.ending.seconds > SPEAKS_S
    assert found.is_fine


async def test_of_several_callees_one_confirms() -> None:
    flow = {"incoming": f"transfer {FRIEND},819011112222 confirm=1 next=self", "transfer": "hangup"}
    async with answering(flow) as server:
        found = await rehearse(replace(WISH, url=server.url()))
    assert server.requests[-1].parameters["transfer_status"] == "answered"
    assert found.is_fine


async def test_a_sound_that_is_not_there_is_a_fault_even_behind_one_that_is() -> None:
    async with answering({"incoming": "playback MUSIC\nplayback NOTHING"}) as server:
        found = await rehearse(replace(WISH, url=server.url()))
    [fault] = [step for step in found.steps if step.kind == "sound" and step.code]
    assert (fault.code, fault.is_fault, found.is_fine) == ("sound-not-found", True, False)
    assert "404" in fault.text
    [music] = [step for step in found.steps if "music.mp3 lasts" in step.text]
    assert music.took_ms is not None


async def test_a_file_that_is_no_sound_is_a_fault() -> None:
    async with answering({"fallback": "hangup"}) as server:
        wrong = f"playback {server.url('/?event=fallback')}"
        async with answering({"incoming": wrong}) as other:
            found = await rehearse(replace(WISH, url=other.url()))
    assert "sound-not-audio" in {step.code for step in found.steps}
    assert not found.is_fine


async def test_a_server_that_fails_leads_to_the_fallback() -> None:
    async with answering({"incoming": "playbak x", "fallback": "reject busy"}) as server:
        found = await rehearse(replace(WISH, url=server.url(), fallback_url=server.url("/?")))
    assert server.requests[-1].parameters["reason"] == "unknown-verb"
    assert found.ending.status is Status.REJECTED
    assert not found.is_fine


async def test_the_guard_is_that_of_a_node_unless_private_addresses_are_allowed() -> None:
    async with answering({"incoming": "reject"}) as server:
        found = await rehearse(replace(WISH, url=server.url()), is_private_allowed=False)
    assert server.requests == []
    assert "address-refused" in {step.code for step in found.steps}


async def test_requests_are_signed_and_what_was_overlooked_is_told() -> None:
    async with answering({"incoming": "reject"}) as server:
        found = await rehearse(replace(WISH, url=server.url("/#rt=1"), secrets=("new-secret", "old-secret")))
    request = server.requests[0]
    header, at = request.headers["offhook-signature"], found.ending.ended_at.timestamp()
    for secret in ("new-secret", "old-secret"):
        verify(header, request.parameters.items(), [secret], at)
    assert [step.code for step in found.steps if step.kind == "warning"] == ["bad-fragment"]
    assert found.is_fine


async def test_a_flow_in_a_circle_ends_where_a_call_does() -> None:
    async def behave(request: Request, reply: Reply) -> None:
        reply.respond(f"redirect {circle.url()}".encode())

    async with raw_server(behave) as circle:
        found = await rehearse(replace(WISH, url=circle.url()))
    assert len(circle.requests) == 50
    assert "too-many-requests" in {step.code for step in found.steps}


async def test_each_message_is_kept_once() -> None:
    async with answering({"incoming": "voicemail next=self", "voicemail": "voicemail\npause 1"}) as server:
        found = await rehearse(replace(WISH, url=server.url()))
    assert kinds(found).count("recording") == kinds(found).count("recorded") == 2
