"""A SIP agent on a real socket and a real clock: sends what it says, ticks when it asks."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Collection, Iterable
from math import inf
from time import monotonic

from offhook.engine.net.addresses import LocalAddresses, is_literal, plain
from offhook.engine.net.log import Throttled
from offhook.engine.net.udp import UdpSocket
from offhook.engine.sip.agent import Agent
from offhook.engine.sip.outputs import Destination, Dropped, Output, Send
from offhook.errors import SetupError

Permits = Callable[[bytes, str, int], bool]
News = Callable[[Output], None]

FAREWELL_S = 1.0
"""How long the answers to our last BYEs are waited for."""


class Endpoint:
    """Drives one `Agent`; everything it tells but `Send` goes to `news`, in order.

    `permits(data, host, port)` says whether a datagram may be looked at, before it is parsed.
    """

    def __init__(
        self, *, host: str, port: int, name: str, token: Callable[[], str], permits: Permits, news: News
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.logger = Throttled(self._loop.time)
        self._socket = UdpSocket(host, port, self._receive, self.logger)
        self.port = self._socket.port
        self.agent = Agent(port=self.port, token=token, name=name)
        self._addresses = LocalAddresses(host)
        self._permits = permits
        self._news = news
        self._timer: asyncio.Handle | None = None
        self._timer_at = inf
        self._has_done = asyncio.Event()
        self._lookups: set[asyncio.Task[None]] = set()

    def now(self) -> float:
        """Return the time by which the agent lives: monotonic seconds, finer than the loop's own milliseconds."""
        return monotonic()

    def local_toward(self, host: str) -> str:
        """Return our address as the IP address `host` can reach it. Raises `OSError` without a route."""
        return self._addresses.toward(host)

    def do(self, outputs: Iterable[Output]) -> None:
        """Carry out what the agent returned from a wish."""
        try:
            for output in outputs:
                if isinstance(output, Send):
                    self._send(output.data, output.destination)
                elif isinstance(output, Dropped):
                    self.logger.warning("sip message dropped", text=output.text, source=output.source.host)
                else:
                    self._news(output)
        finally:
            self._set_timer()
            self._has_done.set()

    async def forgets(self, legs: Collection[str]) -> None:
        """Wait for at most a second until these legs, which we ended, are over for the peer too."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                while any(self.agent.has(leg) for leg in legs):
                    self._has_done.clear()
                    await self._has_done.wait()

    def close(self) -> None:
        """Free the port; nothing is sent any more."""
        if self._timer is not None:
            self._timer.cancel()
        for lookup in self._lookups:
            lookup.cancel()
        self._socket.close()

    def _receive(self, data: bytes, host: str, port: int) -> None:
        host = plain(host)
        if self._permits(data, host, port):
            source = Destination(host, port)
            self.do(self.agent.receive(data, source, self.local_toward(host), self.now()))

    def _tick(self) -> None:
        self._timer, self._timer_at = None, inf
        self.do(self.agent.tick(self.now()))

    def _set_timer(self) -> None:
        deadline = self.agent.deadline()
        # Early is harmless and usual: most deadlines only move away.
        if deadline is None or self._timer_at <= deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_at = deadline
        self._timer = self._loop.call_at(deadline, self._tick)

    def _send(self, data: bytes, destination: Destination) -> None:
        if is_literal(destination.host):
            self._socket.send(data, destination.host, destination.port)
            return
        lookup = self._loop.create_task(self._look_up_and_send(data, destination))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)

    async def _look_up_and_send(self, data: bytes, destination: Destination) -> None:
        try:
            host = await look_up(destination.host, destination.port, self._socket.host)
        except SetupError as error:
            self.logger.warning("sip host not found", text=error.sentence)
            return
        self._socket.send(data, host, destination.port)


async def look_up(host: str, port: int, bound: str) -> str:
    """Resolve a name off the loop to an address that a socket bound to `bound` can send to.

    Raises `SetupError` when there is none.
    """
    family = socket.AF_INET6 if ":" in bound else socket.AF_INET
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        # A name that cannot even be written for DNS is a `UnicodeError`.
        raise SetupError(f"the host {host!r} cannot be resolved: {error}") from None
    return str(found[0][4][0])
