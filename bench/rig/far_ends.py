"""The other ends of many calls: sockets that receive, a process that notes arrivals, one that speaks.

Nobody sleeps on the sockets: they are looked through a few times a second, so that a sender never pays for
waking a receiver. What arrived when is the kernel's word, so that the looking may be late.
"""

import socket
from array import array
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import sleep

from bench.rig import arrivals
from bench.rig.children import Child
from bench.rig.pace import SLOTS, slots
from bench.rig.packets import FRAME_S, ready_made

LOOK_S = 0.05
HEADER_BYTES = 12
FRAME_NS = int(FRAME_S * 1e9)
SPEECH_S = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What arrived between two moments: packets, packets that are missing, and how late each was (ms)."""

    packets: int
    missing: int
    late_ms: list[float]


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


def _listen(pipe: Connection, sockets: list[socket.socket]) -> None:
    times = [array("q") for _ in sockets]
    sequences = [array("H") for _ in sockets]
    sources: dict[int, bytes] = {}
    while True:
        if pipe.poll():
            begin_ns, end_ns = pipe.recv()
            pipe.send(_between(begin_ns, end_ns, times, sequences))
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


def _between(begin_ns: int, end_ns: int, times: list["array[int]"], sequences: list["array[int]"]) -> Heard:
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
    return Heard(packets, missing, late_ms)


def speak(pipe: Connection, sockets: list[socket.socket], pause: list[tuple[str, int]]) -> None:
    """Send 20 ms every 20 ms from each socket to the address of the same place in `pause`, for ever."""
    pairs = list(zip(sockets, pause, strict=True))
    shares = [pairs[slot::SLOTS] for slot in range(SLOTS)]
    packets = ready_made(SPEECH_S)
    for count, slot in enumerate(slots()):
        packet = packets[count // SLOTS % len(packets)]
        for one, address in shares[slot]:
            one.sendto(packet, address)
        if pipe.poll():
            return
