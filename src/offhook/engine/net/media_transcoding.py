"""Transcoding that computes for each packet, out of the pump's way: lanes to a process and back (`transcoder.py`).

A lane is one direction of two joined legs. A packet takes its place in time along and comes back with it, some
milliseconds later; what the process does not manage, or takes with it when it dies, is lost as a network loses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Protocol

from offhook.domain.sounds import Codec
from offhook.engine.net.media_companion import Companion, Watch

CODECS = tuple(Codec)
MARKER = 1
CLOSE = 255
"""Stands for the source when a lane is given up."""

MESSAGE = Struct("!IBBHIIB")
"""Lane, source and target by their place in `CODECS`, then sequence, timestamp, SSRC, and marker with kind; a payload
follows."""


class Kind(IntEnum):
    """What a packet is: audio, which is turned, or what keeps its place among audio as it is."""

    AUDIO = 0
    EVENT = 1
    NOISE = 2
    NOTHING = 3


@dataclass(frozen=True, slots=True)
class Speech:
    """One packet and its place in its source's line; `NOTHING` is one that is not to leave."""

    sequence: int
    timestamp: int
    ssrc: int
    marker: bool
    payload: bytes
    kind: Kind = Kind.AUDIO


Deliver = Callable[[Speech, float], None]


class Lane(Protocol):
    """One direction."""

    def send(self, speech: Speech, now: float) -> None:
        """Have a packet turned; it is delivered when it comes back, in its turn."""
        ...

    def close(self) -> None:
        """Deliver nothing any more."""
        ...


class Transcoding(Protocol):
    """Whoever transcodes."""

    def prepare(self, now: float) -> None:
        """Be ready soon: there may be something to do."""
        ...

    def open(self, source: Codec, target: Codec, deliver: Deliver) -> Lane:
        """Begin with one direction."""
        ...


class TranscodingProcess:
    """All lanes of one media worker, in one process."""

    def __init__(self, watch: Watch) -> None:
        self.companion = Companion("offhook.engine.net.transcoder", watch, self._hear)
        self._lanes: dict[int, Deliver] = {}
        self._count = 0

    def prepare(self, now: float) -> None:
        """Start the process."""
        self.companion.start(now)

    def open(self, source: Codec, target: Codec, deliver: Deliver) -> Lane:
        """Begin with one direction."""
        self._count = (self._count + 1) & 0xFFFFFFFF
        self._lanes[self._count] = deliver
        return _ProcessLane(self, self._count, source, target)

    def close(self, number: int) -> None:
        """Forget a lane, here and there."""
        if self._lanes.pop(number, None) is not None and self.companion.process_id is not None:
            self.companion.send(MESSAGE.pack(number, CLOSE, CLOSE, 0, 0, 0, 0), 0.0)

    def _hear(self, message: bytes, now: float) -> None:
        number, _, _, sequence, timestamp, ssrc, flags = MESSAGE.unpack_from(message)
        deliver = self._lanes.get(number)
        if deliver is not None:
            payload = message[MESSAGE.size :]
            deliver(Speech(sequence, timestamp, ssrc, bool(flags & MARKER), payload, Kind(flags >> 1)), now)


class _ProcessLane:
    """One direction by way of the process."""

    __slots__ = ("_number", "_owner", "_source", "_target")

    def __init__(self, owner: TranscodingProcess, number: int, source: Codec, target: Codec) -> None:
        self._owner = owner
        self._number = number
        self._source = CODECS.index(source)
        self._target = CODECS.index(target)

    def send(self, speech: Speech, now: float) -> None:
        packed = MESSAGE.pack(
            self._number,
            self._source,
            self._target,
            speech.sequence,
            speech.timestamp,
            speech.ssrc,
            speech.marker | speech.kind << 1,
        )
        self._owner.companion.send(packed + speech.payload, now)

    def close(self) -> None:
        self._owner.close(self._number)
