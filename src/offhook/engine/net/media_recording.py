"""Recording, out of the pump's way: packets go to a process that puts them together and writes (`recorder.py`).

What it does not manage to take is lost to the recording, as silence, and to nobody else.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from struct import Struct
from typing import Protocol

from offhook.domain.sounds import Codec
from offhook.engine.net.media_companion import Companion, Watch
from offhook.engine.net.media_transcoding import CODECS
from offhook.engine.net.recording_file import Ended

START, PACKET, STOP = range(3)
KIND = Struct("!BI")
"""What it is and of which tape. `START` is followed by a `Wish` in JSON."""

SOUND = Struct("!BIBBIId")
"""Kind, tape, channel, codec by its place in `CODECS`, SSRC, timestamp, when it came; a payload follows."""

MOMENT = Struct("!BId")
"""Kind, tape, when it was stopped."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to record: from `began` (monotonic seconds) on, with `rate` samples a second of each of `channels`.

    It is over when nothing was said for `silence_s`; with 0 it goes on.
    """

    path: str
    began: float
    rate: int
    channels: int
    longest_s: float
    most_bytes: int
    silence_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a recording."""

    tape: int
    code: str
    seconds: float
    size: int


OnEnd = Callable[[Outcome], None]


class Recorder(Protocol):
    """Whoever records."""

    def open(self, wish: Wish, on_end: OnEnd, now: float) -> int:
        """Begin a tape; `on_end` is told once how it ended."""
        ...

    def add(self, tape: int, channel: int, codec: Codec, ssrc: int, timestamp: int, payload: bytes, now: float) -> None:
        """Record a packet."""
        ...

    def stop(self, tape: int, now: float) -> None:
        """End it; the outcome follows."""
        ...


class RecordingProcess:
    """All tapes of one media worker, in one process."""

    def __init__(self, watch: Watch) -> None:
        self.companion = Companion("offhook.engine.net.recorder", watch, self._hear, self._died)
        self._tapes: dict[int, OnEnd] = {}
        self._count = 0

    @property
    def is_busy(self) -> bool:
        """Whether a tape has not ended yet."""
        return bool(self._tapes)

    def open(self, wish: Wish, on_end: OnEnd, now: float) -> int:
        """Begin a tape."""
        self._count += 1
        tape = self._count
        self._tapes[tape] = on_end
        message = KIND.pack(START, tape) + json.dumps(asdict(wish)).encode()
        if not self.companion.send(message, now):
            self._end(Outcome(tape, Ended.RECORDER_DIED, 0.0, 0))
        return tape

    def add(self, tape: int, channel: int, codec: Codec, ssrc: int, timestamp: int, payload: bytes, now: float) -> None:
        """Record a packet."""
        if tape in self._tapes:
            packed = SOUND.pack(PACKET, tape, channel, CODECS.index(codec), ssrc, timestamp, now)
            self.companion.send(packed + payload, now)

    def stop(self, tape: int, now: float) -> None:
        """End it."""
        if tape in self._tapes and not self.companion.send(MOMENT.pack(STOP, tape, now), now):
            self._end(Outcome(tape, Ended.RECORDER_DIED, 0.0, 0))

    def _hear(self, message: bytes, _now: float) -> None:
        fields = json.loads(message)
        self._end(Outcome(int(fields["tape"]), str(fields["code"]), float(fields["seconds"]), int(fields["size"])))

    def _died(self) -> None:
        for tape in list(self._tapes):
            self._end(Outcome(tape, Ended.RECORDER_DIED, 0.0, 0))

    def _end(self, outcome: Outcome) -> None:
        on_end = self._tapes.pop(outcome.tape, None)
        if on_end is not None:
            on_end(outcome)
