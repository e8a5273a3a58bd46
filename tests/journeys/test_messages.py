"""Callers leave messages on a running platform, and customers hear them."""

import asyncio
from typing import Any

import pytest

import ear
from action_server import ActionServer
from offhook.audio.beep import HZ as BEEP_HZ
from phone import phone
from recordings import samples
from running_platform import NUMBER, RunningPlatform
from soundfiles import mp3, sine
from tones import tone

pytestmark = pytest.mark.peers

GREETING_HZ, CALLER_HZ = 500, 1300


def recorded(platform: RunningPlatform, caller: str) -> dict[str, Any]:
    """Return the one recording of a caller, once it is whole."""

    def found() -> dict[str, Any] | None:
        kept = [one for one in platform.api("GET", "/voice/recordings/") if one["caller"] == caller]
        return kept[0] if kept and kept[0]["status"] != "recording" else None

    recording: dict[str, Any] = platform.wait_until(found, within_s=10, what="the recording to be whole")
    return recording


async def test_a_message_is_greeted_beeped_recorded_and_told_of(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    greeting = actions.serves("greeting.mp3", mp3(sine(GREETING_HZ, 1)))
    actions.says(f"voicemail playback {greeting} max=30 next=self")
    actions.says_after("voicemail", "pause 1")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear(1.6)
        customer.say(tone(CALLER_HZ, 3))
        await customer.hear(2.5)
        customer.press("#")
        await customer.hear_the_end()
    assert ear.has_tone(heard[:6_000], GREETING_HZ)
    assert ear.has_tone(heard[-4_000:], BEEP_HZ)
    told = actions.questions[-1].parameters
    assert told["event"] == "voicemail"
    message = await asyncio.to_thread(samples, told["recording_url"])
    assert ear.has_tone(message[4_000:16_000], CALLER_HZ)
    assert not ear.has_tone(message, BEEP_HZ)
    recording = await asyncio.to_thread(recorded, platform, caller)
    assert (recording["status"], recording["din"]) == ("stored", NUMBER)
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"], recording["call_id"]) == ("completed", None, call["call_id"])
    kinds = [event["kind"] for event in platform.timeline(call["call_id"])]
    assert kinds.index("recording") < kinds.index("recorded")


async def test_a_caller_who_hangs_up_has_left_a_message(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("voicemail next=self")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear(0.6)
        customer.say(tone(CALLER_HZ, 3))
        await customer.hear(2.5)
        customer.hang_up()
    (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    assert [question.parameters["event"] for question in actions.questions] == ["incoming"]
    recording = await asyncio.to_thread(recorded, platform, caller)
    assert recording["status"] == "stored"
    link = platform.api("GET", f"/voice/recordings/{recording['recording_uid']}/link/")
    assert ear.has_tone((await asyncio.to_thread(samples, link["wav_url"]))[4_000:14_000], CALLER_HZ)


async def test_who_says_nothing_leaves_nothing(platform: RunningPlatform, actions: ActionServer, caller: str) -> None:
    actions.says("voicemail")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear(0.6)
        customer.hang_up()
    await asyncio.to_thread(platform.ended_calls, caller)
    recording = await asyncio.to_thread(recorded, platform, caller)
    assert (recording["status"], recording["reason"]) == ("lost", "recording-empty")
