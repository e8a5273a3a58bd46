"""A real call's timeline is enough to ask new code what it was asked, parameter for parameter."""

import asyncio
import json

import pytest

from action_server import ActionServer
from callee import callee
from offhook.engine.net.manners import BUSY, Manners
from phone import phone
from running_platform import NUMBER, PlatformFailed, RunningPlatform
from stages import FRIEND, lead_to
from tones import tone

pytestmark = pytest.mark.peers


async def test_a_call_with_keys_a_busy_callee_and_a_message_is_replayed(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("gather digits=1 next=self")
    actions.says_after("gather", f"transfer {FRIEND} next=self")
    actions.says_after("transfer", "voicemail max=30 next=self")
    actions.says_after("voicemail", "hangup")
    async with callee(Manners(refusal=BUSY)) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        customer.press("2")
        # The beep comes when the friend was busy.
        await customer.hear_something()
        customer.say(tone(1300, 2))
        await customer.hear(1.5)
        customer.press("#")
        await customer.hear_the_end()
    (call,) = platform.ended_calls(caller)
    asked = [question.parameters for question in actions.questions]
    assert [parameters["event"] for parameters in asked] == ["incoming", "gather", "transfer", "voicemail"]
    call_id = call["call_id"]

    printed = await asyncio.to_thread(platform.cli, "replay", call_id, "--against", actions.url, "--json")
    found = json.loads(printed)
    assert (found["same"], found["unknown"]) == (True, "")
    again = [question.parameters for question in actions.questions[len(asked) :]]
    assert again == asked
    assert asked[-1]["recording_url"].startswith("http")

    actions.says_after("transfer", "pause 2", "transfer 81355555555")
    with pytest.raises(PlatformFailed, match="ended with 1\n") as different:
        await asyncio.to_thread(platform.cli, "replay", call_id, "--against", actions.url)
    told = str(different.value)
    assert "  was:  voicemail max=30 next=self\n" in told
    assert "  now:  pause 2\n" in told
    assert "does not say how a transfer to +81355555555 fares" in told
