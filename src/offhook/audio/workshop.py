"""Where sounds are made: one worker process and the jobs that take turns at it.

A job is advanced one step at a time (a sentence, two seconds of a file) and then waits for its next
turn, so a long text or a hostile file delays the others by one step at most. A job in whose step
the worker dies fails; the others begin again at a new worker, once, and skip what they gave already.
"""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from itertools import count

from offhook.audio.errors import SoundNotAudio, WorkerDied, by_code
from offhook.audio.frames import State
from offhook.audio.g711 import Encoded
from offhook.audio.limits import Limits
from offhook.audio.process import Worker, spawn

# A job may be begun twice: its own first time, and once more after somebody else's accident.
LIVES = 2


@dataclass(frozen=True, slots=True)
class Job:
    """What to make: without a voice, a file's bytes to decode; with one, a text in UTF-8 to speak."""

    body: bytes
    voice: str = ""
    language: str = ""


class Workshop:
    """Keeps one worker running and shares it among jobs."""

    def __init__(self, memory_bytes: int, limits: Limits) -> None:
        self._memory_bytes = memory_bytes
        self._limits = limits
        self._room = asyncio.Semaphore(limits.jobs)
        # A lock lets those who wait in by the order of their coming: that is the turn of each job.
        self._turn = asyncio.Lock()
        self._numbers = count(1)
        self._worker: Worker | None = None

    @property
    def worker_pid(self) -> int | None:
        return None if self._worker is None else self._worker.pid

    async def start(self) -> None:
        """Start the worker before the first call needs it."""
        async with self._turn:
            await self._alive()

    async def stop(self) -> None:
        if self._worker is not None:
            await self._worker.stop()
            self._worker = None

    async def make(self, job: Job) -> AsyncGenerator[Encoded, None]:
        """Yield the sound piece by piece (8 kHz G.711, both laws); pieces may be empty.

        Raises the SoundError that the job earned, or WorkerDied.
        """
        async with self._room:
            bench = _Bench(job, next(self._numbers))
            try:
                while not bench.done:
                    async with self._turn:
                        piece = await bench.step(await self._alive())
                    if bench.cpu_s > self._limits.job_cpu_s:
                        raise SoundNotAudio(f"the sound took more than {self._limits.job_cpu_s:g} s of computing")
                    yield piece
            finally:
                bench.clear()

    async def _alive(self) -> Worker:
        if self._worker is not None and self._worker.is_gone:
            dead, self._worker = self._worker, None
            await dead.stop()
        if self._worker is None:
            self._worker = await spawn(self._memory_bytes, self._limits)
        return self._worker


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

    async def step(self, worker: Worker) -> Encoded:
        if worker is not self._worker:
            self._begin(worker)
        reply, piece = await worker.step(self._number)
        self.cpu_s += reply.cpu_s
        if reply.state is State.FAILED:
            self.done = True
            raise by_code(reply.code, reply.sentence)
        self.done = reply.state is State.DONE
        skipped = min(self._skip, len(piece.pcmu))
        self._skip -= skipped
        fresh = piece.after(skipped)
        self._given += len(fresh.pcmu)
        return fresh

    def clear(self) -> None:
        """Leave nothing behind at the worker."""
        if self._worker is not None and not self.done:
            self._worker.close(self._number)

    def _begin(self, worker: Worker) -> None:
        if not self._lives:
            raise WorkerDied("the audio worker died twice while it made this sound")
        self._lives -= 1
        self._worker = worker
        self._skip = self._given
        worker.open(self._number, self._job.voice, self._job.language, self._job.body)
