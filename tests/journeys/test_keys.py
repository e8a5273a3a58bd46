"""Keys on a running platform: each end presses in its own way, and the other end hears them in its own, once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import ear
import office
from action_server import ActionServer
from books import Books
from callee import Callee, callee
from foreign_caller import foreign_caller
from offhook.domain.rules import Dtmf
from offhook.domain.sounds import Codec
from offhook.engine.net.media_tones import key_turn
from phone import Caller, phone
from running_platform import NUMBER, RunningPlatform
from stages import ANSWERS, FRIEND, call_of

pytestmark = pytest.mark.peers

HEARD_WITHIN_S = 15
FOLLOWED_WITHIN_S = 10


@asynccontextmanager
async def _call(
    platform: RunningPlatform, actions: ActionServer, caller: str, dtmf: Dtmf
) -> AsyncIterator[tuple[Caller, Callee]]:
    """Let a caller, whose keys are events, talk to somebody whose keys go in another way."""
    books = Books(platform)
    actions.says(f"transfer {FRIEND}")
    async with callee(ANSWERS) as friend, phone() as customer:
        office.lead_out(platform.database_url, friend.sip, dtmf=dtmf)
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        # Both are known by their sound before keys are pressed.
        await asyncio.gather(customer.hear(0.2), friend.hear(0.2))
        yield customer, friend
        # What a worker tells of a key may arrive later than the key at the other end.
        await customer.hear(0.2)
        customer.hang_up()
        await friend.hear_the_end()
    await books.add_up(2)


async def _pressed(platform: RunningPlatform, caller: str) -> list[str]:
    """Return the keys of the call's timeline as sentences."""
    call = await call_of(platform, caller)
    assert (call["status"], call["reason"]) == ("completed", None)
    timeline: list[dict[str, Any]] = platform.timeline(call["call_id"])
    assert not [event for event in timeline if event["kind"].endswith("key-not-taken")]
    return [event["text"] for event in timeline if event["kind"] == "digit"]


async def test_keys_are_turned_from_events_into_info_and_back(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    async with _call(platform, actions, caller, Dtmf.INFO) as (customer, friend):
        customer.press("1#A")
        assert await friend.hear_keys(3) == "1#A"
        assert "telephone-event" not in friend.call.request.body.decode()
        friend.inform("27*")
        assert await customer.hear_keys(3) == "27*"
    said = await _pressed(platform, caller)
    assert said == [f"the caller pressed {key}" for key in "1#A"] + [f"the callee pressed {key}" for key in "27*"]


async def test_by_the_usual_rule_a_key_that_comes_as_event_and_by_info_counts_once(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    async with _call(platform, actions, caller, Dtmf.RFC4733) as (customer, friend):
        customer.inform("5")
        customer.press("5")
        friend.inform("6")
        friend.press("6")
        assert await friend.hear_keys(1) == "5"
        assert await customer.hear_keys(1) == "6"
        customer.press("0")
        assert await friend.hear_keys(2) == "50"
    assert sorted(await _pressed(platform, caller)) == [
        "the callee pressed 6",
        "the caller pressed 0",
        "the caller pressed 5",
    ]


async def test_events_become_tones_for_who_hears_nothing_else(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    async with _call(platform, actions, caller, Dtmf.INBAND) as (customer, friend):
        customer.press("3")
        async with asyncio.timeout(HEARD_WITHIN_S):
            while not _hears(await friend.hear(0.2), 697, 1477):
                pass
        assert friend.pressed == ""
        friend.say(_spoken("4*D"))
        assert await customer.hear_keys(3) == "4*D"
    assert await _pressed(platform, caller) == ["the caller pressed 3"] + [f"the callee pressed {key}" for key in "4*D"]


async def test_the_rule_of_the_trunk_that_brings_a_call_says_which_of_the_callers_keys_count(
    mortal: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    mortal.cli("trunks", "set", office.TRUNK, "--dtmf", "inband")
    await _is_followed(mortal, actions)
    async with _call(mortal, actions, caller, Dtmf.RFC4733) as (customer, friend):
        customer.inform("1")
        customer.say(_spoken("2#C"))
        assert await friend.hear_keys(3) == "2#C"
        friend.press("9")
        async with asyncio.timeout(HEARD_WITHIN_S):
            while not _hears(await customer.hear(0.2), 852, 1477):
                pass
    said = await _pressed(mortal, caller)
    assert sorted(said) == ["the callee pressed 9", *(f"the caller pressed {key}" for key in "#2C")]


async def _is_followed(platform: RunningPlatform, actions: ActionServer) -> None:
    """Call until the running platform agrees on events no more, as the operator has just said."""
    actions.says("pause 1")
    media = "RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000"
    for _ in range(FOLLOWED_WITHIN_S):
        async with foreign_caller() as foreign:
            uri = f"sip:{NUMBER}@{platform.sip[0]}:{platform.sip[1]}"
            answer = await foreign.call(platform.sip, foreign.describe(f"m=audio {foreign.rtp_port} {media}"), uri=uri)
            assert answer.status == 200
            foreign.acknowledge()
            await foreign.hears_request("BYE")
        if b"telephone-event" not in answer.body:
            return
    raise AssertionError("the platform does not follow what the operator said")


def _spoken(keys: str) -> NDArray[np.int16]:
    """Return keys as the tones of a telephone: 8 kHz, mono."""
    return ear.decode_g711(b"".join(key_turn(key, 80, Codec.PCMU) for key in keys), Codec.PCMU)


def _hears(samples: NDArray[np.int16], *tones: int) -> bool:
    return all(ear.has_tone(samples, hertz) for hertz in tones)
