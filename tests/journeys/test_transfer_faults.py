"""What becomes of two people who talk, or try to, when something under them dies or behaves oddly."""

import asyncio
import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import ear
from action_server import ActionServer
from callee import Callee, callee, pcmu
from offhook.engine.net.manners import Manners
from phone import phone
from running_platform import NUMBER, RunningPlatform
from tones import tone

pytestmark = pytest.mark.peers

FRIEND = "81312345678"
CALLER = "819000000001"
AT_ONCE = Manners(answers_after_s=0.0)
ONLY_RINGS = Manners(answers_after_s=None)
_serials = count(1)


@pytest.fixture
def mortal(action_server: ActionServer, actions: ActionServer, tmp_path: Path) -> Iterator[RunningPlatform]:
    """Return a platform of this test alone, whose calls are all put through."""
    actions.says(f"transfer {FRIEND}")
    with RunningPlatform(tmp_path, action_server.url) as platform:
        yield platform


def lead_to(platform: RunningPlatform, friend: Callee) -> None:
    """Let the account's transfers go out to this phone."""
    serial = next(_serials)
    name = f"faulty-{serial}"
    host, port = friend.sip
    platform.cli("trunks", "add", name, "--source", f"198.51.100.{serial}/32", "--send", f"sip:{host}:{port}")
    platform.cli("accounts", "route", "Peers", "--trunk", name)


def media_workers(platform: RunningPlatform) -> list[int]:
    """Return the process ids of the platform's media workers."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if b"offhook.engine.net.media_worker" in words and parent == platform.pid:
                found.append(int(folder.name))
    return found


async def test_both_legs_of_a_killed_server_are_hung_up_and_charged_once(mortal: RunningPlatform) -> None:
    before = mortal.api("GET", "/account/")
    async with callee(AT_ONCE) as friend, phone() as customer:
        lead_to(mortal, friend)
        assert await customer.call(NUMBER, mortal.sip, caller=CALLER) == 200
        await customer.hear(0.5)
        mortal.kill()
        assert not media_workers(mortal)
        await asyncio.to_thread(mortal.start_again)
        await customer.hear_the_end()
        await friend.hear_the_end()
    (call,) = mortal.ended_calls(CALLER)
    assert (call["status"], call["reason"], call["cost"]) == ("failed", "node-lost", 2)
    after = mortal.api("GET", "/account/")
    assert (after["held"], before["balance"] - after["balance"]) == (0, 2)


async def test_what_was_held_for_a_callee_that_rang_is_given_back_after_a_crash(mortal: RunningPlatform) -> None:
    async with callee(ONLY_RINGS) as friend, phone() as customer:
        lead_to(mortal, friend)
        calling = asyncio.create_task(customer.call(NUMBER, mortal.sip, caller=CALLER))
        await friend.hear_it_ring()
        assert mortal.api("GET", "/account/")["held"] == 2
        mortal.kill()
        calling.cancel()
        await asyncio.to_thread(mortal.start_again)
    (call,) = mortal.ended_calls(CALLER)
    assert (call["reason"], call["cost"]) == ("node-lost", 0)
    assert mortal.api("GET", "/account/")["held"] == 0


async def test_a_killed_media_worker_ends_both_legs_and_the_next_call_is_put_through(mortal: RunningPlatform) -> None:
    async with callee(AT_ONCE) as friend, phone() as customer:
        lead_to(mortal, friend)
        assert await customer.call(NUMBER, mortal.sip, caller=CALLER) == 200
        (worker,) = media_workers(mortal)
        os.kill(worker, signal.SIGKILL)
        await customer.hear_the_end()
        await friend.hear_the_end()
    (call,) = mortal.ended_calls(CALLER)
    assert (call["status"], call["reason"]) == ("failed", "worker-died")
    mortal.wait_until(lambda: media_workers(mortal), within_s=10, what="another media worker")
    async with callee(AT_ONCE) as friend, phone() as customer:
        lead_to(mortal, friend)
        assert await customer.call(NUMBER, mortal.sip, caller=CALLER + "2") == 200
        friend.hang_up()
        await customer.hear_the_end()
    mortal.ended_calls(CALLER + "2")
    assert mortal.api("GET", "/account/")["held"] == 0


async def test_a_callee_that_never_sends_sound_is_talked_to_all_the_same(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(Manners(answers_after_s=0.0, speaks=False)) as friend, phone() as customer:
        lead_to(platform, friend)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        customer.say(tone(1100, 6))
        # Who sends nothing is sent to where its description says, once the time for learning is over.
        assert ear.has_tone((await friend.hear(5))[-8000:], 1100)
        assert not [one for one in await customer.hear(0.5) if abs(int(one)) > 100]
        customer.hang_up()
        await friend.hear_the_end()
    (call,) = platform.ended_calls(caller)
    assert (call["status"], call["reason"]) == ("completed", None)


async def test_sound_from_another_port_is_not_heard_once_the_callee_is_known(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(Manners(answers_after_s=0.0, speech=pcmu(tone(700, 10)))) as friend, phone() as customer:
        lead_to(platform, friend)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        assert ear.has_tone(await customer.hear(1), 700)
        friend.call.media.send_from_another_port()
        # What was on its way is heard; then nobody is.
        await customer.hear(0.5)
        assert not ear.has_tone(await customer.hear(1), 700)
        customer.hang_up()
        await friend.hear_the_end()


async def test_both_sides_may_hang_up_at_once(platform: RunningPlatform, actions: ActionServer, caller: str) -> None:
    actions.says(f"transfer {FRIEND}")
    async with callee(AT_ONCE) as friend, phone() as customer:
        lead_to(platform, friend)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        friend.hang_up()
        customer.hang_up()
        (call,) = await asyncio.to_thread(platform.ended_calls, caller)
    assert (call["status"], call["reason"], call["cost"]) == ("completed", None, 2)
    assert platform.api("GET", "/account/")["held"] == 0
