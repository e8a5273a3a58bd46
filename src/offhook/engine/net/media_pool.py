"""The main process's side of the media workers: starts them, gives legs to them, hears from them."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from offhook import lifeline
from offhook.domain.calls import Reason
from offhook.engine.net.frames import Frames, encode
from offhook.engine.net.log import log
from offhook.engine.net.orders import (
    Close,
    Closed,
    Connect,
    Digit,
    Expect,
    Finished,
    FirstIn,
    FirstOut,
    Hearing,
    Join,
    LegReport,
    Load,
    NotOpened,
    Open,
    Opened,
    Order,
    Part,
    Play,
    Press,
    Quiet,
    Record,
    RecordingEnded,
    Report,
    Ring,
    Silent,
    Start,
    StopRecording,
    to_fields,
    to_report,
)
from offhook.engine.net.recording_file import Ended
from offhook.errors import OffhookError

CLOSE_TIMEOUT_S = 2.0
RESTART_AFTER_S = 0.2
RECORDED_TIMEOUT_S = 10.0
"""How long the last of a recording may take to reach a slow disk."""

RECORDING_S = 300.0
RECORDING_BYTES = 64 << 20
"""What a recording may be at most, unless said otherwise."""

TRANSCODED_LIMIT = 40
"""Of joined pairs in one media worker, unless said otherwise: a core carries 70 (bench/transcoding.py)."""
READ_BYTES = 65_536

LegNews = FirstOut | FirstIn | Finished | Digit | RecordingEnded | Hearing | Silent
OnNews = Callable[[LegNews], None]
OnDeath = Callable[[], None]


class MediaUnavailable(OffhookError):
    """No media leg can be made: no worker lives, or no port is free."""

    code = Reason.WORKER_DIED.value


class NoPortFree(MediaUnavailable):
    """Every RTP port of the range is taken by a call."""

    code = Reason.OVERLOAD.value


@dataclass(slots=True, eq=False)
class Worker:
    """One media worker process, the legs that it carries, and those whose recordings have not ended."""

    index: int
    process: asyncio.subprocess.Process
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    legs: dict[str, "MediaLeg"] = field(default_factory=dict)
    recorded: dict[str, "MediaLeg"] = field(default_factory=dict)
    busy: float = 0.0


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """What one media worker has to do: its legs, and the share of time (0 to 1) that it was busy lately."""

    index: int
    legs: int
    busy: float


class MediaLeg:
    """One leg's media: a port of ours and what is sent from it.

    It `may_differ` in codec from the leg that it is to be joined with so much that a table does not do.
    """

    def __init__(self, worker: Worker, name: str, on_news: OnNews, on_death: OnDeath) -> None:
        self.name = name
        self.port = 0
        self.worker = worker
        self.may_differ = False
        self._on_news = on_news
        self._on_death = on_death
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[int] = self._loop.create_future()
        self._closed: asyncio.Future[Closed | None] = self._loop.create_future()
        self._recorded: asyncio.Future[RecordingEnded] | None = None

    async def opened(self) -> None:
        """Wait until the port is bound. Raises `MediaUnavailable`."""
        self.port = await self._opened

    def connect(self, order: Connect) -> None:
        """Use what was negotiated."""
        self._order(order)

    def start(self) -> None:
        """Begin to send."""
        self._order(Start(self.name))

    def expect(self) -> None:
        """Be told from now on when the peer's sound does not come."""
        self._order(Expect(self.name))

    def play(self, key: str, path: str, growing_path: str | None, codec: str, loop: int) -> None:
        """Play a sound instead of what is playing."""
        self._order(Play(self.name, key, path, growing_path, codec, loop))

    def ring(self) -> None:
        """Play the ringing tone instead of what is playing."""
        self._order(Ring(self.name))

    def quiet(self) -> None:
        """Send silence instead of what is playing; nobody is told that it ended."""
        self._order(Quiet(self.name))

    def press(self, key: str, duration_ms: int) -> None:
        """Press a key, by the way that was agreed on; then what was playing goes on."""
        self._order(Press(self.name, key, duration_ms))

    def join(self, other: "MediaLeg") -> None:
        """Send to each of the two what the other hears, until one of them parts, plays, rings or closes.

        Both must be in one worker: open the second beside the first.
        """
        assert other is not self, "a leg is joined with another one"
        assert other.worker is self.worker, "joined legs are in one worker"
        self._order(Join(self.name, other.name))

    def part(self) -> None:
        """Let both legs send silence again."""
        self._order(Part(self.name))

    def record(
        self,
        path: str,
        *,
        is_both: bool = False,
        longest_s: float = RECORDING_S,
        most_bytes: int = RECORDING_BYTES,
        silence_s: float = 0.0,
    ) -> None:
        """Record what the peer says into a WAV file while the call goes on: 16 bit, 8 kHz, or 16 kHz for G.722.

        With `is_both`, what the other of two joined legs hears is a second channel, the right one. The file can be
        read while it grows. A recording that ends by itself (its limits, `silence_s` without a voice unless that is 0,
        the disk) is told as news; the call goes on.
        """
        assert self._recorded is None or self._recorded.done(), "one recording at a time"
        self._recorded = self._loop.create_future()
        self.worker.recorded[self.name] = self
        self._order(Record(self.name, path, is_both, longest_s, most_bytes, silence_s))

    async def stop_recording(self) -> RecordingEnded | None:
        """End the recording, if it goes on; return how it ended, None when nobody can tell."""
        recorded = self._recorded
        if recorded is None:
            return None
        if not recorded.done():
            self._order(StopRecording(self.name))
        try:
            return await asyncio.wait_for(asyncio.shield(recorded), RECORDED_TIMEOUT_S)
        except TimeoutError:
            log.warning("a recording was not ended in time", leg=self.name)
            return None

    async def close(self) -> Closed | None:
        """Free the port; return the statistics, None when the worker died with them."""
        self._order(Close(self.name))
        try:
            return await asyncio.wait_for(self._closed, CLOSE_TIMEOUT_S)
        except TimeoutError:
            log.warning("a media worker did not close a leg in time", leg=self.name)
            return None

    def hear(self, report: LegReport) -> None:
        """Take what the worker reports of this leg."""
        match report:
            case Opened():
                if not self._opened.done():
                    self._opened.set_result(report.port)
            case NotOpened():
                if not self._opened.done():
                    self._opened.set_exception(NoPortFree(report.text))
            case Closed():
                if not self._closed.done():
                    self._closed.set_result(report)
            case RecordingEnded():
                if self._recorded is not None and not self._recorded.done():
                    self._recorded.set_result(report)
                if report.code != Ended.STOPPED:
                    self._loop.call_soon(self._on_news, report)
            case _:
                # By way of the loop: a defect in one call must not end the worker's other calls.
                self._loop.call_soon(self._on_news, report)

    def die(self) -> None:
        """The worker is gone."""
        if not self._closed.done():
            self._closed.set_result(None)
        if not self._opened.done():
            self._opened.set_exception(MediaUnavailable("the media worker died"))
        else:
            self._loop.call_soon(self._on_death)

    def _order(self, order: Order) -> None:
        if not self._closed.done():
            self.worker.writer.write(encode(to_fields(order)))


class MediaPool:
    """All media workers of this node. `ports` is the range of RTP ports, both ends included.

    Each may transcode for so many joined pairs of legs.
    """

    def __init__(
        self,
        *,
        workers: int,
        ports: tuple[int, int],
        random_bits: Callable[[int], int],
        transcoded: int = TRANSCODED_LIMIT,
    ) -> None:
        self._transcoded = transcoded
        self._count = workers
        self._ports = ports
        self._random_bits = random_bits
        self._workers: dict[int, Worker] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    @property
    def processes(self) -> list[int]:
        """The process ids of the living workers."""
        return [worker.process.pid for worker in self._workers.values()]

    def loads(self) -> list[WorkerLoad]:
        """Tell how much the living workers have to do."""
        return [WorkerLoad(one.index, len(one.legs), one.busy) for one in self._workers.values()]

    async def start(self) -> None:
        """Start every worker."""
        for index in range(self._count):
            await self._spawn(index)

    async def stop(self) -> None:
        """Close the socketpairs: the workers stop sending and exit, also those that are just being started anew."""
        self._is_stopping = True
        for worker in self._workers.values():
            worker.writer.close()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def open(
        self, name: str, local: str, on_news: OnNews, on_death: OnDeath, *, beside: MediaLeg | None = None
    ) -> MediaLeg:
        """Make a leg in the worker with the fewest, or in that of `beside`. Raises `MediaUnavailable`."""
        worker = self._freest() if beside is None else self._worker_of(beside)
        leg = MediaLeg(worker, name, on_news, on_death)
        worker.legs[name] = leg
        bits = self._random_bits
        # A first sequence number below 2**15 keeps the first wrap away (RFC 3711 section 3.3.1).
        order = Open(name, local, bits(32), bits(15), bits(32))
        worker.writer.write(encode(to_fields(order)))
        await leg.opened()
        return leg

    def can_transcode(self, beside: MediaLeg) -> bool:
        """Whether the worker of a leg can transcode for one pair more."""
        return sum(leg.may_differ for leg in beside.worker.legs.values()) < self._transcoded

    def _freest(self) -> Worker:
        if not self._workers:
            raise MediaUnavailable("no media worker is running")
        return min(self._workers.values(), key=lambda one: len(one.legs))

    def _worker_of(self, leg: MediaLeg) -> Worker:
        worker = leg.worker
        if self._workers.get(worker.index) is not worker:
            raise MediaUnavailable("the media worker of the other leg died")
        return worker

    async def _spawn(self, index: int) -> None:
        ours, theirs = socket.socketpair()
        low, high = _share(self._ports, index, self._count)
        process = await asyncio.create_subprocess_exec(
            *lifeline.command("offhook.engine.net.media_worker", str(theirs.fileno()), str(low), str(high)),
            pass_fds=[theirs.fileno()],
            stdin=asyncio.subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )
        theirs.close()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        worker = Worker(index, process, reader, writer)
        self._workers[index] = worker
        task = asyncio.create_task(self._listen(worker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._is_stopping:
            writer.close()

    async def _listen(self, worker: Worker) -> None:
        frames = Frames()
        try:
            while data := await worker.reader.read(READ_BYTES):
                for fields in frames.feed(data):
                    self._hear(worker, to_report(fields))
        except ConnectionError:
            log.warning("a media worker's connection broke", worker=worker.index)
        finally:
            await self._bury(worker)

    def _hear(self, worker: Worker, report: Report) -> None:
        if isinstance(report, Load):
            worker.busy = report.busy
            return
        if isinstance(report, RecordingEnded):
            # A leg may be closed before its last word is on the disk.
            leg = worker.recorded.pop(report.leg, None)
        else:
            leg = worker.legs.get(report.leg)
        if leg is None:
            return
        if isinstance(report, Closed | NotOpened):
            del worker.legs[report.leg]
        leg.hear(report)

    async def _bury(self, worker: Worker) -> None:
        """End the legs of a dead worker and start another in its place."""
        self._workers.pop(worker.index, None)
        worker.writer.close()
        if worker.process.returncode is None and not self._is_stopping:
            worker.process.kill()
        for recorded in list(worker.recorded.values()):
            recorded.hear(RecordingEnded(recorded.name, "", Ended.RECORDER_DIED, 0.0, 0))
        legs, worker.legs = list(worker.legs.values()), {}
        for leg in legs:
            leg.die()
        code = await worker.process.wait()
        if self._is_stopping:
            return
        log.error("a media worker died and is started again", worker=worker.index, code=code, legs=len(legs))
        await self._restart(worker.index)

    async def _restart(self, index: int) -> None:
        while True:
            await asyncio.sleep(RESTART_AFTER_S)
            if self._is_stopping:
                return
            try:
                await self._spawn(index)
            except OSError as error:
                log.error("a media worker cannot be started", worker=index, error=str(error))
            else:
                return


def _share(ports: tuple[int, int], index: int, count: int) -> tuple[int, int]:
    """Return a worker's part of the port range: whole pairs, even ports for RTP (RFC 3550 section 11)."""
    first = ports[0] + ports[0] % 2
    pairs = (ports[1] + 1 - first) // 2
    low = first + 2 * (pairs * index // count)
    high = first + 2 * (pairs * (index + 1) // count) - 1
    return low, high
