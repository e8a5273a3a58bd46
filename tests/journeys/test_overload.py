"""A node that cannot keep up refuses new calls at once, keeps those that run, and takes calls again later."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

import ear
from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, RunningPlatform
from tones import mp3_of, tone

pytestmark = pytest.mark.peers
SOUND_HZ = 700
PAUSE_S = 1.5
"""How long the server stands still; its limit is reached by a part of it."""


async def test_new_calls_wait_while_the_node_is_late_and_a_running_one_stays_clean(
    action_server: ActionServer, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"playback {actions.serves('long.mp3', mp3_of(tone(SOUND_HZ, 5)))}")
    with RunningPlatform(tmp_path, action_server.url, {"OFFHOOK_OVERLOAD_LAG_MS": "150"}) as platform:
        async with phone() as first, phone() as second, phone() as third:
            assert await first.call(NUMBER, platform.sip, caller=caller) == 200
            os.kill(platform.pid, signal.SIGSTOP)
            await asyncio.sleep(PAUSE_S)
            os.kill(platform.pid, signal.SIGCONT)
            # What has arrived meanwhile may be read before it is seen how late it is.
            await asyncio.to_thread(
                platform.wait_until, lambda: platform.metric("offhook_overloaded"), within_s=10, what="overload"
            )
            assert await second.call(NUMBER, platform.sip, caller=f"{caller}1") == 503
            assert platform.metric("offhook_refusals_total", reason="overload") == 1
            heard = await first.hear_the_end()
            # The media never stood still.
            assert ear.has_tone(heard, SOUND_HZ)
            await asyncio.to_thread(
                platform.wait_until, lambda: not platform.metric("offhook_overloaded"), within_s=10, what="relief"
            )
            assert await third.call(NUMBER, platform.sip, caller=f"{caller}2") == 200
        # What was turned away never came to the database.
        assert {call["caller"] for call in platform.calls()} == {caller, f"{caller}2"}
