"""What an operator sees of how calls sounded: the quality of each leg, and who could not be heard."""

import asyncio
import json
from typing import Any

import pytest

import office
from action_server import ActionServer
from callee import callee, pcmu
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from tones import tone

pytestmark = pytest.mark.peers

FRIEND = "81312345678"


def _events(platform: RunningPlatform, caller: str) -> list[dict[str, Any]]:
    (call,) = platform.ended_calls(caller)
    return platform.timeline(call["call_id"])


def _one(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (event,) = [event for event in events if event["kind"] == kind]
    return event


def _kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["kind"] for event in events]


async def test_an_answered_call_ends_with_its_quality(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 4")
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller)
        await customer.hear_the_end()
    events = _events(platform, caller)
    quality = _one(events, "quality")
    received, sent = quality["data"]["received"], quality["data"]["sent"]
    # At 50 a second each was counted once; how much longer than its pause a call lasts, the machine decides.
    lasted_s = max(event["at_ms"] for event in events) / 1000
    assert 150 < received["packets"] <= 50 * lasted_s + 1
    assert (received["lost"], received["lost_percent"], received["duplicates"]) == (0, 0.0, 0)
    assert received["mos"] == pytest.approx(4.41, abs=0.005)
    assert 0.0 <= received["jitter_ms"] < 20.0
    assert 15.0 < received["longest_gap_ms"] < 500.0
    assert quality["data"]["codec"] == "PCMU"
    assert 150 < sent["packets"] <= 50 * lasted_s + 1
    # This phone sends no reports, so nobody knows what it heard.
    assert (sent["lost"], quality["data"]["round_trip_ms"]) == (None, None)
    assert quality["text"].startswith(f"{received['packets']} packets of PCMU came from the caller, none lost, ")
    assert not {"no-audio-yet", "audio-stopped", "audio-again"} & set(_kinds(events))
    call_id = platform.ended_calls(caller)[0]["call_id"]
    shown = json.loads(platform.cli("calls", "show", call_id, "--json"))
    assert _one(shown["timeline"], "quality")["data"] == quality["data"]
    assert "MOS 4.41" in " ".join(platform.cli("calls", "show", call_id).split())


async def test_a_caller_who_sends_nothing_is_told_of_while_the_call_goes_on(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 5")
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller, speaks=False)
        await customer.hear_the_end()
    events = _events(platform, caller)
    missed = _one(events, "no-audio-yet")
    assert missed["code"] == "no-audio-yet"
    assert missed["text"] == "no sound came from the caller in the first 3.0 s"
    answered = _one(events, "answered")["at_ms"]
    assert 3000 <= missed["at_ms"] - answered < 3500
    assert missed["data"]["still_ms"] == pytest.approx(3000, abs=400)
    # It is told and changes nothing: the script runs to its end.
    assert _kinds(events).index("no-audio-yet") < _kinds(events).index("hung-up")
    assert _one(events, "ended")["text"].startswith("completed, 5.")
    quality = _one(events, "quality")
    assert quality["data"]["received"]["mos"] is None
    assert quality["text"].startswith("no sound came from the caller; ")


async def test_a_callee_has_a_quality_and_a_silence_of_its_own(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(Manners(answers_after_s=0.2, speaks=False)) as friend, phone() as customer:
        office.lead_out(platform.database_url, friend.sip, pass_caller=False)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await asyncio.sleep(4)
        customer.hang_up()
        await friend.hear_the_end()
    events = await asyncio.to_thread(_events, platform, caller)
    assert _one(events, "callee-no-audio-yet")["code"] == "no-audio-yet"
    assert "no-audio-yet" not in _kinds(events)
    assert _one(events, "quality")["data"]["received"]["mos"] == pytest.approx(4.41, abs=0.005)
    assert _one(events, "callee-quality")["data"]["received"]["packets"] == 0


async def test_joined_legs_have_the_quality_of_what_each_heard(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    manners = Manners(answers_after_s=0.2, speech=pcmu(tone(700, 3)))
    async with callee(manners) as friend, phone() as customer:
        office.lead_out(platform.database_url, friend.sip, pass_caller=False)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear(2)
        customer.hang_up()
        await friend.hear_the_end()
    events = await asyncio.to_thread(_events, platform, caller)
    for kind in ("quality", "callee-quality"):
        received = _one(events, kind)["data"]["received"]
        assert received["packets"] > 80
        assert (received["lost"], received["mos"]) == (0, pytest.approx(4.41, abs=0.005))
