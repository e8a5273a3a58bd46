"""The customer's server dies in each state of a call: what it was asked for is excused, nothing else is missed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import ear
from action_server import ActionServer
from books import Books
from phone import phone
from rawserver import Behaviour, Reply, Request, raw_server
from running_platform import NUMBER, RunningPlatform
from stages import Stage, call_of, locked, scene, until_no_port_is_held

pytestmark = pytest.mark.peers

MEGABYTE = 1 << 20


@contextmanager
def _asked_at(platform: RunningPlatform, url: str, home: str) -> Iterator[None]:
    """Let the number have this action URL for a while, and `home` again afterwards."""
    (number,) = platform.api("GET", "/voice/dins/subscriptions/")
    path = f"/voice/dins/subscriptions/{number['din_uid']}/"
    platform.api("POST", path, {"action_url": url})
    try:
        yield
    finally:
        platform.api("POST", path, {"action_url": home})


async def _dies_at_once(_request: Request, reply: Reply) -> None:
    reply.reset()


async def _dies_in_the_middle(_request: Request, reply: Reply) -> None:
    reply.send(f"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: {MEGABYTE}\r\n\r\n".encode())
    reply.send(bytes(MEGABYTE // 2))
    await reply.writer.drain()
    reply.reset()


async def _hears_an_excuse(platform: RunningPlatform, caller: str) -> str:
    """Call, hear an announcement, and return the reason that is on record."""
    async with phone() as customer:
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        heard = await customer.hear_the_end()
    assert await asyncio.to_thread(ear.recognise, heard)
    call = await call_of(platform, caller)
    assert call["status"] == "failed"
    return str(call["reason"])


async def test_an_action_server_that_dies_while_it_is_asked_is_excused_to_the_caller(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    books = Books(platform)
    async with raw_server(_dies_at_once) as server:
        with _asked_at(platform, server.url("/"), actions.url):
            assert await _hears_an_excuse(platform, caller) == "connect-failed"
    await books.add_up(1)


@pytest.mark.parametrize("behaviour", [_dies_at_once, _dies_in_the_middle])
async def test_a_server_that_dies_while_it_serves_a_sound_is_excused_to_the_caller(
    platform: RunningPlatform, actions: ActionServer, caller: str, behaviour: Behaviour
) -> None:
    books = Books(platform)
    async with raw_server(behaviour) as server:
        actions.says(f"playback {server.url('/sound.mp3')}")
        assert await _hears_an_excuse(platform, caller) == "connect-failed"
    await books.add_up(1)


@pytest.mark.parametrize("stage", [Stage.CALLING, Stage.ACTING, Stage.JOINED])
async def test_a_call_does_not_need_the_action_server_any_more_once_it_was_answered(
    platform: RunningPlatform, actions: ActionServer, caller: str, stage: Stage
) -> None:
    books = Books(platform)
    with ActionServer() as mortal, _asked_at(platform, mortal.url, actions.url):
        async with scene(stage, platform, mortal, caller) as one:
            await asyncio.to_thread(mortal.stop)
            if stage is Stage.CALLING:
                one.friend.answer()
            assert await one.calling == 200
            await one.customer.hear(0.5)
            with locked(platform.database):
                # Nor does the end, while it is being recorded.
                one.customer.hang_up()
                await until_no_port_is_held(platform)
            call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    await books.add_up(1 if stage is Stage.ACTING else 2)
