"""One UDP socket for SIP on the running loop.

The socket is read in small batches straight from the loop's reader: an exception in one datagram
is logged by the loop's handler and the next datagram is read. Nothing that a peer writes can
make the socket close.
"""

import asyncio
import socket
from collections.abc import Callable

from offhook.engine.net.addresses import can_be_sent_to
from offhook.engine.net.log import Throttled
from offhook.errors import SetupError

DATAGRAM_LIMIT = 65_535
BATCH = 64
BUFFER_BYTES = 4 * 1024 * 1024

Receive = Callable[[bytes, str, int], None]


class UdpSocket:
    """Datagrams in and out; `receive(data, host, port)` is called for each."""

    def __init__(self, host: str, port: int, receive: Receive, logger: Throttled) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise SetupError(
                f"UDP port {port} on {host} cannot be used for SIP: {error.strerror}",
                hint="another program may have it: choose another with --sip HOST:PORT",
            ) from error
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            self._socket.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        self.host = host
        # A socket for all addresses of IPv6 speaks IPv4 too, by mapped addresses (RFC 4291 section 2.5.5.2).
        self._maps_ipv4 = family == socket.AF_INET6
        self.port: int = self._socket.getsockname()[1]
        self._receive = receive
        self._logger = logger
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._readable)

    def send(self, data: bytes, host: str, port: int) -> None:
        """Send one datagram; what cannot be sent is dropped and logged, as the network would."""
        if not can_be_sent_to(host, port):
            self._logger.warning("sip destination refused", host=host, port=port)
            return
        if self._maps_ipv4 and ":" not in host:
            host = f"::ffff:{host}"
        try:
            self._socket.sendto(data, (host, port))
        except OSError as error:
            # Retransmissions of the transaction layer are the remedy (RFC 3261 section 17).
            self._logger.warning("sip datagram not sent", host=host, port=port, error=str(error))

    def close(self) -> None:
        """Stop reading and free the port."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    def _readable(self) -> None:
        for _ in range(BATCH):
            try:
                data, address = self._socket.recvfrom(DATAGRAM_LIMIT)
            except BlockingIOError:
                return
            except OSError as error:
                # An ICMP error of an earlier send; the socket itself is well.
                self._logger.warning("sip socket error", error=str(error))
                continue
            self._receive(data, address[0], address[1])
