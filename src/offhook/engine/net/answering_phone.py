"""Our own phone on the other end: listens on one SIP port and takes calls, any number at once.

For `offhook phone`, the demo and the tests. Whoever calls is permitted: it listens only where it was told to.
It keeps the calls that are alive; who wants one for longer keeps it when `tell` names it.
"""

import asyncio
from collections.abc import Callable

from offhook.engine.net.endpoint import Endpoint, Overhears
from offhook.engine.net.happenings import Happening
from offhook.engine.net.manners import Manners
from offhook.engine.net.phone import NAME
from offhook.engine.net.received_call import ReceivedCall
from offhook.engine.sip.outputs import (
    Destination,
    Dropped,
    Invited,
    NotRegistered,
    Output,
    Probed,
    Registered,
    Send,
    TurnedDown,
)

CALLS_LIMIT = 200
OVERLOADED = 503

Tell = Callable[[ReceivedCall, Happening], None]


def keep_quiet(_call: ReceivedCall, _happening: Happening) -> None:
    """Whoever listens does not care what happens."""


class AnsweringPhone:
    """Listens at `host` (an address of this machine). `manners` may be changed and hold for the next call."""

    def __init__(
        self,
        host: str,
        *,
        token: Callable[[], str],
        random_bits: Callable[[int], int],
        port: int = 0,
        manners: Manners | None = None,
        tell: Tell = keep_quiet,
        overhears: Overhears | None = None,
    ) -> None:
        self.manners = manners or Manners()
        self.host = host
        self._random_bits = random_bits
        self._tell = tell
        self._endpoint = Endpoint(
            host=host, port=port, name=NAME, token=token, permits=_permit, news=self._hear, overhears=overhears
        )
        self._calls: dict[str, ReceivedCall] = {}
        self._count = 0

    @property
    def port(self) -> int:
        """The UDP port of our SIP."""
        return self._endpoint.port

    @property
    def calls(self) -> tuple[ReceivedCall, ...]:
        """The calls that ring or talk now, oldest first."""
        return tuple(call for call in self._calls.values() if not call.ended.is_set())

    async def close(self) -> None:
        """End all calls, let their BYEs be answered, then free the ports."""
        alive = self.calls
        for call in alive:
            call.hang_up()
        await self._endpoint.forgets([*self._calls])
        await asyncio.gather(*(call.put_away() for call in self._calls.values()))
        self._endpoint.close()

    def _hear(self, output: Output) -> None:
        match output:
            case Send() | Dropped() | TurnedDown() | Registered() | NotRegistered() | Probed():
                return
            case Invited():
                self._take(output)
            case _:
                if call := self._calls.get(output.leg):
                    call.hear(output)

    def _take(self, invited: Invited) -> None:
        self._forget()
        if len(self.calls) >= CALLS_LIMIT:
            self._endpoint.do(self._endpoint.agent.refuse(invited.leg, OVERLOADED, self._endpoint.now()))
            return
        self._count += 1
        call = ReceivedCall(
            invited,
            self._count,
            endpoint=self._endpoint,
            manners=self.manners,
            random_bits=self._random_bits,
            tell=self._tell,
        )
        self._calls[invited.leg] = call
        call.begin()

    def _forget(self) -> None:
        """Let go of calls that are over for both sides."""
        agent = self._endpoint.agent
        for leg, call in [*self._calls.items()]:
            if call.is_put_away and not agent.has(leg):
                del self._calls[leg]


def _permit(_data: bytes, _source: Destination) -> bool:
    return True
