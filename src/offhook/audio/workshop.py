"""Where sounds are made: one worker process and the jobs that take turns at it.

A worker that dies is replaced at once, so that the next who wants a sound finds one that has begun.

A job is advanced one step at a time (a sentence, two seconds of a file) and then waits for its next
turn, so a long text or a hostile file delays the others by one step at most. One whose bytes are still
coming waits for them outside of the turns. A job in whose step the worker dies fails; the others
begin again at a new worker, once, and skip what they gave already.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import count
from time import monotonic

from offhook.audio.coming import Body
from offhook.audio.encoded import Encoded
from offhook.audio.errors import SoundNotAudio, WorkerDied, by_code
from offhook.audio.frames import State
from offhook.audio.limits import Limits
from offhook.audio.process import Worker, spawn
from offhook.errors import OffhookError

log = logging.getLogger(__name__)

# A job may be begun twice: its own first time, and once more after somebody else's accident.
LIVES = 2
# A worker that lived for less died at once: the next one is started later, each time twice as late.
STEADY_S = 2.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 10.0
# A worker gets so much of a file at a time: what it has no use for yet it need not hold.
FEED_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Job:
    """What to make: without a voice, a file's bytes to decode, here or coming; with one, a text in UTF-8 to speak."""

    body: bytes | Body
    voice: str = ""
    language: str = ""


class Workshop:
    """Keeps one worker running and shares it among jobs."""

    def __init__(self, memory_bytes: int, limits: Limits) -> None:
        self._memory_bytes = memory_bytes
        self._limits = limits
        self._room = asyncio.Semaphore(limits.jobs)
        self._streams = asyncio.Semaphore(limits.streams)
        # A lock lets those who wait in by the order of their coming: that is the turn of each job.
        self._turn = asyncio.Lock()
        self._numbers = count(1)
        self._worker: Worker | None = None
        self._trial: Job | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def worker_pid(self) -> int | None:
        return None if self._worker is None else self._worker.pid

    @property
    def takes_streams(self) -> bool:
        """Whether a job whose bytes are still coming would begin at once."""
        return not self._streams.locked()

    async def start(self, trial: Job | None = None) -> None:
        """Start the worker before the first call needs it, and another whenever it dies.

        Each begins with the `trial`, made for nobody: loading a voice may take a second. Raises its SoundError.
        """
        self._trial = trial
        await self._try_out()
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._worker is not None:
            await self._worker.stop()
            self._worker = None

    async def make(self, job: Job) -> AsyncGenerator[Encoded, None]:
        """Yield the sound piece by piece (in every codec); pieces may be empty.

        Raises the SoundError that the job earned, WorkerDied, or the error that ended its coming bytes.
        """
        async with self._streams if isinstance(job.body, Body) else self._room:
            bench = _Bench(job, next(self._numbers))
            try:
                while not bench.done:
                    async with self._turn:
                        piece = await bench.step(await self._alive())
                    if bench.cpu_s > self._limits.job_cpu_s:
                        raise SoundNotAudio(f"the sound took more than {self._limits.job_cpu_s:g} s of computing")
                    yield piece
                    await bench.wait_for_bytes()
            finally:
                bench.clear()

    async def _keep(self) -> None:
        pause_s = 0.0
        while True:
            began = monotonic()
            if self._worker is not None:
                await self._worker.ended()
            pause_s = pause_after(pause_s, monotonic() - began)
            await asyncio.sleep(pause_s)
            try:
                await self._try_out()
            except (OSError, OffhookError) as error:
                log.warning("an audio worker could not be replaced: %s", error)

    async def _try_out(self) -> None:
        """Have a living worker, and see it work."""
        if self._trial is None:
            async with self._turn:
                await self._alive()
            return
        async with aclosing(self.make(self._trial)) as pieces:
            async for _ in pieces:
                pass

    async def _alive(self) -> Worker:
        if self._worker is not None and self._worker.is_gone:
            dead, self._worker = self._worker, None
            await dead.stop()
        if self._worker is None:
            self._worker = await spawn(self._memory_bytes, self._limits)
        return self._worker


def pause_after(pause_s: float, lived_s: float) -> float:
    """Return how long to wait for the next worker, given the wait for the last one and how long that lived."""
    return 0.0 if lived_s >= STEADY_S else min(max(2 * pause_s, FIRST_PAUSE_S), LONGEST_PAUSE_S)


class _Bench:
    """One job on its way: at which worker it is open, and how far it came."""

    def __init__(self, job: Job, number: int) -> None:
        self.cpu_s = 0.0
        self.done = False
        self._job = job
        self._number = number
        self._worker: Worker | None = None
        self._lives = LIVES
        self._given = 0
        self._skip = 0
        self._fed = 0
        self._is_hungry = False

    async def step(self, worker: Worker) -> Encoded:
        if worker is not self._worker:
            self._begin(worker)
        elif self._is_hungry and isinstance(self._job.body, Body):
            self._feed(worker, self._job.body)
        reply, piece = await worker.step(self._number)
        self.cpu_s += reply.cpu_s
        if reply.state is State.FAILED:
            self.done = True
            raise by_code(reply.code, reply.sentence)
        self.done = reply.state is State.DONE
        self._is_hungry = reply.state is State.HUNGRY
        skipped = min(self._skip, len(piece.pcmu))
        self._skip -= skipped
        fresh = piece.after(skipped)
        self._given += len(fresh.pcmu)
        return fresh

    def clear(self) -> None:
        """Leave nothing behind at the worker."""
        if self._worker is not None and not self.done:
            self._worker.close(self._number)

    async def wait_for_bytes(self) -> None:
        """Wait for more of the file if there is nothing to do without it. Raises what ended it."""
        if self._is_hungry and isinstance(self._job.body, Body):
            await self._job.body.wait_for_more(self._fed)

    def _begin(self, worker: Worker) -> None:
        if not self._lives:
            raise WorkerDied("the audio worker died twice while it made this sound")
        self._lives -= 1
        self._worker = worker
        self._skip = self._given
        self._fed = 0
        voice, language, body = self._job.voice, self._job.language, self._job.body
        if isinstance(body, Body):
            worker.open(self._number, voice, language, b"", is_partial=True)
            self._feed(worker, body)
        else:
            worker.open(self._number, voice, language, body)

    def _feed(self, worker: Worker, body: Body) -> None:
        piece = bytes(body.data[self._fed : self._fed + FEED_BYTES])
        self._fed += len(piece)
        worker.feed(self._number, piece, is_partial=not (body.is_whole and self._fed == len(body.data)))
