"""A leg of the media worker with real sockets on loopback, the peers around it, and a time of the test's own."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from offhook.engine.media.rtp import Stream, parse_header
from offhook.engine.net.media_leg import Leg
from offhook.engine.net.orders import Connect, Play, Report
from offhook.engine.net.sound_files import FRAME_BYTES, SoundLibrary
from transcoding_here import TranscodingHere

HOST = "127.0.0.1"
WAIT_S = 2.0

Kind = TypeVar("Kind")


class Peer:
    """A pair of sockets: RTP, and reports on the next port."""

    def __init__(self, rtp: socket.socket, reports: socket.socket, ssrc: int = 77) -> None:
        self.rtp = rtp
        self.reports = reports
        self.stream = Stream(ssrc=ssrc, sequence=100, timestamp=5000, payload_type=0)

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.rtp.getsockname()
        return host, port

    def speak(self, to: tuple[str, int], count: int = 1) -> None:
        """Send packets of 20 ms."""
        for _ in range(count):
            self.rtp.sendto(self.stream.next_packet(b"\x00" * FRAME_BYTES), to)

    def hears(self) -> list[bytes]:
        """Return the RTP packets that have come."""
        return _all(self.rtp)

    def payloads(self) -> bytes:
        """Return the samples that have come, in order of arrival."""
        return b"".join(packet[12:] for packet in self.hears())

    def reads(self) -> list[bytes]:
        """Return what has come to the reports' own port."""
        return _all(self.reports)


class Bench:
    """One leg; `now` moves only when a test moves it."""

    def __init__(self, stack: ExitStack, ssrc: int = 9) -> None:
        self._stack = stack
        self.now = 1000.0
        self.told: list[Report] = []
        self.watched: list[int] = []
        self.library = SoundLibrary()
        self.transcoding = TranscodingHere()
        ours = self.peer()
        self.port = ours.address[1]
        self.address = ours.address
        self.reports_address = ours.reports.getsockname()
        stream = Stream(ssrc=ssrc, sequence=10, timestamp=20, payload_type=0)
        self.leg = Leg("leg", ours.rtp, ours.reports, stream, self.told.append, self.watched.append, self.transcoding)

    def peer(self, host: str = HOST, ssrc: int = 77) -> Peer:
        """Make somebody with a pair of ports."""
        while True:
            rtp, reports = (self._stack.enter_context(_socket()) for _ in range(2))
            rtp.bind((host, 0))
            port = rtp.getsockname()[1]
            try:
                reports.bind((host, port + 1))
            except (OSError, OverflowError):
                continue
            return Peer(rtp, reports, ssrc)

    def bind(self, host: str, port: int) -> socket.socket:
        """Make a socket on this very port."""
        made = self._stack.enter_context(_socket())
        made.bind((host, port))
        return made

    def order(
        self,
        peer: Peer,
        *,
        codec: str = "PCMU",
        address: tuple[str, int] | None = None,
        sends: bool = True,
        receives: bool = True,
        mux: bool = False,
        trust: bool = False,
        event_type: int | None = 101,
        noise_type: int | None = None,
        hears_tones: bool = False,
    ) -> Connect:
        host, port = address or peer.address
        return Connect(
            leg="leg",
            codec=codec,
            payload_type={"PCMU": 0, "PCMA": 8, "G722": 9}[codec],
            event_type=event_type,
            address=host,
            port=port,
            rtcp_address=host,
            rtcp_port=port if mux else port + 1,
            rtcp_mux=mux,
            signalling_ip=HOST,
            sends=sends,
            receives=receives,
            trust_signalled=trust,
            noise_type=noise_type,
            hears_tones=hears_tones,
        )

    def connect(self, order: Connect) -> None:
        self.leg.connect(order, self.library, self.now)

    def play(self, order: Play) -> None:
        self.leg.play(order, self.library, self.now)

    def start(self, peer: Peer) -> None:
        """Negotiate with a peer and begin."""
        self.connect(self.order(peer))
        self.leg.start(self.now)

    def meet(self, peer: Peer) -> None:
        """Begin, and hear the peer's first packet, so that the leg is connected."""
        self.start(peer)
        peer.speak(self.address)
        self.receive()

    def send(self, count: int = 1) -> None:
        """Send packets, 20 ms apart."""
        for _ in range(count):
            self.leg.outlet.send(self.now)
            self.now += 0.02

    def receive(self, count: int = 1) -> None:
        """Read so many packets as the worker does, one for each time that there is something to read."""
        for _ in range(count):
            assert is_readable(self.leg.rtp), "nothing came"
            self.leg.receive_rtp(self.now)

    def is_learning(self) -> bool:
        return self.leg.is_learning

    def pass_time(self, seconds: float) -> None:
        """Let time pass; the leg looks after itself at the end of it."""
        self.now += seconds
        self.leg.look_after(self.now, 1.0)

    def all(self, kind: type[Kind]) -> list[Kind]:
        return [report for report in self.told if isinstance(report, kind)]


@contextmanager
def bench() -> Iterator[Bench]:
    with ExitStack() as stack:
        yield Bench(stack)


def is_readable(reader: socket.socket, wait_s: float = WAIT_S) -> bool:
    return bool(select.select([reader], [], [], wait_s)[0])


def header(packet: bytes) -> tuple[int, bool, int, int, int]:
    """Return payload type, marker, sequence, timestamp and SSRC."""
    found = parse_header(packet)
    assert found is not None
    return found[:5]


def _socket() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)


def _all(reader: socket.socket) -> list[bytes]:
    # Loopback delivers before `send` returns.
    found = []
    while is_readable(reader, 0.0):
        found.append(reader.recv(4096))
    return found
