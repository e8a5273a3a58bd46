"""The callee's phone is killed, in each state of the call: the caller is told or hung up on, and nothing stays held."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from action_server import ActionServer
from books import Books
from phone import phone
from processes import kill
from running_platform import NUMBER, RunningPlatform
from stages import FRIEND, call_of, lead_to

pytestmark = pytest.mark.peers

TOLD_WITHIN_S = 30


class MortalPhone:
    """`offhook phone` as a process that may be killed."""

    def __init__(self, process: asyncio.subprocess.Process, sip: tuple[str, int]) -> None:
        self.sip = sip
        self._process = process

    async def tells(self, text: str) -> None:
        """Wait until it prints this."""
        assert self._process.stdout is not None
        async with asyncio.timeout(TOLD_WITHIN_S):
            while line := (await self._process.stdout.readline()).decode():
                if text in line:
                    return
        raise AssertionError(f"the phone never told {text!r}")

    async def die(self) -> None:
        """Let it be gone at once, without a word to anybody."""
        await kill(self._process.pid)
        await self._process.wait()


@asynccontextmanager
async def mortal_phone(*words: str) -> AsyncIterator[MortalPhone]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "offhook", "phone", "--listen", "127.0.0.1:0", *words), stdout=PIPE
    )
    try:
        assert process.stdout is not None
        first = (await process.stdout.readline()).decode()
        found = re.search(r"127\.0\.0\.1:([0-9]+)", first)
        assert found, first
        yield MortalPhone(process, ("127.0.0.1", int(found[1])))
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def test_a_callee_who_was_dead_before_the_call_is_not_reached(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    actions.says(f"transfer {FRIEND}", after_s=1)
    async with mortal_phone() as friend, phone() as customer:
        lead_to(platform, friend.sip)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await customer.hear_it_ring()
        await friend.die()
        assert await calling == 480
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("failed", "callee-failed", 0)
    await books.add_up(0)


async def test_a_callee_who_dies_while_it_rings_has_not_answered(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    actions.says(f"transfer {FRIEND} ring=5")
    async with mortal_phone("--ring") as friend, phone() as customer:
        lead_to(platform, friend.sip)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        await friend.tells("it rings")
        await friend.die()
        assert await calling == 480
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("failed", "callee-no-answer", 0)
    await books.add_up(0)


async def test_an_answered_caller_gets_the_next_line_when_the_ringing_callee_dies(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    actions.says("pause 1", f"transfer {FRIEND} ring=5", "pause 1")
    async with mortal_phone("--ring") as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await friend.tells("it rings")
        await friend.die()
        await customer.hear_the_end()
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 1)
    await books.add_up(1)


async def test_a_caller_is_not_left_alone_with_a_callee_who_died(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    actions.says(f"transfer {FRIEND}")
    async with mortal_phone() as friend, phone() as customer:
        lead_to(platform, friend.sip)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        await customer.hear(0.5)
        await friend.die()
        await customer.hear_the_end()
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("failed", "no-rtp", 2)
    await books.add_up(2)


@pytest.mark.parametrize("words", [("--ring",), ("--answer-after", "0")])
async def test_a_callee_who_died_does_not_hold_up_the_end_of_the_call(
    platform: RunningPlatform, actions: ActionServer, caller: str, words: tuple[str, ...]
) -> None:
    """Neither CANCEL nor BYE is ever answered."""
    books = Books(platform)
    actions.says(f"transfer {FRIEND}")
    async with mortal_phone(*words) as friend, phone() as customer:
        lead_to(platform, friend.sip)
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        if "--ring" in words:
            await friend.tells("it rings")
        else:
            assert await calling == 200
            await customer.hear(0.5)
        await friend.die()
        customer.hang_up()
        calling.cancel()
        call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("canceled" if "--ring" in words else "completed", None)
    await books.add_up(call["cost"])
