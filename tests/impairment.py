"""A bad network on loopback: a relay between two UDP ports that loses, doubles, delays and reorders, by seed.

`Impairment.fate` decides what becomes of packet N of a side from nothing but the seed, the side and N, so that a
test meets the same network each time. The relay runs in a thread of its own and counts what it did. Absent:
a limit of bandwidth, and anything that looks into a packet, but for `Rewrite`.
"""

import heapq
import random
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from types import TracebackType
from typing import Self

from free_ports import udp_range

HOST = "127.0.0.1"
DATAGRAM_LIMIT = 65_535
BUFFER_BYTES = 1 << 20
END_WITHIN_S = 5.0
OVERTAKEN_MS = 50.0
"""How long a reordered packet waits: at 20 ms a packet, two others overtake it."""

Address = tuple[str, int]


class Side(StrEnum):
    """From where a packet comes: the caller's side or the platform's."""

    NEAR = "near"
    FAR = "far"


Rewrite = Callable[[Side, bytes], bytes]


@dataclass(frozen=True, slots=True)
class Impairment:
    """What happens to the packets of one side. `loss`, `reordering` and `duplication` are parts of 1.

    Losses come `burst` packets long, and longer where two bursts touch. Each packet waits `delay_ms` and up to
    `jitter_ms` more; a reordered one waits `OVERTAKEN_MS` longer. A jitter longer than packets are apart reorders, too.
    """

    loss: float = 0.0
    burst: int = 1
    reordering: float = 0.0
    duplication: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0

    def fate(self, seed: int, side: Side, number: int) -> tuple[float, ...]:
        """Return after how many milliseconds each copy of a packet goes on; nothing if it is lost."""
        # A packet is lost if a burst begins at it or at one of those before it, each with the same chance, so that
        # it gets through with (1 - begins) ** burst, which is 1 - loss.
        begins = 1 - (1 - self.loss) ** (1 / self.burst)
        if any(_chance("loss", seed, side, number - back).random() < begins for back in range(self.burst)):
            return ()
        chance = _chance("way", seed, side, number)
        is_reordered, is_doubled = chance.random() < self.reordering, chance.random() < self.duplication
        least_ms = self.delay_ms + (OVERTAKEN_MS if is_reordered else 0.0)
        return tuple(least_ms + chance.random() * self.jitter_ms for _ in range(1 + is_doubled))


CALM = Impairment()


@dataclass(slots=True)
class Counts:
    """What became of the packets of one side. `reordered` counts the copies that left after a later packet."""

    received: int = 0
    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    homeless: int = 0
    """Packets that came before anybody had said where to."""


class Relay:
    """Two UDP sockets on loopback; what comes to one leaves from the other. Use it as a context manager.

    `near` is the peer that sends to `address`; who is not named is learnt from its first packet. `far` is the peer
    that is sent to from `far_address`. Both may be named later. `rewrite` may change a packet before its fate.
    """

    def __init__(
        self,
        *,
        seed: int,
        from_near: Impairment = CALM,
        from_far: Impairment = CALM,
        near: Address | None = None,
        far: Address | None = None,
        rewrite: Rewrite | None = None,
    ) -> None:
        self.seed = seed
        self.counts = {side: Counts() for side in Side}
        # Every copy that went on, in order: the number of its packet and when (monotonic seconds).
        self.went_on: dict[Side, list[tuple[int, float]]] = {side: [] for side in Side}
        self.peers = {Side.NEAR: near, Side.FAR: far}
        self._impairments = {Side.NEAR: from_near, Side.FAR: from_far}
        self._rewrite = rewrite
        # An even port whose neighbour is free, as whoever speaks RTP wants it (RFC 3550 section 11).
        self._sockets = {side: _socket() for side in Side}
        self._sides = {opened.fileno(): side for side, opened in self._sockets.items()}
        self._due: list[tuple[float, int, Side, int, bytes]] = []
        self._order = count()
        self._newest = Counter[Side]()
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="impairment", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.close()
        self._thread.join(END_WITHIN_S)
        assert not self._thread.is_alive(), f"the relay did not end within {END_WITHIN_S} s"
        for opened in (*self._sockets.values(), self._stopped):
            opened.close()

    @property
    def address(self) -> Address:
        """Where the near peer sends to."""
        return _name(self._sockets[Side.NEAR])

    @property
    def far_address(self) -> Address:
        """Where the far peer hears us from, and sends to."""
        return _name(self._sockets[Side.FAR])

    def _run(self) -> None:
        while not self._is_stopped(self._wait_s()):
            self._deliver()

    def _wait_s(self) -> float | None:
        return max(0.0, self._due[0][0] - time.monotonic()) if self._due else None

    def _is_stopped(self, wait_s: float | None) -> bool:
        """Take what has come, or wait so long for it; tell whether the block has ended."""
        readable, _, _ = select.select([*self._sockets.values(), self._stopped], [], [], wait_s)
        for opened in readable:
            if opened is self._stopped:
                return True
            self._take(opened)
        return False

    def _take(self, opened: socket.socket) -> None:
        side = self._sides[opened.fileno()]
        while True:
            try:
                data, source = opened.recvfrom(DATAGRAM_LIMIT)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                # The kernel tells of an earlier packet that nobody took: that is the peers' affair.
                continue
            if self.peers[side] is None:
                self.peers[side] = source
            self._decide(side, data)

    def _decide(self, side: Side, data: bytes) -> None:
        counts = self.counts[side]
        number = counts.received
        counts.received += 1
        if self._rewrite is not None:
            data = self._rewrite(side, data)
        fate = self._impairments[side].fate(self.seed, side, number)
        counts.lost += not fate
        counts.doubled += len(fate) > 1
        now = time.monotonic()
        for wait_ms in fate:
            heapq.heappush(self._due, (now + wait_ms / 1000, next(self._order), side, number, data))

    def _deliver(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, side, number, data = heapq.heappop(self._due)
            other = Side.FAR if side is Side.NEAR else Side.NEAR
            to = self.peers[other]
            if to is None:
                self.counts[side].homeless += 1
                continue
            self.counts[side].reordered += number < self._newest[side]
            self._newest[side] = max(self._newest[side], number)
            self.went_on[side].append((number, time.monotonic()))
            try:
                self._sockets[other].sendto(data, to)
            except ConnectionRefusedError:
                continue


def _chance(kind: str, seed: int, side: Side, number: int) -> random.Random:
    return random.Random(f"{kind}/{seed}/{side}/{number}")


def _socket() -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    opened.bind((HOST, udp_range(2)[0]))
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    return opened


def _name(opened: socket.socket) -> Address:
    host, port = opened.getsockname()
    return host, port
