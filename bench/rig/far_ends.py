"""The other ends of many calls: sockets that receive, a process that notes arrivals, one that speaks.

Nobody sleeps on the sockets: they are looked through a few times a second, so that a sender never pays for
waking a receiver. What arrived when is the kernel's word, so that the looking may be late.
"""

import socket
from array import array
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import sleep, time_ns

from bench.rig import arrivals
from bench.rig.children import Child
from bench.rig.media_legs import HOST, Peer, Sealed
from bench.rig.pace import SLOTS, slots
from bench.rig.packets import FRAME_S, ready_made
from bench.rig.tables import quantile

from offhook.engine.net.media_cipher import Cipher

LOOK_S = 0.05
HEADER_BYTES = 12
FRAME_NS = int(FRAME_S * 1e9)
SPEECH_S = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What arrived between two moments: packets, packets that are missing, and how late each was (ms).

    `dropped` are all so far that found a buffer full, since the listener was slow: no loss of the sender's.
    """

    packets: int
    missing: int
    late_ms: list[float]
    dropped: int

    def cells(self) -> tuple[str, ...]:
        """Return `HEADS` of a table: how late packets were, and how many are missing."""
        return (*(f"{quantile(self.late_ms, part):.2f}" for part in (0.5, 0.99, 0.999)), str(self.missing))


HEADS = ("late p50 ms", "p99", "p99.9", "missing")


class Listener:
    """Notes what arrives at `sockets`, in a process of its own."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self.child = Child(_listen, sockets)

    def heard(self, begin_ns: int, end_ns: int) -> Heard:
        """Return what arrived between two moments (nanoseconds since 1970)."""
        self.child.pipe.send((begin_ns, end_ns))
        heard = self.child.pipe.recv()
        assert isinstance(heard, Heard)
        return heard


@dataclass(frozen=True, slots=True)
class FarEnds:
    """The sockets of so many calls, a socket for their reports, and who listens at them."""

    sockets: list[socket.socket]
    reports: tuple[str, int]
    listener: Listener

    @property
    def peers(self) -> list[Peer]:
        return [Peer(one.getsockname(), self.reports) for one in self.sockets]

    def hear(self, seconds: float) -> Heard:
        """Listen for so long."""
        begin_ns = time_ns()
        sleep(seconds)
        heard = self.listener.heard(begin_ns, time_ns())
        expected = len(self.sockets) * seconds / FRAME_S
        if heard.packets < 0.95 * expected:
            print(f"only {heard.packets} of {expected:.0f} packets arrived: the machine is overloaded")
        if heard.missing and heard.dropped:
            print(f"{heard.dropped} packets were dropped by the listener's full buffers: missing are these too")
        return heard


@contextmanager
def far_ends(calls: int) -> Iterator[FarEnds]:
    """Open the far ends of so many calls on loopback."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(arrivals.stamped(HOST)) for _ in range(calls)]
        reports = stack.enter_context(arrivals.stamped(HOST))
        listener = Listener(sockets)
        stack.enter_context(listener.child)
        yield FarEnds(sockets, reports.getsockname(), listener)


def _listen(pipe: Connection, sockets: list[socket.socket]) -> None:
    times = [array("q") for _ in sockets]
    sequences = [array("H") for _ in sockets]
    sources: dict[int, bytes] = {}
    while True:
        if pipe.poll():
            begin_ns, end_ns = pipe.recv()
            dropped = sum(map(arrivals.dropped, sockets))
            pipe.send(_between(begin_ns, end_ns, times, sequences, dropped))
        for one, times_of_one, sequences_of_one in zip(sockets, times, sequences, strict=True):
            try:
                while True:
                    head, at = arrivals.receive(one, HEADER_BYTES)
                    # Loopback is everybody's: the port may have been somebody else's a moment ago.
                    if sources.setdefault(one.fileno(), head[8:]) == head[8:]:
                        times_of_one.append(at)
                        sequences_of_one.append(head[2] << 8 | head[3])
            except BlockingIOError:
                pass
        sleep(LOOK_S)


def _between(
    begin_ns: int, end_ns: int, times: list["array[int]"], sequences: list["array[int]"], dropped: int
) -> Heard:
    late_ms: list[float] = []
    packets = missing = 0
    for times_of_one, sequences_of_one in zip(times, sequences, strict=True):
        if not times_of_one:
            continue
        # The first packet of the stream sets the beat, whenever we began to measure.
        began, first = times_of_one[0], sequences_of_one[0]
        numbers: list[int] = []
        for at, sequence in zip(times_of_one, sequences_of_one, strict=True):
            if begin_ns <= at < end_ns:
                number = (sequence - first) & 0xFFFF
                numbers.append(number)
                late_ms.append((at - began - number * FRAME_NS) / 1e6)
        packets += len(numbers)
        if numbers:
            missing += max(numbers) - min(numbers) + 1 - len(numbers)
    return Heard(packets, missing, late_ms, dropped)


def speak_when_told(pipe: Connection, sockets: list[socket.socket], sealed: Sealed | None = None) -> None:
    """Wait for addresses, then send 20 ms every 20 ms from each socket to the address of the same place, for ever."""
    packets = ready_made(SPEECH_S)
    if sealed is not None:
        cipher = Cipher(sealed.suite, sent=sealed.heard_key, heard=sealed.heard_key)
        packets = [cipher.seal(packet) for packet in packets]
    pairs = list(zip(sockets, pipe.recv(), strict=True))
    shares = [pairs[slot::SLOTS] for slot in range(SLOTS)]
    for count, slot in enumerate(slots()):
        packet = packets[count // SLOTS % len(packets)]
        for one, address in shares[slot]:
            one.sendto(packet, address)
