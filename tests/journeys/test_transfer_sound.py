"""A callee's sound does not come, or comes from elsewhere than its description says."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

import ear
from action_server import ActionServer
from books import Books
from callee import Callee, callee, pcmu
from offhook.engine.media.rtp import Stream
from offhook.engine.net.manners import Manners
from phone import Caller, phone
from running_platform import NUMBER, RunningPlatform
from stages import ANSWERS, FRIEND, call_of, lead_to
from tones import tone

pytestmark = pytest.mark.peers

CALLER_HZ, CALLEE_HZ, STRANGER_HZ = 1100, 700, 1500
HEARD_WITHIN_S = 15
LOUD = 500
FRAME_BYTES = 160
SPEECH = pcmu(tone(CALLEE_HZ, 30))
EARLY = Manners(answers_after_s=None, is_early=True, speech=SPEECH)


async def _hears(who: Caller | Callee, hertz: int) -> None:
    """Wait until somebody hears a tone: it takes seconds to learn where a peer's sound comes from."""
    async with asyncio.timeout(HEARD_WITHIN_S):
        while not ear.has_tone(await who.hear(0.5), hertz):
            pass


def _loudest(samples: NDArray[np.int16]) -> int:
    return int(np.max(np.abs(samples.astype(int))))


@asynccontextmanager
async def _call(
    platform: RunningPlatform, actions: ActionServer, caller: str, manners: Manners
) -> AsyncIterator[tuple[Caller, Callee]]:
    """Let a caller call somebody with these manners; afterwards the caller hangs up, and both legs are paid."""
    books = Books(platform)
    actions.says(f"transfer {FRIEND}")
    async with callee(manners) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await friend.hear_it_ring()
        yield customer, friend
        assert await calling == 200
        customer.hang_up()
        await friend.hear_the_end()
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    await books.add_up(2)


async def test_a_callee_who_never_sends_hears_the_caller_who_hears_silence(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    async with _call(platform, actions, caller, replace(ANSWERS, speaks=False)) as (customer, friend):
        customer.say(tone(CALLER_HZ, 20))
        # Who sends nothing is sent to where its description says, once the time for learning is over.
        await _hears(friend, CALLER_HZ)
        assert _loudest(await customer.hear(0.5)) < LOUD


async def test_a_callee_who_sends_from_a_port_that_it_did_not_name_is_heard_before_and_after_its_answer(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    manners = replace(EARLY, sends_from_elsewhere=True)
    async with _call(platform, actions, caller, manners) as (customer, friend):
        await _hears(customer, CALLEE_HZ)
        friend.answer()
        customer.say(tone(CALLER_HZ, 20))
        await _hears(friend, CALLER_HZ)
        await _hears(customer, CALLEE_HZ)


async def test_another_address_is_heard_neither_before_nor_after_the_callees_answer(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    async with _call(platform, actions, caller, EARLY) as (customer, friend), _stranger(_port_told_to(friend)):
        await _hears(customer, CALLEE_HZ)
        early = await customer.hear(1)
        friend.answer()
        await _hears(customer, CALLEE_HZ)
        late = await customer.hear(1)
    for heard in (early, late):
        assert ear.has_tone(heard, CALLEE_HZ)
        assert not ear.has_tone(heard, STRANGER_HZ)


async def test_another_port_is_not_heard_once_the_callee_is_known(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    async with _call(platform, actions, caller, replace(ANSWERS, speech=SPEECH)) as (customer, friend):
        await _hears(customer, CALLEE_HZ)
        friend.call.media.send_from_another_port()
        # What was on its way is heard; then nobody is.
        await customer.hear(0.5)
        assert _loudest(await customer.hear(1)) < LOUD


def _port_told_to(friend: Callee) -> tuple[str, int]:
    (line,) = [line for line in friend.call.request.body.decode().splitlines() if line.startswith("m=audio ")]
    return "127.0.0.1", int(line.split()[1])


@asynccontextmanager
async def _stranger(to: tuple[str, int]) -> AsyncIterator[None]:
    """Send sound from another address, for as long as the block lasts."""
    stream = Stream(ssrc=4711, sequence=1, timestamp=1, payload_type=0)
    second = pcmu(tone(STRANGER_HZ, 1))

    async def send(source: socket.socket) -> None:
        while True:
            for at in range(0, len(second), FRAME_BYTES):
                source.sendto(stream.next_packet(second[at : at + FRAME_BYTES]), to)
                await asyncio.sleep(0.02)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.bind(("127.0.0.2", 0))
        sending = asyncio.create_task(send(source))
        try:
            yield
            assert not sending.done(), "the stranger fell silent"
        finally:
            sending.cancel()
