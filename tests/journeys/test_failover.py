"""A gateway has several targets by DNS: the next one takes the call that one does not take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import ear
import office
from action_server import ActionServer
from callee import Callee, callee, pcmu
from free_ports import udp_port
from nameserver import NameServer, name_server
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, call_of
from tones import tone

pytestmark = pytest.mark.peers

GATEWAY = "gateway.example"
HERTZ = 700
ANSWERS = Manners(answers_after_s=0.2, speech=pcmu(tone(HERTZ, 30)))
OUT_OF_ORDER = Manners(refusal=503)
BUSY = Manners(refusal=486)


@asynccontextmanager
async def platform_of(
    folder: Path, action_server: ActionServer, *ports: int
) -> AsyncIterator[tuple[RunningPlatform, NameServer]]:
    """Run a platform whose account's transfers go to these targets, in their order."""
    records = {(f"_sip._udp.{GATEWAY}", "SRV"): [f"{place} 0 {port} localhost." for place, port in enumerate(ports)]}
    async with name_server(records) as server:
        host, port = server.address
        settings = {"OFFHOOK_NAME_SERVER": f"{host}:{port}"}
        platform = await asyncio.to_thread(RunningPlatform(folder, action_server.url, settings).__enter__)
        try:
            office.lead_out(platform.database_url, ("", 0), send=f"sip:{GATEWAY};transport=udp")
            yield platform, server
        finally:
            await asyncio.to_thread(platform.__exit__, None, None, None)


async def call(platform: RunningPlatform, caller: str, friend: Callee) -> float:
    """Be transferred to a friend who is heard then; return after how many seconds it rang there."""
    loop = asyncio.get_running_loop()
    async with phone() as customer:
        began = loop.time()
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await friend.hear_it_ring()
        waited = loop.time() - began
        assert await calling == 200
        async with asyncio.timeout(10):
            while not ear.has_tone(await customer.hear(0.5), HERTZ):
                pass
        customer.hang_up()
        await friend.hear_the_end()
    return waited


async def test_a_target_out_of_order_is_passed_over_and_tried_last_for_a_while(
    action_server: ActionServer, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with (
        callee(OUT_OF_ORDER) as broken,
        callee(ANSWERS) as friend,
        platform_of(tmp_path, action_server, broken.sip[1], friend.sip[1]) as (platform, server),
    ):
        await call(platform, caller, friend)
        ended = await call_of(platform, caller)
        assert (ended["status"], ended["reason"]) == ("completed", None)
        timeline = platform.timeline(ended["call_id"])
        (turn,) = [event for event in timeline if event["kind"] == "callee-target"]
        assert turn["text"].startswith("503 Service Unavailable; the next target is 127.0.0.1:")
        assert server.asked == [(f"_sip._udp.{GATEWAY}", "SRV")]
        refused = len(broken.calls)
        await call(platform, f"{caller}1", friend)
        assert len(broken.calls) == refused == 1


async def test_a_target_that_says_nothing_is_not_waited_for(
    action_server: ActionServer, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with (
        callee(ANSWERS) as friend,
        platform_of(tmp_path, action_server, udp_port(), friend.sip[1]) as (platform, _),
    ):
        assert await call(platform, caller, friend) < 10
        ended = await call_of(platform, caller)
        assert ended["status"] == "completed"


async def test_a_busy_callee_is_busy_at_every_target(
    action_server: ActionServer, actions: ActionServer, caller: str, tmp_path: Path
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with (
        callee(BUSY) as busy,
        callee(ANSWERS) as other,
        platform_of(tmp_path, action_server, busy.sip[1], other.sip[1]) as (platform, _),
    ):
        async with phone() as customer:
            assert await customer.call(NUMBER, platform.sip, caller=caller) == 486
        assert (await call_of(platform, caller))["reason"] == "callee-busy"
        assert other.calls == []
