"""A long file from a slow server: the caller hears how it begins while most of it is still on its way.

`--log-cli-level info` shows how soon.
"""

import asyncio
import logging
from time import monotonic

import numpy as np
import pytest

import ear
from action_server import ActionServer
from phone import phone
from rawserver import Reply, Request, raw_server
from running_platform import NUMBER, RunningPlatform
from soundfiles import mp3, sine
from stages import call_of
from tones import RATE

pytestmark = pytest.mark.peers

log = logging.getLogger(__name__)

FILE_BYTES = 5 * 1024 * 1024
PIECE_BYTES = 16 * 1024
PIECES_APART_S = 0.05
HEARD_WITHIN_S = 15
HERTZ = 700
LOUD = 1000


async def test_a_caller_hears_a_file_long_before_all_of_it_has_come(
    platform: RunningPlatform, actions: ActionServer, caller: str
) -> None:
    ten_seconds = mp3(sine(HERTZ, 10), kbits=320)
    file = (ten_seconds * (FILE_BYTES // len(ten_seconds) + 1))[:FILE_BYTES]
    sent_at: list[float] = []

    async def slowly(_request: Request, reply: Reply) -> None:
        reply.send(f"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: {FILE_BYTES}\r\n\r\n".encode())
        for place in range(0, FILE_BYTES, PIECE_BYTES):
            sent_at.append(monotonic())
            reply.send(file[place : place + PIECE_BYTES])
            await asyncio.sleep(PIECES_APART_S)

    async with raw_server(slowly) as server, phone() as customer:
        actions.says(f"playback {server.url('/long.mp3')}")
        assert await customer.call(NUMBER, platform.sip, caller=caller) == 200
        async with asyncio.timeout(HEARD_WITHIN_S):
            while not ear.has_tone(await customer.hear(0.2), HERTZ):
                pass
        sent = len(sent_at) * PIECE_BYTES
        heard = await customer.hear(1)
        customer.hang_up()
        call = await call_of(platform, caller)
    assert sent < FILE_BYTES / 2
    assert ear.has_tone(heard, HERTZ)
    assert (call["status"], call["reason"]) == ("completed", None)
    assert customer.heard_since is not None
    first_loud_s = int(np.flatnonzero(np.abs(customer.heard().astype(int)) > LOUD)[0]) / RATE
    log.info("the first sound came %.2f s after the first byte", customer.heard_since + first_loud_s - sent_at[0])
