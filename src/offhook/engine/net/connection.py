"""One connection of SIP over TCP or TLS, and the messages on it."""

import asyncio
import contextlib
import socket
from time import monotonic
from typing import Protocol, cast

from offhook.engine.net.log import Throttled
from offhook.engine.net.tls import names_in
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.framing import PING, PONG, Framing
from offhook.engine.sip.outputs import Transport

UNREAD_LIMIT = 256 * 1024
"""Bytes that a peer may leave unread, here and in the kernel, before its connection is broken off."""
SILENT_PEER_MS = 20_000
"""After so long without an acknowledgement (TCP_USER_TIMEOUT) a peer is gone."""

Address = tuple[str, int, Transport]


class Owner(Protocol):
    """Who is told of connections."""

    def opened(self, connection: "Connection") -> None: ...

    def heard(self, connection: "Connection", data: bytes) -> None: ...

    def closed(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """One connection and the messages on it."""

    def __init__(
        self, owner: Owner, number: int, host: str, port: int, transport: Transport, *, is_ours: bool, log: Throttled
    ) -> None:
        self.number = number
        self.host = host
        self.port = port
        self.transport = transport
        self.is_ours = is_ours
        self.used_at = monotonic()
        self.names: frozenset[str] = frozenset()
        """Whom the peer's certificate names, if it showed one and that is good."""
        self._owner = owner
        self._log = log
        self._framing = Framing()
        self._wire: asyncio.Transport | None = None

    @property
    def address(self) -> Address:
        """Where it leads."""
        return self.host, self.port, self.transport

    def write(self, data: bytes) -> None:
        """Send; a peer that reads nothing is let go."""
        if self._wire is None:
            return
        self.used_at = monotonic()
        self._wire.write(data)
        if self._wire.get_write_buffer_size() > UNREAD_LIMIT:
            self._log.warning("sip connection broken off: the peer reads nothing", source=self.host)
            self.let_go()

    def ping(self) -> None:
        """Keep it open on the way; it says nothing about whether it is used."""
        if self._wire is not None:
            self._wire.write(PING)

    def let_go(self) -> None:
        """Break off."""
        if self._wire is not None:
            # At once: what is still written to it would only be reported as lost.
            self._wire.abort()
            self._wire = None
            self._owner.closed(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No assertion: uvloop's transports are not of asyncio's kind.
        self._wire = cast(asyncio.Transport, transport)
        self.names = names_in(self._wire.get_extra_info("peercert"))
        wire: socket.socket | None = self._wire.get_extra_info("socket")
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_LIMIT)
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_PEER_MS)
        self._owner.opened(self)

    def data_received(self, data: bytes) -> None:
        self.used_at = monotonic()
        try:
            messages = self._framing.feed(data)
        except MalformedMessage as error:
            self._log.warning("sip connection broken off", source=self.host, text=error.sentence)
            self.let_go()
            return
        for message in messages:
            if self._wire is None:
                return
            if message == PING:
                self._wire.write(PONG)
            else:
                self._owner.heard(self, message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's own name
        self._wire = None
        self._owner.closed(self)
