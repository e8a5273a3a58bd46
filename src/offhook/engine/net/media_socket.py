"""The RTP socket of one leg: where its peer is, and that nobody else is heard.

Unconnected while it is learnt where the peer's audio comes from (`engine/media/learning.py`), then
connected, so that the kernel drops everybody else; a new remote description begins anew on the same port.
"""

import os
import socket
from collections.abc import Callable

from offhook.engine.media.learning import Address, Decision, Learner, Policy
from offhook.engine.media.rtp import parse_header
from offhook.engine.net.media_cipher import PACKET_LIMIT, Cipher, Receive, Send


class LostSocket(Exception):
    """The socket can no longer reach its peer, in words for people."""


class RtpSocket:
    """A bound socket and its peer. `transmit` sends one packet there, `receive` reads one: sealed where it is SRTP."""

    __slots__ = ("_send", "_watch", "cipher", "is_connected", "learner", "peer", "receive", "socket", "transmit")

    def __init__(self, bound: socket.socket, watch: Callable[[int], None]) -> None:
        self.socket = bound
        self.peer: Address = ("", 0)
        self.is_connected = False
        self.learner: Learner | None = None
        self.cipher: Cipher | None = None
        self.receive: Receive = bound.recv
        self._watch = watch
        self._send_by(_transmitter(bound, self.peer))

    def use(self, cipher: Cipher | None) -> None:
        """Send and hear by these keys from now on, or plainly."""
        self.cipher = cipher
        self.receive = self.socket.recv if cipher is None else cipher.opening(self.socket.recv)
        self._send_by(self._send)

    def open(self, packet: bytes) -> bytes:
        """Return what was said in a packet that was not read by `receive`; nothing if it is not the peer's."""
        return packet if self.cipher is None else self.cipher.open(packet)

    def report(self, compound: bytes, elsewhere: tuple[socket.socket, Address] | None = None) -> None:
        """Send reports to the peer, or by another socket to another address. Raises `OSError`."""
        sealed = compound if self.cipher is None else self.cipher.seal_reports(compound)
        if elsewhere is None:
            self._send(sealed)
        else:
            elsewhere[0].sendto(sealed, elsewhere[1])

    def learn(self, signalled: Address, signalling_ip: str, policy: Policy, now: float) -> None:
        """Send to the signalled address, and find out where its packets come from. Raises `LostSocket`."""
        self.peer = signalled
        self._send_by(_transmitter(self.socket, signalled))
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
                found.append(self.open(packet))

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
        self._send_by(self.socket.send)
        return True

    def _send_by(self, send: Send) -> None:
        self._send = send
        self.transmit = send if self.cipher is None else self.cipher.sealing(send)

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


def _transmitter(bound: socket.socket, peer: Address) -> Send:
    def transmit(packet: bytes | memoryview) -> int:
        return bound.sendto(packet, peer)

    return transmit
