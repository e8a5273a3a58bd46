"""A platform that is killed: started again, it hangs up what it left, and its books are right."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from action_server import ActionServer
from phone import phone
from running_platform import NUMBER, RunningPlatform

pytestmark = pytest.mark.peers

HEARTBEAT_S = 5.0


async def test_calls_of_a_killed_server_are_hung_up_and_charged_until_its_last_sign(
    mortal: RunningPlatform, actions: ActionServer
) -> None:
    before = mortal.api("GET", "/account/")
    async with phone() as speaking, phone() as ringing:
        actions.says("pause 60")
        assert await speaking.call(NUMBER, mortal.sip, caller="819000000001") == 200
        # One more sign of life, so that there is something to charge.
        await asyncio.sleep(HEARTBEAT_S)
        actions.says("hangup", after_s=4)
        ring = asyncio.create_task(ringing.call(NUMBER, mortal.sip, caller="819000000002"))
        await ringing.hear_it_ring()
        assert mortal.api("GET", "/account/")["held"] == before["held"] + 2
        mortal.kill()
        await asyncio.to_thread(mortal.start_again)

        # Who was spoken to hears the end; who still rings has no answer that could be taken back.
        await speaking.hear_the_end()
        ring.cancel()
    calls = {call["caller"]: call for call in mortal.calls()}
    spoken, rang = calls["819000000001"], calls["819000000002"]
    for call in (spoken, rang):
        assert (call["status"], call["reason"]) == ("failed", "node-lost")
        told = [event for event in mortal.timeline(call["call_id"]) if event["kind"] != "posting"]
        assert [event["code"] for event in told] == ["node-lost"]
        assert f"call_id={call['call_id']}" in mortal.log.read_text()
    assert 1 <= spoken["duration"] <= HEARTBEAT_S + 1
    assert (rang["answer_time"], rang["duration"]) == (None, 0)
    assert (spoken["cost"], rang["cost"]) == (1, 0)
    after = mortal.api("GET", "/account/")
    assert after["held"] == before["held"] == 0
    assert after["balance"] == after["available"] == before["balance"] - 1


async def test_a_server_that_another_took_over_from_ends_its_calls_and_itself(
    mortal: RunningPlatform, actions: ActionServer, tmp_path: Path
) -> None:
    actions.says("pause 60")
    async with phone() as customer:
        assert await customer.call(NUMBER, mortal.sip) == 200
        with sqlite3.connect(tmp_path / "offhook.db") as other:
            other.execute("UPDATE nodes SET epoch = epoch + 1")
        other.close()
        await customer.hear_the_end()
    assert await asyncio.to_thread(mortal.wait_for_its_end) == 1
    assert "node-fenced" in mortal.log.read_text()
