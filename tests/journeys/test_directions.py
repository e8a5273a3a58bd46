"""A call that runs is told something else through the API: over real sockets, by its own node and by another one."""

import asyncio

import numpy as np
import pytest
import requests

import ear
from action_server import ActionServer
from api_node import nodes
from books import Books
from phone import phone
from running_platform import NUMBER, SID, TOKEN, RunningPlatform
from stages import FRIEND, Stage, call_of, scene, until
from tones import mp3_of, tone

pytestmark = pytest.mark.peers


def _running(platform: RunningPlatform, caller: str) -> str:
    """Return the id of the one call of a caller."""
    (call_id,) = [call["call_id"] for call in platform.calls() if call["caller"] == caller]
    return str(call_id)


async def _direct(platform: RunningPlatform, call_id: str, **fields: str) -> None:
    """Tell a call something at its own node, which has done it when it answers."""
    command = await asyncio.to_thread(platform.api, "POST", f"/voice/calls/{call_id}/", fields)
    assert (command["status"], command["code"]) == ("done", None)


async def test_a_call_that_plays_says_something_else_and_one_that_is_joined_is_taken_back_and_ended(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    low, high = (actions.serves(f"{hertz}.mp3", mp3_of(tone(hertz, 5))) for hertz in (500, 1300))
    async with scene(Stage.JOINED, platform, actions, caller) as one:
        call_id = await asyncio.to_thread(_running, platform, caller)
        await _direct(platform, call_id, action=f"playback {low} loop=9")
        async with asyncio.timeout(5):
            await one.friend.hear_the_end()
        assert ear.has_tone((await one.customer.hear(1.5))[-4000:], 500)
        await _direct(platform, call_id, action=f"playback {high} loop=9")
        heard = (await one.customer.hear(1.5))[-4000:]
        assert ear.has_tone(heard, 1300)
        assert not ear.has_tone(heard, 500)
        await _direct(platform, call_id, action="pause 60")
        assert not np.any(np.abs((await one.customer.hear(1.0))[-4000:].astype(int)) > 1000)
        await _direct(platform, call_id, status="completed")
        await one.customer.hear_the_end()
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    told = [event for event in platform.timeline(call_id) if event["kind"] in ("directed", "completed")]
    assert [(event["kind"], event["data"]["by"]) for event in told] == [*[("directed", SID)] * 3, ("completed", SID)]
    await books.add_up(2)


async def test_a_call_that_still_rings_is_transferred_elsewhere_and_refused_by_hand(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    async with scene(Stage.CALLING, platform, actions, caller) as one:
        call_id = await asyncio.to_thread(_running, platform, caller)
        await _direct(platform, call_id, action=f"transfer {FRIEND} ring=60")
        await until(platform, lambda: len(one.friend.calls) == 2, "the friend to be called anew")
        await asyncio.wait_for(one.friend.calls[0].ended.wait(), 5)
        await _direct(platform, call_id, status="completed")
        assert await one.calling == 480
        call = await call_of(platform, caller)
    assert (call["status"], call["cost"]) == ("rejected", 0)
    await books.add_up(0)


async def test_a_node_that_does_not_have_the_call_hands_the_wish_on(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says("pause 60")
    with nodes(platform.database_url, 1) as (port,):
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
            url = f"http://127.0.0.1:{port}/voice/calls/{await asyncio.to_thread(_running, platform, caller)}/"

            def ask() -> requests.Response:
                key = {"Idempotency-Key": caller}
                return requests.post(url, {"action": "hangup"}, auth=(SID, TOKEN), headers=key, timeout=10)

            assert (await asyncio.to_thread(ask)).status_code == 202
            await customer.hear_the_end()
            call = await call_of(platform, caller)
            again = await asyncio.to_thread(ask)
    assert (call["status"], call["reason"]) == ("completed", None)
    assert (again.status_code, again.json()["status"]) == (200, "done")
