"""The action server is killed while two hundred calls come in: every caller hears what the fallback URL says."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import ear
from action_server import ActionServer
from books import Books
from deaf_server import deaf_server
from phone import Caller, phone
from running_platform import NUMBER, RunningPlatform
from tones import mp3_of, tone

pytestmark = pytest.mark.peers

CALLS = 200
ASKED_BEFORE, COME_BEFORE = 40, 60
PATIENCE = "#rt=8000"
"""No question may be given up before the server dies, however slow this machine is."""
APART_S = 0.015
FIRST_NUMBER = 819_200_000_000
FALLBACK_HZ = 900
ROOM = {
    "OFFHOOK_CALLS_PER_NUMBER": str(CALLS),
    # How busy this machine is with other things is not what is asked here.
    "OFFHOOK_OVERLOAD_LAG_MS": "5000",
    "OFFHOOK_OVERLOAD_BUSY_PERCENT": "100",
}


async def test_two_hundred_callers_hear_the_fallback_of_an_action_server_that_is_killed(
    actions: ActionServer, tmp_path: Path
) -> None:
    actions.says(f"playback {actions.serves('fallback.mp3', mp3_of(tone(FALLBACK_HZ, 1)))}")
    async with deaf_server() as mortal, AsyncExitStack() as stack:
        platform = stack.enter_context(RunningPlatform(tmp_path, mortal.url + PATIENCE, ROOM, rtp_ports=2 * CALLS + 40))
        (number,) = platform.api("GET", "/voice/dins/subscriptions/")
        platform.api("POST", f"/voice/dins/subscriptions/{number['din_uid']}/", {"fallback_url": actions.url})
        books = Books(platform)
        callers = [await stack.enter_async_context(phone()) for _ in range(CALLS)]
        is_dying = asyncio.Event()
        calling = asyncio.create_task(_call_one_after_the_other(callers, platform, is_dying))
        async with asyncio.timeout(30):
            await mortal.hear(ASKED_BEFORE)
            is_dying.set()
            await mortal.kill()
        assert await calling == [200] * CALLS
        heard = await asyncio.gather(*(caller.hear_the_end() for caller in callers))
        deaf = [number for number, sound in enumerate(heard) if not ear.has_tone(sound, FALLBACK_HZ)]
        assert deaf == []
        asked = {question.parameters["caller"]: question.parameters for question in actions.questions}
        assert set(asked) == {str(FIRST_NUMBER + number) for number in range(CALLS)}
        assert {one["event"] for one in asked.values()} == {"fallback"}
        # After the first failures the server is left alone.
        assert {one["reason"] for one in asked.values()} == {"connect-failed", "breaker-open"}
        await books.add_up(CALLS)
        ended = platform.rows("SELECT status, reason, count(*) FROM calls GROUP BY status, reason")
        assert [tuple(row) for row in ended] == [("completed", None, CALLS)]


async def _call_one_after_the_other(
    callers: list[Caller], platform: RunningPlatform, is_dying: asyncio.Event
) -> list[int]:
    """Let everybody call, a few milliseconds apart, the last ones only then; return how each was answered."""
    calls: list[asyncio.Task[int]] = []
    for number, caller in enumerate(callers, FIRST_NUMBER):
        if len(calls) == COME_BEFORE:
            await is_dying.wait()
        calls.append(asyncio.create_task(caller.call(NUMBER, platform.sip, caller=str(number), speaks=False)))
        await asyncio.sleep(APART_S)
    return await asyncio.gather(*calls)
