"""A SIP agent on a real socket and a real clock: sends what it says, ticks when it asks."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from math import inf
from time import monotonic

from offhook.engine.net.addresses import LocalAddresses, is_literal, plain
from offhook.engine.net.log import Throttled
from offhook.engine.net.sip_trace import Traces
from offhook.engine.net.streams import Streams
from offhook.engine.net.tls import TlsFiles
from offhook.engine.net.udp import UdpSocket
from offhook.engine.sip.agent import Agent
from offhook.engine.sip.outputs import Destination, Dropped, Output, Send, Transport
from offhook.engine.sip.replies import DEFAULT_TLS_PORT
from offhook.errors import SetupError

Permits = Callable[[bytes, Destination], bool]
Welcomes = Callable[[Destination], bool]
News = Callable[[Output], None]
Overhears = Callable[[bytes, bool], None]
"""Is told of each message of SIP that goes out (True) or comes in and is permitted (False)."""
Witness = Callable[[float, bytes, Destination, bool], None]
"""The same, with the moment, and with whom."""

CHOICES = 16
"""How often a port of the system's choice is tried."""
FAREWELL_S = 1.0
"""How long the answers to our last BYEs are waited for."""


@dataclass(frozen=True, slots=True)
class Wires:
    """How an endpoint is reached besides UDP, and how it finds others.

    `public_address` is where peers elsewhere see it (None: its own), `name_server` whom it asks (None: the machine's).
    """

    serves_tcp: bool = True
    tls: TlsFiles = field(default_factory=TlsFiles)
    tls_port: int = DEFAULT_TLS_PORT
    public_address: str | None = None
    name_server: tuple[str, int] | None = None


UDP_AND_TCP = Wires()


class Endpoint:
    """Drives one `Agent`; everything it tells but `Send` goes to `news`, in order.

    Messages that pass are kept in `traces`, unless somebody `overhears` them instead.

    `permits(data, source)` says whether a message may be looked at, before it is parsed; `welcomes(source)` whether
    somebody that may not yet be heard may connect, to show who it is.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        name: str,
        token: Callable[[], str],
        permits: Permits,
        news: News,
        wires: Wires = UDP_AND_TCP,
        welcomes: Welcomes = lambda _source: False,
        overhears: Overhears | None = None,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.logger = Throttled(self._loop.time)
        self.traces = Traces()
        self.streams = Streams(wires.tls, permits, self._take, self._undelivered, self.logger, welcomes)
        self._socket = self._open(host, port, wires)
        self.port = self._socket.port
        self.tls_port = wires.tls_port
        if self.streams.serves_tls:
            self.tls_port = self.streams.listen(host, wires.tls_port, Transport.TLS)
        ports = {Transport.UDP: self.port, Transport.TCP: self.port, Transport.TLS: self.tls_port}
        self.agent = Agent(ports=ports, token=token, name=name)
        self._addresses = LocalAddresses(host, wires.public_address)
        self._permits = permits
        self._news = news
        self._witness: Witness = self.traces.passes if overhears is None else _by_data(overhears)
        self._timer: asyncio.Handle | None = None
        self._timer_at = inf
        self._has_done = asyncio.Event()
        self._lookups: set[asyncio.Task[None]] = set()

    def now(self) -> float:
        """Return the time by which the agent lives: monotonic seconds, finer than the loop's own milliseconds."""
        return monotonic()

    def local_toward(self, host: str) -> str:
        """Return the address at which the IP address `host` reaches us. Raises `OSError` without a route."""
        return self._addresses.seen_by(host)

    def own_toward(self, host: str) -> str:
        """Return this machine's own address on the way to `host`, to listen at. Raises `OSError` without a route."""
        return self._addresses.toward(host)

    def port_of(self, transport: Transport) -> int:
        """Return the port that we are reached at by a transport."""
        return self.tls_port if transport is Transport.TLS else self.port

    def know_as(self, host: str, name: str) -> None:
        """Expect that who is reached at an address proves to have this name, where it must prove something."""
        self.streams.know_as(host, name)

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
        self.streams.close()
        self._socket.close()

    def _open(self, host: str, port: int, wires: Wires, choices: int = CHOICES) -> UdpSocket:
        """Open one port for UDP and TCP; a port of the system's choice must be free for both."""
        udp = UdpSocket(host, port, self._receive, self.logger)
        if wires.serves_tcp:
            try:
                self.streams.listen(host, udp.port, Transport.TCP)
            except SetupError:
                udp.close()
                if port or choices == 1:
                    raise
                return self._open(host, 0, wires, choices - 1)
        return udp

    def _receive(self, data: bytes, host: str, port: int) -> None:
        source = Destination(plain(host), port)
        if self._permits(data, source):
            self._take(data, source)

    def _take(self, data: bytes, source: Destination) -> None:
        local, now = self.local_toward(source.host), self.now()
        if source.port != self.port or source.host != local:
            # What we say to ourselves was seen when it left.
            self._witness(now, data, source, False)
        self.do(self.agent.receive(data, source, local, now))

    def _undelivered(self, destination: Destination, why: str) -> None:
        self.do(self.agent.undelivered(destination, self.now(), why))

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
        self._witness(self.now(), data, destination, True)
        if is_literal(destination.host):
            self._send_to(data, destination)
            return
        lookup = self._loop.create_task(self._look_up_and_send(data, destination))
        self._lookups.add(lookup)
        lookup.add_done_callback(self._lookups.discard)

    async def _look_up_and_send(self, data: bytes, destination: Destination) -> None:
        try:
            host = plain(await look_up(destination.host, destination.port, self._socket.host))
        except SetupError as error:
            self.logger.warning("sip host not found", text=error.sentence)
            return
        self.streams.know_as(host, destination.host)
        self._send_to(data, replace(destination, host=host))

    def _send_to(self, data: bytes, destination: Destination) -> None:
        if destination.transport is Transport.UDP:
            self._socket.send(data, destination.host, destination.port)
        else:
            self.streams.send(data, destination)


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


def _by_data(overhears: Overhears) -> Witness:
    """Return a witness that passes on what was said, and who said it."""
    return lambda _at, data, _peer, is_ours: overhears(data, is_ours)
