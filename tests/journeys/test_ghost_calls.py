"""A carrier whose BYE comes from another address of its: nothing happens, and the timeline says why."""

import asyncio
import socket

import pytest

from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, RunningPlatform

pytestmark = pytest.mark.peers

ELSEWHERE = "127.0.0.3"


async def test_a_bye_from_an_unlisted_address_ends_nothing_and_is_told(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 30")
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        bye = customer.bye()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as gateway:
            gateway.bind((ELSEWHERE, 0))
            gateway.settimeout(0.3)
            for _ in range(3):
                gateway.sendto(bye, platform.sip)
            with pytest.raises(TimeoutError):
                await asyncio.to_thread(gateway.recv, 65536)
        customer.hang_up()
        (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert call["status"] == "completed"
    (event,) = [one for one in platform.timeline(call["call_id"]) if one["kind"] == "stranger-in-dialog"]
    assert event["code"] == "stranger-in-dialog"
    assert event["data"] == {"method": "BYE", "source": ELSEWHERE}
    assert f"offhook trunks add NAME --source {ELSEWHERE}/32" in event["text"]

    def listed() -> list[str] | None:
        shown = platform.cli("trunks", "strangers")
        return [line for line in shown.splitlines() if line.startswith(f"{ELSEWHERE} ")] or None

    (row,) = await asyncio.to_thread(platform.wait_until, listed, within_s=15, what="the stranger to be listed")
    assert "BYE sip:" in row
    assert row.endswith(f"offhook trunks add NAME --source {ELSEWHERE}/32")
