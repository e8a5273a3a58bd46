"""Several callees ring together, and a callee takes the call by a key, on a running platform."""

import asyncio

import pytest

import ear
from action_server import ActionServer
from callee import callee, pcmu
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import lead_to
from tones import tone

pytestmark = pytest.mark.peers

FRIEND, OTHER = "81312345678", "81312345679"
CALLER_HZ, FRIEND_HZ = 900, 1500


async def test_the_first_of_several_who_answers_talks_and_the_others_fall_silent(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND},{OTHER}")
    manners = Manners(answers_after_s=None, speech=pcmu(tone(FRIEND_HZ, 5)))
    async with callee(manners) as friends, phone() as customer:
        lead_to(platform, friends.sip)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await friends.hear_it_ring(2)
        first, second = friends.calls
        second.answer()
        assert await calling == 200
        async with asyncio.timeout(5):
            await first.ended.wait()
        assert first.status == 487
        assert ear.has_tone(await customer.hear(1), FRIEND_HZ)
        customer.hang_up()
        async with asyncio.timeout(5):
            await second.ended.wait()
    (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    assert platform.api("GET", "/account/")["held"] == 0


async def test_a_callee_is_told_what_to_press_and_takes_the_call_by_that(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND} confirm=1")
    async with callee(Manners(answers_after_s=0.1)) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await friend.hear_it_ring()
        words = await friend.hear(3)
        assert not calling.done(), "the caller hears ringing until the key"
        assert ear.recognise(words).count("press") >= 1
        friend.press("1")
        assert await calling == 200
        customer.say(tone(CALLER_HZ, 5))
        assert ear.has_tone(await friend.hear(1.5), CALLER_HZ)
        friend.hang_up()
        await customer.hear_the_end()
    (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)


async def test_a_box_that_answers_and_presses_nothing_does_not_swallow_the_call(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND} confirm=1", "pause 1")
    async with callee(Manners(answers_after_s=0.1, speech=pcmu(tone(FRIEND_HZ, 30)))) as box, phone() as customer:
        lead_to(platform, box.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await box.hear_the_end()
        heard = await customer.hear_the_end()
    assert not ear.has_tone(heard, FRIEND_HZ)
    (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    # The box answered, and its leg costs.
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
