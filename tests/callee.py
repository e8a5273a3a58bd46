"""A callee for the tests: a phone that rings, answers, says, presses, hears and hangs up, over real sockets.

It is the phone of `offhook phone`. What it does by itself is said by its `Manners`. The verbs are about the
call that came last; where several ring at once, `calls` has each of them with verbs of its own.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
from numpy.typing import NDArray

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import from_linear16
from offhook.engine.net.answering_phone import AnsweringPhone
from offhook.engine.net.happenings import Happening
from offhook.engine.net.manners import Manners
from offhook.engine.net.received_call import ReceivedCall

HOST = "127.0.0.1"
CALLED_WITHIN_S = 30.0
HEARD_WITHIN_S = 30.0


def pcmu(samples: NDArray[np.int16]) -> bytes:
    """Return samples (8 kHz, mono) in the form that `Manners.speech` wants."""
    return from_linear16(samples.tobytes(), Codec.PCMU)


class Callee:
    """Somebody whose phone may ring. `manners` may be changed and hold for the next call."""

    def __init__(self, host: str, manners: Manners) -> None:
        self.calls: list[ReceivedCall] = []
        self._changed = asyncio.Event()
        self.phone = AnsweringPhone(
            host,
            token=lambda: secrets.token_hex(8),
            random_bits=secrets.randbits,
            manners=manners,
            tell=self._keep,
        )

    @property
    def sip(self) -> tuple[str, int]:
        """Where it is called: an IP address and a UDP port."""
        return self.phone.host, self.phone.port

    @property
    def manners(self) -> Manners:
        """How the next call is taken."""
        return self.phone.manners

    @manners.setter
    def manners(self, manners: Manners) -> None:
        self.phone.manners = manners

    @property
    def call(self) -> ReceivedCall:
        """The call that came last."""
        assert self.calls, "nobody has called yet"
        return self.calls[-1]

    @property
    def pressed(self) -> str:
        """The keys that the caller has pressed so far."""
        return self.call.keys

    @property
    def story(self) -> list[str]:
        """What happened to the call, in order, as sentences."""
        return [happening.text for happening in self.call.happenings]

    async def hear_it_ring(self, times: int = 1) -> ReceivedCall:
        """Wait until so many calls have come in, refused ones too, and return the last of these."""
        await self._until(lambda: len(self.calls) >= times)
        return self.calls[times - 1]

    def answer(self) -> None:
        """Take the phone up now, whatever its manners say."""
        self.call.answer()

    def refuse(self, status: int) -> None:
        """Refuse the call that rings."""
        self.call.refuse(status)

    def say(self, samples: NDArray[np.int16]) -> None:
        """Say these samples: 8 kHz, mono."""
        self.call.say(pcmu(samples))

    def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        self.call.press(keys)

    def inform(self, keys: str) -> None:
        """Press keys that travel by INFO."""
        self.call.inform(keys)

    def hang_up(self) -> None:
        """Put the phone down."""
        self.call.hang_up()

    async def hear(self, seconds: float) -> NDArray[np.int16]:
        """Return the next seconds of what the caller says: 8 kHz, mono."""
        async with asyncio.timeout(seconds + HEARD_WITHIN_S):
            return np.frombuffer(await self.call.media.hear(seconds), np.int16)

    async def hear_keys(self, count: int) -> str:
        """Wait until the caller has pressed so many keys; return all of them."""
        await self._until(lambda: len(self.pressed) >= count)
        return self.pressed

    async def hear_the_end(self) -> NDArray[np.int16]:
        """Wait until the call is over, whoever ended it; return all that was heard."""
        async with asyncio.timeout(HEARD_WITHIN_S):
            await self.call.ended.wait()
        return self.heard()

    def heard(self) -> NDArray[np.int16]:
        """Return what was heard so far: 8 kHz, mono."""
        return np.frombuffer(self.call.media.heard(), np.int16)

    def _keep(self, call: ReceivedCall, _happening: Happening) -> None:
        if call not in self.calls:
            self.calls.append(call)
        self._changed.set()

    async def _until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(CALLED_WITHIN_S):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def callee(manners: Manners | None = None, *, host: str = HOST) -> AsyncIterator[Callee]:
    """Return a phone that listens on a port of its own, and hang up and put it away at the end."""
    made = Callee(host, manners or Manners())
    try:
        yield made
    finally:
        await made.phone.close()
