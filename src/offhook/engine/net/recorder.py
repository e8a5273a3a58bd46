"""The recorder: the process that writes what a media worker's legs hear (`python -m`, not imported).

One thread reads packets and puts them together, another writes: a disk that is slow delays neither packets nor other
recordings' time. It ends its files and exits when its socket closes.
"""

import contextlib
import json
import os
import select
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict
from queue import SimpleQueue
from threading import Thread
from time import monotonic

from offhook.domain.sounds import Codec
from offhook.engine.media import wav
from offhook.engine.media.g711 import to_linear16
from offhook.engine.media.loudness import is_quiet
from offhook.engine.media.tape import HOLD_S, Tape
from offhook.engine.net.media_companion import MESSAGE_LIMIT
from offhook.engine.net.media_recording import KIND, MOMENT, PACKET, SOUND, START, STOP, Outcome, Wish
from offhook.engine.net.media_transcoding import CODECS
from offhook.engine.net.recording_file import Ended, RecordingFile, reason
from offhook.engine.net.transcoding import transcoder

FLUSH_S = 1.0
"""How often what has come is written."""

LOOK_S = 0.1
BACKLOG = 512
"""So many writes may wait for the disk: a second of each of as many recordings."""

NICENESS = 10

Convert = Callable[[bytes], bytes]
Tell = Callable[[Outcome], None]


class Writer:
    """The thread that waits for the disk. Of one file everything is written in its order."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="writer")
        self._thread.start()

    @property
    def backlog(self) -> int:
        """How much waits."""
        return self._work.qsize()

    def put(self, work: Callable[[], None]) -> None:
        """Have it done later."""
        self._work.put(work)

    def finish(self) -> None:
        """Wait until everything is done."""
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


class Recording:
    """One tape on its way into a file."""

    def __init__(self, number: int, wish: Wish, writer: Writer, tell: Tell) -> None:
        self.is_over = False
        self._number = number
        self._wish = wish
        self._writer = writer
        self._tell = tell
        self._tape = Tape(wish.began, wish.rate, wish.channels)
        self._converters: dict[tuple[int, Codec], Convert] = {}
        self._flush_at = wish.began + HOLD_S + FLUSH_S
        # How long nothing has been said, to a flush.
        self._quiet_s = 0.0
        # The writer's own: nobody else touches the file.
        self._file: RecordingFile | None = None
        self._has_told = False
        self._put(self._create)

    def add(self, channel: int, codec: Codec, ssrc: int, timestamp: int, payload: bytes, at: float) -> None:
        """Keep a packet."""
        convert = self._converters.get((channel, codec))
        if convert is None:
            convert = self._converters[channel, codec] = _converter(codec, self._wish.rate)
        self._tape.add(channel, ssrc, timestamp, convert(payload), at)

    def tick(self, now: float) -> None:
        """Have written what nothing can join any more."""
        if now >= self._flush_at and not self.is_over:
            self._flush_at = now + FLUSH_S
            self._take(now - HOLD_S)

    def stop(self, at: float) -> None:
        """Have the rest written, and the file ended."""
        if not self.is_over:
            self._take(at)
            self._end(Ended.STOPPED)

    def _take(self, until: float) -> None:
        wish, frame = self._wish, self._wish.channels * wav.SAMPLE_BYTES
        most = min((wish.most_bytes, wav.MOST_BYTES)) - wav.HEADER_SIZE
        by_size = wish.began + max(0, most // frame) / wish.rate
        last, code = min((wish.began + wish.longest_s, Ended.TOO_LONG), (by_size, Ended.TOO_LARGE))
        samples = self._tape.take(min(until, last))
        if samples:
            self._put(lambda: self._append(samples))
            self._quiet_s = self._quiet_s + self._lasting_s(samples) if is_quiet(samples) else 0.0
        if until >= last:
            self._end(code)
        elif 0 < wish.silence_s <= self._quiet_s:
            self._end(Ended.SILENT)
        elif self._writer.backlog > BACKLOG:
            self._end(Ended.DISK_SLOW)

    def _lasting_s(self, samples: bytes) -> float:
        return len(samples) / (self._wish.rate * self._wish.channels * wav.SAMPLE_BYTES)

    def _end(self, code: Ended) -> None:
        self.is_over = True
        self._put(lambda: self._close(code))

    # In the writer's thread.

    def _put(self, work: Callable[[], None]) -> None:
        self._writer.put(lambda: self._try(work))

    def _try(self, work: Callable[[], None]) -> None:
        if self._has_told:
            return
        try:
            work()
        except OSError as error:
            self._close(reason(error))

    def _create(self) -> None:
        self._file = RecordingFile(self._wish.path, self._wish.rate, self._wish.channels)

    def _append(self, samples: bytes) -> None:
        assert self._file is not None, "it was created first"
        self._file.append(samples)

    def _close(self, code: Ended) -> None:
        self.is_over = self._has_told = True
        seconds, size = 0.0, 0
        if self._file is not None:
            seconds, size = self._file.seconds, self._file.size
            # What has been written stays readable: the header counts no more than that.
            with contextlib.suppress(OSError):
                self._file.close()
        self._tell(Outcome(self._number, code.value, round(seconds, 3), size))


def serve(peer: socket.socket) -> None:
    """Record until the socket closes."""
    recordings: dict[int, Recording] = {}
    writer = Writer()

    def tell(outcome: Outcome) -> None:
        # Nobody to tell: the media worker is gone.
        with contextlib.suppress(OSError):
            peer.send(json.dumps(asdict(outcome)).encode())

    look_at = monotonic()
    try:
        while True:
            if select.select([peer], [], [], LOOK_S)[0]:
                message = peer.recv(MESSAGE_LIMIT)
                if not message:
                    return
                _obey(message, recordings, writer, tell)
            now = monotonic()
            if now >= look_at:
                look_at = now + LOOK_S
                for number, recording in list(recordings.items()):
                    recording.tick(now)
                    if recording.is_over:
                        del recordings[number]
    finally:
        for recording in recordings.values():
            recording.stop(monotonic())
        writer.finish()


def _obey(message: bytes, recordings: dict[int, Recording], writer: Writer, tell: Tell) -> None:
    kind, number = KIND.unpack_from(message)
    if kind == START:
        recordings[number] = Recording(number, Wish(**json.loads(message[KIND.size :])), writer, tell)
        return
    recording = recordings.get(number)
    if recording is None:
        return
    if kind == PACKET:
        _, _, channel, codec, ssrc, timestamp, at = SOUND.unpack_from(message)
        recording.add(channel, CODECS[codec], ssrc, timestamp, message[SOUND.size :], at)
    elif kind == STOP:
        recording.stop(MOMENT.unpack_from(message)[2])


def _converter(codec: Codec, rate: int) -> Convert:
    """Return what makes linear samples of this rate of one side's payloads."""
    if rate == Codec.G722.rate_hz:
        # Narrow sound goes the same way: it is made wide first.
        from offhook.engine.net.g722 import Decoder

        widened, decode = transcoder(codec, Codec.G722), Decoder().decode
        return lambda payload: decode(widened(payload))
    law = Codec.PCMU if codec.is_wideband else codec
    narrowed = transcoder(codec, law)
    return lambda payload: to_linear16(narrowed(payload), law)


def main(arguments: list[str]) -> None:
    """Run with the descriptor of the socketpair."""
    os.nice(NICENESS)
    with socket.socket(fileno=int(arguments[0])) as peer, contextlib.suppress(ConnectionResetError):
        serve(peer)


if __name__ == "__main__":
    main(sys.argv[1:])
