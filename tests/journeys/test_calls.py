"""What a caller hears and does, from the INVITE to the last posting, over real sockets."""

import asyncio

import numpy as np
import pytest

import ear
from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, RunningPlatform
from tones import RATE, mp3_of, tone

pytestmark = pytest.mark.peers

SENTENCE = "Thank you for calling. Our office opens tomorrow morning."


async def test_say_is_understood(platform: RunningPlatform, actions: ActionServer, caller: str) -> None:
    actions.says(f'say en "{SENTENCE}"')
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert ear.word_error_rate(SENTENCE, ear.recognise(heard)) < 0.5


async def test_a_caller_never_hears_dead_air_before_the_first_sound(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"playback {actions.serves('at-once.mp3', mp3_of(tone(600, 1)))}")
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller)
        heard = await customer.hear_the_end()
    # An MP3 encoder begins with up to 0.14 s of its own silence; nothing of ours comes before it.
    loud = np.flatnonzero(np.abs(heard.astype(int)) > 1000)
    assert loud[0] / RATE < 0.2


async def test_a_sequence_is_played_in_order_and_without_loss(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    low = actions.serves("low.mp3", mp3_of(tone(500, 1)))
    high = actions.serves("high.mp3", mp3_of(tone(1300, 1)))
    actions.says(f"playback {low} loop=2", "pause 1", f"playback {high}")
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller)
        heard = await customer.hear_the_end()
    assert ear.has_tone(heard[: 2 * RATE], 500)
    assert not ear.has_tone(heard[: 2 * RATE], 1300)
    assert ear.has_tone(heard[-RATE:], 1300)
    assert 4.0 < len(heard) / RATE < 5.5


async def test_a_started_minute_is_charged_once_and_the_ledger_adds_up(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 1")
    # The call of the test before may be over for its caller and not yet for the ledger.
    platform.wait_until(lambda: platform.api("GET", "/account/")["held"] == 0, within_s=5, what="settled books")
    before = platform.api("GET", "/account/")
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller)
        await customer.hear_the_end()
    (call,) = platform.ended_calls(caller)
    after = platform.api("GET", "/account/")
    assert (call["status"], call["cost"]) == ("completed", 1)
    assert before["balance"] - after["balance"] == 1
    assert after["held"] == 0
    assert after["available"] == after["balance"]


async def test_a_caller_who_gives_up_while_it_rings_pays_nothing(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says('say en "too late"', after_s=3)
    async with phone() as customer:
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await customer.hear_it_ring()
        customer.hang_up()
        calling.cancel()
        (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert (call["status"], call["cost"]) == ("canceled", 0)
    assert platform.api("GET", "/account/")["held"] == 0


async def test_each_key_is_heard_once(platform: RunningPlatform, actions: ActionServer, caller: str) -> None:
    actions.says("pause 4")
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller)
        customer.press("159#")
        await customer.hear_the_end()
    (call,) = platform.ended_calls(caller)
    keys = [event["data"]["digit"] for event in platform.timeline(call["call_id"]) if event["kind"] == "digit"]
    assert "".join(keys) == "159#"


async def test_a_verb_of_a_later_version_is_announced_and_explained(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("stream wss://example.com/")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await asyncio.sleep(0.5)
        customer.hang_up()
        (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert "not-available-yet" in {event["code"] for event in platform.timeline(call["call_id"])}


async def test_the_timeline_tells_the_whole_call_in_order(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"playback {actions.serves('story.mp3', mp3_of(tone(800, 1)))}")
    async with phone() as customer:
        await customer.call(NUMBER, platform.sip, caller=caller)
        await customer.hear_the_end()
    (call,) = platform.ended_calls(caller)
    events = platform.timeline(call["call_id"])
    times = [event["at_ms"] for event in events]
    kinds = [event["kind"] for event in events]
    assert times == sorted(times)
    wanted = ["arrived", "admitted", "action-requested", "action-answered", "script", "sound-ready", "answered"]
    wanted += ["first-packet-out", "hung-up", "quality", "ended"]
    assert [kind for kind in kinds if kind in wanted] == wanted
