"""A platform that is asked to stop: running calls may end by themselves, new ones are sent elsewhere."""

import asyncio
from pathlib import Path

import pytest

from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, RunningPlatform

pytestmark = pytest.mark.peers

FIRST, SECOND = "819000000001", "819000000002"


async def test_a_running_call_goes_on_and_a_new_one_is_refused_until_the_last_has_ended(
    action_server: ActionServer, actions: ActionServer, tmp_path: Path
) -> None:
    actions.says("pause 60")
    with RunningPlatform(tmp_path, action_server.url, {"OFFHOOK_DRAIN_S": "60"}) as platform:
        async with phone() as talking:
            assert await talking.call(NUMBER, platform.sip, caller=FIRST) == 200
            platform.ask_to_stop()
            platform.wait_until(lambda: "stopping;" in platform.log.read_text(), within_s=5, what="the signal")
            async with phone() as late:
                assert await late.call(NUMBER, platform.sip, caller=SECOND) == 503
            (running,) = [call for call in platform.calls() if call["caller"] == FIRST]
            assert running["status"] == "in-progress"
            refused = next(call for call in platform.calls() if call["caller"] == SECOND)
            assert (refused["status"], refused["reason"]) == ("refused", "draining")
            talking.hang_up()
            assert await asyncio.to_thread(platform.wait_for_its_end) == 0
        await asyncio.to_thread(platform.start_again)
        (ended,) = [call for call in platform.calls() if call["caller"] == FIRST]
        assert (ended["status"], ended["reason"]) == ("completed", None)


@pytest.mark.parametrize(("drain_s", "signals"), [("1", 1), ("60", 2)])
async def test_what_still_runs_at_the_limit_or_at_a_second_signal_is_ended_with_a_reason(
    action_server: ActionServer, actions: ActionServer, tmp_path: Path, drain_s: str, signals: int
) -> None:
    actions.says("pause 60")
    with RunningPlatform(tmp_path, action_server.url, {"OFFHOOK_DRAIN_S": drain_s}) as platform:
        async with phone() as talking:
            assert await talking.call(NUMBER, platform.sip, caller=FIRST) == 200
            platform.ask_to_stop()
            if signals == 2:
                # Two signals at once are one: the second must find the first one heard.
                platform.wait_until(lambda: "stopping;" in platform.log.read_text(), within_s=5, what="the first")
                platform.ask_to_stop()
            await talking.hear_the_end()
            assert await asyncio.to_thread(platform.wait_for_its_end) == 0
        await asyncio.to_thread(platform.start_again)
        (ended,) = platform.calls()
        assert (ended["status"], ended["reason"]) == ("failed", "draining")
        assert platform.api("GET", "/account/")["held"] == 0
