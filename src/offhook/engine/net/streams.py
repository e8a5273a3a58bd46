"""SIP over TCP and TLS: connections that are accepted, made, used again and let go (RFC 3261 section 18, RFC 5923).

A connection of a stranger is closed unread, before any handshake. Whatever a peer does on its connection harms
that connection alone.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from itertools import count
from time import monotonic
from typing import Any

from offhook.engine.net.addresses import can_be_sent_to, plain
from offhook.engine.net.connection import Address, Connection
from offhook.engine.net.log import Throttled
from offhook.engine.net.tls import TlsFiles, cause_of
from offhook.engine.sip.outputs import Destination, Transport
from offhook.errors import SetupError

BACKLOG = 256
BATCH = 64
MOST_CONNECTIONS = 2_000
MOST_CONNECTIONS_OF_A_HOST = 64
MOST_STRANGERS = 128
"""Connections of all that have not yet proven who they are."""
MOST_CONNECTIONS_OF_A_STRANGER = 8
PROVEN_WITHIN_S = 10.0
MOST_WAITING = 256
"""Messages that wait for a connection to one address."""
CONNECT_TIMEOUT_S = 4.0
HANDSHAKE_TIMEOUT_S = 5.0
PING_EVERY_S = 30.0
"""On connections that we made and that carry nothing (RFC 5626 section 4.4.1)."""
IDLE_LIMIT_S = 3600.0
NAMES_REMEMBERED = 4096

Permits = Callable[[bytes, Destination], bool]
Welcomes = Callable[[Destination], bool]
Receive = Callable[[bytes, Destination], None]


class Streams:
    """All connections of one endpoint.

    `receive(message, source)` is called for each message, `undelivered(destination, why)` once for each destination
    that something could not be sent to.
    """

    def __init__(
        self,
        tls: TlsFiles,
        permits: Permits,
        receive: Receive,
        undelivered: Callable[[Destination, str], None],
        log: Throttled,
        welcomes: Welcomes = lambda _source: False,
    ) -> None:
        """Raises `SetupError` for TLS files that cannot be used."""
        self._loop = asyncio.get_running_loop()
        self._tls = tls
        self._serving = tls.serving()
        self._calling = tls.calling()
        self._permits = permits
        self._welcomes = welcomes
        self._strangers: set[int] = set()
        self._receive = receive
        self._undelivered = undelivered
        self._log = log
        self._numbers = count(1)
        self._connections: dict[int, Connection] = {}
        self._by_address: dict[Address, int] = {}
        self._of_host: Counter[str] = Counter()
        self._waiting: dict[Address, list[tuple[bytes, Destination]]] = {}
        self._names: dict[str, str] = {}
        self._listening: list[socket.socket] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._upkeep = self._loop.call_later(PING_EVERY_S, self._keep_up)

    @property
    def serves_tls(self) -> bool:
        """Whether there is a certificate to answer with."""
        return self._serving is not None

    def __len__(self) -> int:
        return len(self._connections)

    def listen(self, host: str, port: int, transport: Transport) -> int:
        """Accept connections from now on; returns the port. Raises `SetupError`."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(BACKLOG)
        except OSError as error:
            listening.close()
            raise SetupError(
                f"TCP port {port} on {host} cannot be used for SIP: {error.strerror}",
                hint="another program may have it: choose another with --sip HOST:PORT, or the setting tls_port",
            ) from error
        self._listening.append(listening)
        self._loop.add_reader(listening.fileno(), self._accept, listening, transport)
        return int(listening.getsockname()[1])

    def know_as(self, host: str, name: str) -> None:
        """Expect that whoever is reached at the address `host` proves to be `name`, where it must prove something."""
        if len(self._names) >= NAMES_REMEMBERED:
            self._names.clear()
        self._names[host] = name

    def send(self, data: bytes, to: Destination) -> None:
        """Send by the connection that is named, else by any to this address, else by a new one."""
        address = (to.host, to.port, to.transport)
        number = to.connection if to.connection in self._connections else self._by_address.get(address)
        if number is not None:
            self._connections[number].write(data)
            return
        if not can_be_sent_to(to.host, to.port):
            self._log.warning("sip destination refused", host=to.host, port=to.port)
            self._loop.call_soon(self._undelivered, to, "it is no address of one peer")
            return
        waiting = self._waiting.get(address)
        if waiting is None:
            self._waiting[address] = [(data, to)]
            self._begin(self._connect(address))
        elif len(waiting) < MOST_WAITING:
            waiting.append((data, to))

    def close(self) -> None:
        """Let everything go."""
        self._upkeep.cancel()
        for listening in self._listening:
            self._loop.remove_reader(listening.fileno())
            listening.close()
        for task in self._tasks:
            task.cancel()
        self.drop_all()

    def drop_all(self) -> None:
        """Break off every connection; new ones can be made."""
        for connection in list(self._connections.values()):
            connection.let_go()

    def heard(self, connection: Connection, data: bytes) -> None:
        """Take a message of a connection."""
        source = Destination(connection.host, connection.port, connection.transport, connection.number)
        if self._permits(data, source):
            self._strangers.discard(connection.number)
            self._receive(data, source)

    def ask_for_certificates(self) -> None:
        """Ask whoever connects by TLS from now on who it is. Raises `SetupError`."""
        if self._serving is not None:
            self._tls.ask(self._serving)

    def names_of(self, number: int) -> frozenset[str]:
        """Return whom the certificate of a connection's peer names; nobody without one, or without TLS."""
        connection = self._connections.get(number)
        return connection.names if connection else frozenset()

    def is_ours(self, number: int) -> bool:
        """Tell whether we made a connection: then the peer has proven the name that we called."""
        connection = self._connections.get(number)
        return connection is not None and connection.is_ours

    def vouch(self, number: int) -> None:
        """Let a stranger's connection live on: whoever is there has proven who it is."""
        self._strangers.discard(number)

    def opened(self, connection: Connection) -> None:
        """A connection can be used."""
        self._connections[connection.number] = connection
        self._by_address[connection.address] = connection.number
        self._of_host[connection.host] += 1

    def closed(self, connection: Connection) -> None:
        """A connection is gone."""
        self._strangers.discard(connection.number)
        if self._connections.pop(connection.number, None) is None:
            return
        self._of_host[connection.host] -= 1
        if not self._of_host[connection.host]:
            del self._of_host[connection.host]
        if self._by_address.get(connection.address) == connection.number:
            del self._by_address[connection.address]

    def _accept(self, listening: socket.socket, transport: Transport) -> None:
        for _ in range(BATCH):
            try:
                accepted, address = listening.accept()
            except BlockingIOError:
                return
            except OSError as error:
                # It was gone before it was looked at, or we have no file descriptors left.
                self._log.warning("sip connection not accepted", error=str(error))
                return
            host, port = plain(address[0]), int(address[1])
            source = Destination(host, port, transport)
            is_strange = self._welcomes(source)
            is_permitted = is_strange or self._permits(f"(a {transport} connection)".encode(), source)
            if not is_permitted or not self._has_room(host, is_strange=is_strange):
                accepted.close()
                continue
            accepted.setblocking(False)
            number = next(self._numbers)
            if is_strange:
                self._strangers.add(number)
                self._loop.call_later(PROVEN_WITHIN_S, self._part_with_stranger, number)
            self._begin(self._welcome(accepted, number, source))

    def _part_with_stranger(self, number: int) -> None:
        """End a connection on which nobody proved anything in time."""
        if number in self._strangers:
            self._strangers.discard(number)
            connection = self._connections.get(number)
            if connection is not None:
                connection.let_go()

    def _has_room(self, host: str, *, is_strange: bool) -> bool:
        if is_strange and (
            len(self._strangers) >= MOST_STRANGERS or self._of_host[host] >= MOST_CONNECTIONS_OF_A_STRANGER
        ):
            return False
        if len(self._connections) < MOST_CONNECTIONS and self._of_host[host] < MOST_CONNECTIONS_OF_A_HOST:
            return True
        self._log.warning("sip connection refused: there are too many", source=host)
        return False

    async def _welcome(self, accepted: socket.socket, number: int, source: Destination) -> None:
        host, port, transport = source.host, source.port, source.transport
        connection = Connection(self, number, host, port, transport, is_ours=False, log=self._log)
        secure = self._serving if transport is Transport.TLS else None
        try:
            await self._loop.connect_accepted_socket(
                lambda: connection, accepted, ssl=secure, ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S if secure else None
            )
        except (OSError, ssl.SSLError) as error:
            self._log.warning("sip connection not secured", source=host, error=str(error))
            self._strangers.discard(number)
            accepted.close()

    async def _connect(self, address: Address) -> None:
        host, port, transport = address
        connection = Connection(self, next(self._numbers), host, port, transport, is_ours=True, log=self._log)
        secure = self._calling if transport is Transport.TLS else None
        name = self._names.get(host, host) if secure else None
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._loop.create_connection(lambda: connection, host, port, ssl=secure, server_hostname=name)
        except (OSError, ssl.SSLError, TimeoutError) as error:
            said = cause_of(error)
            self._log.warning("sip connection not made", host=host, port=port, transport=transport, error=said)
            self._fail(self._waiting.pop(address, []), said)
            return
        for data, _ in self._waiting.pop(address, []):
            connection.write(data)

    def _fail(self, waiting: Iterable[tuple[bytes, Destination]], why: str) -> None:
        for destination in dict.fromkeys(to for _, to in waiting):
            self._undelivered(destination, why)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _keep_up(self) -> None:
        self._upkeep = self._loop.call_later(PING_EVERY_S, self._keep_up)
        now = monotonic()
        for connection in list(self._connections.values()):
            silent_s = now - connection.used_at
            if silent_s > IDLE_LIMIT_S:
                connection.let_go()
            elif connection.is_ours and silent_s >= PING_EVERY_S:
                connection.ping()
