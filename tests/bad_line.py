"""A bad network between one caller and the platform: what both say about their media leads it through a relay.

The caller dials `sip` instead of the platform. Both descriptions (SDP) that pass there name the relay afterwards,
so that neither side knows better. What comes later in the dialog goes straight, since the Contacts are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from action_server import ActionServer
from impairment import CALM, Address, Impairment, Relay, Side
from offhook.engine.media.rtp import FRAME_S
from phone import phone
from running_platform import NUMBER, RunningPlatform
from stages import call_of
from tones import tone

_CONNECTION = re.compile(rb"^c=IN IP4 (\S+)", re.MULTILINE)
_AUDIO = re.compile(rb"^m=audio (\d+)", re.MULTILINE)
_LENGTH = re.compile(rb"^Content-Length:[^\r]*", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BadLine:
    """The relays of SIP and of the sound; their `counts` tell what became of the packets. `NEAR` is the caller."""

    gateway: Relay
    media: Relay

    @property
    def sip(self) -> Address:
        """Where to dial."""
        return self.gateway.address


@contextmanager
def bad_line(
    sip: Address,
    *,
    seed: int,
    from_caller: Impairment = CALM,
    from_platform: Impairment = CALM,
    signalling: Impairment = CALM,
) -> Iterator[BadLine]:
    """Lead the next call to the platform at `sip` through a bad network; `signalling` holds for both ways of SIP."""
    with Relay(seed=seed, from_near=from_caller, from_far=from_platform) as media:

        def lead_through(side: Side, message: bytes) -> bytes:
            head, blank, body = message.partition(b"\r\n\r\n")
            connection, audio = _CONNECTION.search(body), _AUDIO.search(body)
            if connection is None or audio is None:
                return message
            media.peers[side] = (connection[1].decode(), int(audio[1]))
            host, port = media.far_address if side is Side.NEAR else media.address
            body = _CONNECTION.sub(b"c=IN IP4 %s" % host.encode(), body)
            body = _AUDIO.sub(b"m=audio %d" % port, body)
            return _LENGTH.sub(b"Content-Length: %d" % len(body), head) + blank + body

        with Relay(seed=seed, from_near=signalling, from_far=signalling, far=sip, rewrite=lead_through) as gateway:
            yield BadLine(gateway, media)


def arrived(copies: Sequence[tuple[int, float]]) -> dict[str, float]:
    """Tell what copies of packets of 20 ms are, in the words of the timeline, but for the jitter as RFC 3550 has it.

    A copy is the number of its packet, and when it arrived. The jitter is that of section 6.4.1.
    """
    first, newest = copies[0][0], copies[0][0] - 1
    seen: set[int] = set()
    reordered, jitter_s, before = 0, 0.0, copies[0][1] - first * FRAME_S
    for number, at in copies:
        if number in seen:
            continue
        seen.add(number)
        reordered += number < newest
        newest = max(newest, number)
        transit = at - number * FRAME_S
        jitter_s += (abs(transit - before) - jitter_s) / 16
        before = transit
    return {
        "packets": len(copies),
        "lost": newest - first + 1 - len(seen),
        "duplicates": len(copies) - len(seen),
        "reordered": reordered,
        "jitter_ms": 1000 * jitter_s,
    }


async def quality_after(
    platform: RunningPlatform,
    actions: ActionServer,
    caller: str,
    *,
    seconds: int,
    seed: int,
    from_caller: Impairment,
) -> dict[str, Any]:
    """Let a caller speak for so many seconds (at most 60) through a bad network; return the leg's statistics.

    They are the `data` of the event `quality` in the call's timeline: `["received"]["lost"]` and its neighbours.
    """
    actions.says(f"pause {seconds}")
    with bad_line(platform.sip, seed=seed, from_caller=from_caller) as line:
        async with phone() as customer:
            assert await customer.call(NUMBER, line.sip, caller=caller) == 200
            customer.say(tone(700, seconds))
            await customer.hear_the_end()
        call = await call_of(platform, caller)
    (quality,) = [event for event in platform.timeline(call["call_id"]) if event["kind"] == "quality"]
    data: dict[str, Any] = quality["data"]
    return data
