"""The RTP socket of one leg: where its peer is, and that nobody else is heard.

Unconnected while it is learnt where the peer's audio comes from (`engine/media/learning.py`), then
connected, so that the kernel drops everybody else; a new remote description begins anew on the same port.
"""

import os
import socket
from collections.abc import Callable

from offhook.engine.media.learning import Address, Decision, Learner, Policy
from offhook.engine.media.rtp import parse_header

PACKET_LIMIT = 2048

Transmit = Callable[[bytes], int]


class LostSocket(Exception):
    """The socket can no longer reach its peer, in words for people."""


class RtpSocket:
    """A bound socket and its peer. `transmit` sends one packet there."""

    __slots__ = ("_watch", "is_connected", "learner", "peer", "socket", "transmit")

    def __init__(self, bound: socket.socket, watch: Callable[[int], None]) -> None:
        self.socket = bound
        self.peer: Address = ("", 0)
        self.is_connected = False
        self.learner: Learner | None = None
        self.transmit: Transmit = _transmitter(bound, self.peer)
        self._watch = watch

    def learn(self, signalled: Address, signalling_ip: str, policy: Policy, now: float) -> None:
        """Send to the signalled address, and find out where its packets come from. Raises `LostSocket`."""
        self.peer = signalled
        self.transmit = _transmitter(self.socket, signalled)
        self.learner = Learner(signalled, signalling_ip, policy, now)
        if self.is_connected:
            self.is_connected = False
            self._unconnect()

    def judge(self, packet: bytes, source: Address, payload_types: tuple[int | None, ...], now: float) -> bool:
        """Take a packet while learning; True if it settles who the peer is. Raises `LostSocket`."""
        header = parse_header(packet)
        if header is None or self.learner is None:
            return False
        payload_type, _, sequence, _, ssrc, _, _ = header
        return self._settle(self.learner.receive(source, sequence, ssrc, payload_type in payload_types, now))

    def tick(self, now: float) -> bool:
        """Settle who the peer is if it is time to; True if it was. Raises `LostSocket`."""
        return self.learner is not None and self._settle(self.learner.tick(now))

    def queued(self) -> list[bytes]:
        """Return what had come from the peer before the connection; what others sent is dropped."""
        found: list[bytes] = []
        while True:
            try:
                packet, source = self.socket.recvfrom(PACKET_LIMIT)
            except OSError:
                return found
            if (source[0], source[1]) == self.peer:
                found.append(packet)

    def _settle(self, decision: Decision | None) -> bool:
        """Connect to the peer: from now on the kernel drops everybody else."""
        if decision is None:
            return False
        self.peer = decision.address
        self.learner = None
        try:
            self.socket.connect(decision.address)
        except OSError as error:
            # No route, or a broadcast address.
            raise LostSocket(f"nothing can be sent to {self.peer[0]}:{self.peer[1]}: {error.strerror}") from None
        self.is_connected = True
        self.transmit = self.socket.send
        return True

    def _unconnect(self) -> None:
        """Put a fresh socket in the old one's place and port: Python cannot dissolve an association."""
        bound = self.socket.getsockname()
        with socket.socket(self.socket.family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as fresh:
            os.dup2(fresh.fileno(), self.socket.fileno(), inheritable=False)
        try:
            self.socket.bind(bound)
        except OSError as error:
            # Somebody took the port in the instant in which nobody had it.
            raise LostSocket(f"our port {bound[1]} was lost: {error.strerror}") from None
        finally:
            self._watch(self.socket.fileno())


def _transmitter(bound: socket.socket, peer: Address) -> Transmit:
    # Not a method of the socket's owner: the cyclic collector is off, and owner and method would keep each other.
    def transmit(packet: bytes) -> int:
        return bound.sendto(packet, peer)

    return transmit
