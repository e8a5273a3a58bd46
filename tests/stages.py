"""Calls that stand still at a chosen place of their life, so that a test can do harm just there."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import office
from action_server import ActionServer
from callee import Callee, callee
from offhook.engine.net.manners import Manners
from phone import Caller, phone
from processes import children, udp_sockets
from rawserver import Reply, Request, raw_server
from running_platform import NUMBER, RunningPlatform

FRIEND = "81312345678"
ONLY_RINGS = Manners(answers_after_s=None)
ANSWERS = Manners(answers_after_s=0.0)
REACHED_S = 15
FREED_S = 40.0
"""A call is over at the latest when nobody answers its BYE: after 32 s (RFC 3261, Timer F)."""


class Stage(StrEnum):
    """Where a call stands; the names are those of its states."""

    ASKING = "asking"
    PREPARING = "preparing"
    CALLING = "calling"
    ACTING = "acting"
    JOINED = "joined"


ANSWERED = (Stage.ACTING, Stage.JOINED)
# Preparing comes last: it stands still for a few seconds only.
BY_PATIENCE = (Stage.JOINED, Stage.ACTING, Stage.CALLING, Stage.ASKING, Stage.PREPARING)


@dataclass(frozen=True, slots=True)
class Scene:
    """One call: `calling` ends with the status that the caller gets; nobody calls the friend before `CALLING`."""

    stage: Stage
    customer: Caller
    friend: Callee
    calling: "asyncio.Task[int]"


def lead_to(platform: RunningPlatform, sip: tuple[str, int]) -> None:
    """Let the account's transfers go out to this address."""
    office.lead_out(platform.database_url, sip)


async def until(platform: RunningPlatform, fact: Callable[[], object], what: str) -> None:
    """Wait until something is so; raises PlatformFailed."""
    await asyncio.to_thread(platform.wait_until, fact, within_s=REACHED_S, what=what)


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Let nobody else write: what a call comes to cannot be recorded."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=REACHED_S)) as held:
        held.execute("BEGIN IMMEDIATE")
        yield
        held.execute("ROLLBACK")


async def call_of(platform: RunningPlatform, caller: str) -> dict[str, Any]:
    """Return the one call of a caller, once it has ended."""
    (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    return call


def rtp_sockets(platform: RunningPlatform) -> dict[int, int]:
    """Return the sockets that the platform's processes hold for RTP and its reports: inode and port."""
    held = udp_sockets(platform.pid, *children(platform.pid))
    return {inode: port for inode, port in held.items() if port in platform.rtp_ports}


async def until_no_port_is_held(platform: RunningPlatform) -> None:
    """Wait until the platform holds no RTP port any more; raises PlatformFailed."""
    what = "all RTP ports to be free"
    await asyncio.to_thread(platform.wait_until, lambda: not rtp_sockets(platform), within_s=FREED_S, what=what)


@asynccontextmanager
async def scene(
    stage: Stage, platform: RunningPlatform, actions: ActionServer, caller: str, *, asked_s: float = 2.0
) -> AsyncIterator[Scene]:
    """Call, and wait until the call has come so far; a question is answered `asked_s` late, with `pause 60`."""
    manners = ANSWERS if stage is Stage.JOINED else ONLY_RINGS
    async with AsyncExitStack() as stack:
        friend = await stack.enter_async_context(callee(manners))
        customer = await stack.enter_async_context(phone())
        is_wanted = asyncio.Event()

        async def never(_request: Request, reply: Reply) -> None:
            is_wanted.set()
            await reply.hang()

        match stage:
            case Stage.ASKING:
                actions.says("pause 60", after_s=asked_s)
            case Stage.PREPARING:
                sounds = await stack.enter_async_context(raw_server(never))
                actions.says(f"playback {sounds.url('/never.mp3')}")
            case Stage.ACTING:
                actions.says("pause 60")
            case _:
                lead_to(platform, friend.sip)
                actions.says(f"transfer {FRIEND}")
        calling = asyncio.create_task(customer.call(NUMBER, platform.sip, caller=caller))
        async with asyncio.timeout(REACHED_S):
            if stage in ANSWERED:
                assert await asyncio.shield(calling) == 200
            else:
                await customer.hear_it_ring()
            if stage is Stage.ASKING:
                # It rings before the question arrives, and the next scene changes the answer.
                await until(platform, lambda: actions.was_asked_by(caller), "the question")
            if stage is Stage.PREPARING:
                await is_wanted.wait()
            if stage is Stage.CALLING:
                await friend.hear_it_ring()
        try:
            yield Scene(stage, customer, friend, calling)
        finally:
            calling.cancel()


@asynccontextmanager
async def every_scene(
    platform: RunningPlatform, actions: ActionServer, caller: str, *, asked_s: float
) -> AsyncIterator[dict[Stage, Scene]]:
    """Let one call stand in each stage; each has a caller of its own, the stage's number behind `caller`."""
    async with AsyncExitStack() as stack:
        scenes: dict[Stage, Scene] = {}
        for stage in BY_PATIENCE:
            staged = scene(stage, platform, actions, caller_at(stage, caller), asked_s=asked_s)
            scenes[stage] = await stack.enter_async_context(staged)
        yield scenes


def caller_at(stage: Stage, caller: str) -> str:
    """Return who calls in a stage of `every_scene`."""
    return f"{caller}{BY_PATIENCE.index(stage)}"
