"""The server is killed while calls of every state run: it is silent at once, and its successor ends what it left."""

import asyncio
import socket
from contextlib import AsyncExitStack
from time import monotonic

import pytest

from action_server import ActionServer
from books import Books
from late_callee import late_callee
from phone import phone
from processes import children, gone_within, udp_sockets
from running_platform import NUMBER, RunningPlatform
from stages import ANSWERED, FRIEND, Stage, caller_at, every_scene, lead_to, locked, rtp_sockets, until

pytestmark = pytest.mark.peers

FREED_S = 1.0
ENDING, LATE, AFTERWARDS = "819100000007", "819100000008", "819100000009"


async def test_a_killed_server_is_silent_at_once_and_its_successor_ends_calls_of_every_state(
    mortal: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(mortal)
    async with AsyncExitStack() as stack:
        actions.says("pause 60")
        ending = await stack.enter_async_context(phone())
        assert await ending.call(NUMBER, mortal.sip, caller=ENDING) == 200
        late = await stack.enter_async_context(late_callee())
        lead_to(mortal, late.sip)
        actions.says(f"transfer {FRIEND}")
        (await stack.enter_async_context(phone())).dial(NUMBER, mortal.sip, caller=LATE)
        invite = await late.hear("INVITE")
        late.say(invite, 180)
        scenes = await stack.enter_async_context(every_scene(mortal, actions, caller, asked_s=30))
        # Three callers, a callee that talks and two that ring.
        await until(mortal, lambda: mortal.recorded_legs() == 6, "every leg to be on record")
        workers, media = children(mortal.pid), rtp_sockets(mortal)
        with locked(mortal.database):
            ending.hang_up()
            await until(mortal, lambda: len(rtp_sockets(mortal)) < len(media), "the ending call's media to close")
            ports = set(udp_sockets(mortal.pid, *workers).values())
            assert mortal.sip[1] in ports
            began = monotonic()
            mortal.kill()
        await asyncio.to_thread(_all_is_freed, workers, ports, began + FREED_S)
        heard = [len(one.customer.heard()) for one in scenes.values()]
        await asyncio.to_thread(mortal.start_again)
        assert [len(one.customer.heard()) for one in scenes.values()] == heard
        for stage in ANSWERED:
            await scenes[stage].customer.hear_the_end()
        for stage in (Stage.JOINED, Stage.CALLING):
            await scenes[stage].friend.hear_the_end()
        await late.answer_too_late(invite)
        actions.says("reject declined")
        async with phone() as customer:
            assert await customer.call(NUMBER, mortal.sip, caller=AFTERWARDS) == 603
    calls = [call for call in mortal.calls() if call["caller"] != AFTERWARDS]
    assert len(calls) == len(scenes) + 2
    assert {(call["status"], call["reason"]) for call in calls} == {("failed", "node-lost")}
    costs = {call["caller"]: call["cost"] for call in calls if call["cost"]}
    assert costs == {caller_at(Stage.JOINED, caller): 2, caller_at(Stage.ACTING, caller): 1, ENDING: 1}
    await books.add_up(4)


def _all_is_freed(workers: list[int], ports: set[int], deadline: float) -> None:
    """Check that by then no worker runs and every port can be bound again."""
    assert all(gone_within(pid, max(0.0, deadline - monotonic())) for pid in workers), "a worker outlives its server"
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind(("127.0.0.1", port))
    assert monotonic() < deadline
