"""The shelf: the files of recordings in a node's data folder, as WAV and, once somebody wanted it, as MP3.

Its verbs wait for the disk in threads, and for MP3 in a worker process of its own that starts when it is needed.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from offhook.audio.errors import SoundNotAudio, SoundNotKept, by_code
from offhook.audio.frames import State
from offhook.audio.limits import Limits
from offhook.audio.process import Worker, spawn
from offhook.audio.waves import HEADER_BYTES, SAMPLE_BYTES, Header, read_header, write_header
from offhook.domain.recordings import FOLDER, is_uid

LARGEST_BYTES = 128 << 20
"""More than a recording may be: nothing larger is read at once."""


@dataclass(frozen=True, slots=True)
class Audio:
    """What a WAV file holds."""

    rate: int
    channels: int
    size: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return (self.size - HEADER_BYTES) / (self.rate * self.channels * SAMPLE_BYTES)


@dataclass(frozen=True, slots=True)
class Found:
    """A file on the shelf: whose it is, and when it was written last (seconds since 1970)."""

    path: str
    uid: str
    written_at: float


class Shelf:
    """The recordings of one node. Paths are relative to its data folder, as rows have them."""

    def __init__(self, data_folder: Path, limits: Limits | None = None) -> None:
        self._data_folder = data_folder
        self._press = Press(limits or Limits())
        self._pressing: dict[str, asyncio.Task[Path]] = {}

    async def stop(self) -> None:
        """End what works for the shelf."""
        for task in self._pressing.values():
            task.cancel()
        await self._press.stop()

    def place(self, path: str) -> Path:
        """Return where a recording is, or is to be."""
        return self._data_folder / path

    async def prepare(self, path: str) -> Path:
        """Make the folder of a recording that is about to begin, and return its place. Raises SoundNotKept."""
        place = self.place(path)
        try:
            await asyncio.to_thread(place.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SoundNotKept(f"the folder {place.parent} cannot be made: {error.strerror}") from error
        return place

    async def has(self, path: str) -> bool:
        """Tell whether a recording is on this disk. Raises SoundNotKept."""
        return await asyncio.to_thread(_is_file, self.place(path))

    async def wav(self, path: str) -> bytes:
        """Return a recording as it was written. Raises SoundNotKept."""
        return await asyncio.to_thread(_read, self.place(path))

    async def mp3(self, path: str) -> Path:
        """Return where a recording is as MP3, made now unless it was before. Raises SoundNotKept, SoundError."""
        target = _mp3_of(self.place(path))
        if await asyncio.to_thread(_is_file, target):
            return target
        # Who wants it meanwhile waits for the same one, and who leaves does not end it for the others.
        task = self._pressing.get(path)
        if task is None:
            task = self._pressing[path] = asyncio.create_task(self._make_mp3(path, target))
            task.add_done_callback(partial(self._end_pressing, path))
        return await asyncio.shield(task)

    async def mp3_bytes(self, path: str) -> bytes:
        """Return a recording as MP3. Raises as `mp3` does."""
        return await asyncio.to_thread(_read, await self.mp3(path))

    async def repair(self, path: str) -> Audio | None:
        """Let the header of a file say what is in it, and return that; None if there is no sound. Raises SoundNotKept.

        A recorder that was killed leaves a header that counts less than what it wrote.
        """
        return await asyncio.to_thread(_repair, self.place(path))

    async def remove(self, path: str) -> bool:
        """Remove a recording in every form; False if it was not here. Raises SoundNotKept."""
        return await asyncio.to_thread(self._remove, path)

    async def files(self) -> list[Found]:
        """Return every file on the shelf. Raises SoundNotKept."""
        return await asyncio.to_thread(lambda: list(self._walk()))

    async def _make_mp3(self, path: str, target: Path) -> Path:
        made = await self._press.mp3(await self.wav(path))
        await asyncio.to_thread(_write, target, made)
        return target

    def _end_pressing(self, path: str, task: "asyncio.Task[Path]") -> None:
        del self._pressing[path]
        if not task.cancelled():
            # Whoever waited has gone perhaps; a failure is no defect for that.
            task.exception()

    def _remove(self, path: str) -> bool:
        place = self.place(path)
        try:
            _mp3_of(place).unlink(missing_ok=True)
            place.unlink()
            with suppress(OSError):
                # The day's folder goes with its last recording.
                place.parent.rmdir()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SoundNotKept(f"the recording {place} cannot be removed: {error.strerror}") from error
        return True

    def _walk(self) -> Iterator[Found]:
        for day, _, names in os.walk(self._data_folder / FOLDER, onerror=_tell):
            for name in names:
                place = Path(day, name)
                uid = place.name.partition(".")[0]
                try:
                    written_at = place.stat().st_mtime
                except OSError as error:
                    _tell(error)
                    continue
                yield Found(str(place.relative_to(self._data_folder)), uid if is_uid(uid) else "", written_at)


class Press:
    """Writes MP3 in a worker process, one after the other: nobody waits for it but who downloads."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._turn = asyncio.Lock()
        self._numbers = count(1)
        self._worker: Worker | None = None

    async def mp3(self, wav: bytes) -> bytes:
        """Return a WAV file of our recorder as MP3. Raises SoundNotAudio, WorkerDied."""
        async with self._turn:
            worker, job = await self._alive(), next(self._numbers)
            worker.press(job, wav)
            made = bytearray()
            cpu_s = 0.0
            while True:
                reply, piece = await worker.piece(job)
                made += piece
                cpu_s += reply.cpu_s
                if reply.state is State.FAILED:
                    raise by_code(reply.code, reply.sentence)
                if reply.state is State.DONE:
                    return bytes(made)
                if cpu_s > self._limits.job_cpu_s:
                    worker.close(job)
                    raise SoundNotAudio(f"the recording took more than {self._limits.job_cpu_s:g} s of computing")

    async def stop(self) -> None:
        """End the worker."""
        if self._worker is not None:
            await self._worker.stop()
            self._worker = None

    async def _alive(self) -> Worker:
        if self._worker is not None and self._worker.is_gone:
            await self.stop()
        if self._worker is None:
            self._worker = await spawn(self._limits.decode_memory_bytes, self._limits)
        return self._worker


def _mp3_of(place: Path) -> Path:
    return place.with_suffix(".mp3")


def _is_file(place: Path) -> bool:
    try:
        return place.is_file()
    except OSError as error:
        raise SoundNotKept(f"the recording {place} cannot be looked for: {error.strerror}") from error


def _read(place: Path) -> bytes:
    try:
        with place.open("rb") as file:
            return file.read(LARGEST_BYTES)
    except OSError as error:
        raise SoundNotKept(f"the recording {place} cannot be read: {error.strerror}") from error


def _write(place: Path, data: bytes) -> None:
    # Written under a name of its own and renamed when it is whole: nobody reads half of it.
    begun = place.with_suffix(f".{secrets.token_hex(4)}.part")
    try:
        begun.write_bytes(data)
        begun.replace(place)
    except OSError as error:
        raise SoundNotKept(f"{place} cannot be written: {error.strerror}") from error
    finally:
        begun.unlink(missing_ok=True)


def _repair(place: Path) -> Audio | None:
    try:
        with place.open("r+b") as file:
            header = read_header(file.read(HEADER_BYTES))
            if header is None:
                return None
            frame = header.channels * SAMPLE_BYTES
            data_bytes = (os.fstat(file.fileno()).st_size - HEADER_BYTES) // frame * frame
            if not data_bytes:
                return None
            # A write that did not come to its end leaves a part of a sample.
            file.truncate(HEADER_BYTES + data_bytes)
            file.seek(0)
            file.write(write_header(Header(header.rate, header.channels, data_bytes)))
            return Audio(header.rate, header.channels, HEADER_BYTES + data_bytes)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SoundNotKept(f"the recording {place} cannot be put right: {error.strerror}") from error


def _tell(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise SoundNotKept(f"the recordings cannot be listed: {error.strerror}") from error
