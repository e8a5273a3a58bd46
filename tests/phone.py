"""A caller for the tests: call, press, say, hear, hang up, over real sockets.

It is the phone of `offhook dial`. Foreign phones prove that it speaks SIP; it proves everything else,
because it can be told exactly what to do and when.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import numpy as np
from numpy.typing import NDArray

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import from_linear16
from offhook.engine.media.sdp import SPOKEN
from offhook.engine.net.phone import Phone
from offhook.engine.sip.outputs import Destination
from offhook.engine.sip.records import read_record

ANSWER_WITHIN_S = 30.0
LOUD = 1000
END_WITHIN_S = 30.0
HEARD_WITHIN_S = 30.0


class Caller:
    """Somebody with a phone in the hand."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone

    async def call(
        self,
        number: str,
        sip: tuple[str, int],
        *,
        caller: str = "819012345678",
        speaks: bool = True,
        codecs: Sequence[Codec] = SPOKEN,
    ) -> int:
        """Call, and return the status that ended the ringing: 200 for an answer."""
        self.dial(number, sip, caller=caller, speaks=speaks, codecs=codecs)
        first = [asyncio.create_task(event.wait()) for event in (self._phone.answered, self._phone.ended)]
        done, waiting = await asyncio.wait(first, timeout=ANSWER_WITHIN_S, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        assert done, "nobody answered or refused the call"
        assert self._phone.status is not None
        return self._phone.status

    def dial(
        self,
        number: str,
        sip: tuple[str, int],
        *,
        caller: str,
        speaks: bool = True,
        codecs: Sequence[Codec] = SPOKEN,
    ) -> None:
        """Call, and wait for nothing. Who does not speak sends no sound at all, not even silence."""
        self._phone.dial(number, caller=caller, to=Destination(*sip), speaks=speaks, codecs=codecs)

    async def hear_it_ring(self) -> None:
        """Wait until it rings."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await self._phone.ringing.wait()

    def say(self, samples: NDArray[np.int16]) -> None:
        """Say these samples: 8 kHz, mono."""
        self._phone.media.speak(from_linear16(samples.tobytes(), Codec.PCMU))

    def press(self, digits: str) -> None:
        """Press keys, one after the other."""
        self._phone.media.press(digits)

    def inform(self, digits: str) -> None:
        """Press keys that travel by INFO."""
        self._phone.inform(digits)

    def hang_up(self) -> None:
        """Put the phone down."""
        self._phone.hang_up()

    def bye(self) -> bytes:
        """Return the BYE of this call as it would be sent, for somebody else to send."""
        record = self._phone._endpoint.agent.record(self._phone._leg)
        assert record is not None, "a call that runs is known"
        leg, _ = read_record(record)
        return leg.write("BYE", f"SIP/2.0/UDP {leg.local}:5060;branch=z9hG4bK{secrets.token_hex(8)}", 100).data

    async def hear(self, seconds: float) -> NDArray[np.int16]:
        """Return the next seconds of what the other side says: 8 kHz, mono."""
        async with asyncio.timeout(seconds + HEARD_WITHIN_S):
            return np.frombuffer(await self._phone.media.hear(seconds), np.int16)

    async def hear_something(self) -> None:
        """Wait until what the other side says is loud enough to be heard."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            while np.max(np.abs((await self.hear(0.2)).astype(int))) < LOUD:
                pass

    async def hear_keys(self, count: int) -> str:
        """Wait until the other side has pressed so many keys; return all of them."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            return await self._phone.hear_keys(count)

    async def hear_the_end(self) -> NDArray[np.int16]:
        """Wait until the other side hangs up; return all that was heard."""
        async with asyncio.timeout(END_WITHIN_S):
            await self._phone.ended.wait()
        return self.heard()

    def heard(self) -> NDArray[np.int16]:
        """Return what was heard so far: 8 kHz, mono."""
        return np.frombuffer(self._phone.media.heard(), np.int16)

    @property
    def answered_at(self) -> float | None:
        """When the other side answered, in seconds of the loop's clock."""
        return self._phone.answered_at

    @property
    def heard_since(self) -> float | None:
        """When the first packet of sound came, in seconds of the monotonic clock."""
        return self._phone.media.first_packet_at

    @property
    def pressed(self) -> str:
        """The keys that the other side has pressed so far."""
        return self._phone.keys

    @property
    def story(self) -> list[str]:
        """What happened, in order, as sentences."""
        return [happening.text for happening in self._phone.happenings]


@asynccontextmanager
async def phone(host: str = "127.0.0.1") -> AsyncIterator[Caller]:
    """Return a phone on loopback that is put away at the end."""
    made = Phone(host, token=lambda: secrets.token_hex(8), random_bits=secrets.randbits)
    try:
        yield Caller(made)
    finally:
        made.hang_up()
        await made.close()
