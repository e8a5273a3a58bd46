"""One audio worker process as the main process sees it: start, ask, kill."""

import asyncio
import logging
import os
import socket
from collections import deque

from offhook import lifeline
from offhook.audio.encoded import Encoded
from offhook.audio.errors import WorkerDied
from offhook.audio.frames import LENGTHS, MAX_HEADER_BYTES, Reply, Request, Verb, head, read_reply
from offhook.audio.limits import MIB, Limits

log = logging.getLogger(__name__)

# No honest step makes more: a sentence of 40 words is half a megabyte in all codecs.
MAX_PIECE_BYTES = 16 * MIB
# How long a worker may take to notice that its socket closed.
GOODBYE_S = 2.0
LAST_WORDS = 20

ALLOCATION = {"MALLOC_ARENA_MAX": "1", "MALLOC_PERTURB_": "255"}
"""How glibc gives memory. From one arena, since of every thread's own heap it reserves more than the worker may have in
all. And filled with zeros (255 is their complement): Pico reads what it never wrote, and so spoke the same text
differently each time, by what had been in its memory before."""


class Worker:
    """A running audio worker. One answer is awaited at a time: the caller takes care of that."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: Limits,
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer
        self._step_wall_s = limits.step_wall_s
        # Until it has answered for the first time.
        self._wall_s = limits.start_wall_s
        self._last_words: deque[bytes] = deque(maxlen=LAST_WORDS)
        self._listening = asyncio.create_task(self._listen())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_gone(self) -> bool:
        return self._process.returncode is not None or self._reader.at_eof() or self._writer.is_closing()

    def open(self, job: int, voice: str, language: str, body: bytes, *, is_partial: bool = False) -> None:
        """Hand a job over. Nothing is done for it before its first step."""
        self._write(Request(Verb.OPEN, job, voice, language, is_partial), body)

    def feed(self, job: int, body: bytes, *, is_partial: bool) -> None:
        """Give a job that was opened with a part of its file the next part of it."""
        self._write(Request(Verb.FEED, job, is_partial=is_partial), body)

    def press(self, job: int, wav: bytes) -> None:
        """Hand a WAV file over, to be written as MP3. Nothing is done for it before its first step."""
        self._write(Request(Verb.PRESS, job), wav)

    def close(self, job: int) -> None:
        """Drop a job that nobody wants any more."""
        if not self.is_gone:
            self._write(Request(Verb.CLOSE, job), b"")

    async def step(self, job: int) -> tuple[Reply, Encoded]:
        """Let the worker make the next piece of a sound. Raises WorkerDied, and then the worker is gone."""
        reply, body = await self.piece(job)
        third = len(body) // 3
        return reply, Encoded(body[:third], body[third : 2 * third], body[2 * third :])

    async def piece(self, job: int) -> tuple[Reply, bytes]:
        """Let the worker make the next piece of a job, and return it as it comes. Raises as `step` does."""
        answered = False
        try:
            async with asyncio.timeout(self._wall_s):
                self._write(Request(Verb.STEP, job), b"")
                await self._writer.drain()
                reply, body = await self._answer()
            answered = True
        except TimeoutError:
            raise WorkerDied(f"the audio worker was stopped: one step took longer than {self._wall_s:g} s") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            raise WorkerDied("the audio worker died while it made this sound") from None
        except (ValueError, KeyError, TypeError):
            raise WorkerDied("the audio worker answered nonsense and was stopped") from None
        finally:
            # Also when the asking task was cancelled: the answer that still comes would be taken for the next one's.
            if not answered:
                self.kill()
        self._wall_s = self._step_wall_s
        return reply, body

    async def ended(self) -> None:
        """Wait until the process is gone."""
        await self._process.wait()

    def kill(self) -> None:
        self._writer.close()
        if self._process.returncode is None:
            self._process.kill()

    async def stop(self) -> None:
        """Close the socket, which ends the worker; wait until it is gone, and kill it if it does not go."""
        self._writer.close()
        try:
            async with asyncio.timeout(GOODBYE_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._listening

    async def _answer(self) -> tuple[Reply, bytes]:
        header_bytes, body_bytes = LENGTHS.unpack(await self._reader.readexactly(LENGTHS.size))
        if header_bytes > MAX_HEADER_BYTES or body_bytes > MAX_PIECE_BYTES:
            raise ValueError("the frame is too long")
        header = await self._reader.readexactly(header_bytes)
        return read_reply(header), await self._reader.readexactly(body_bytes)

    def _write(self, request: Request, body: bytes) -> None:
        self._writer.write(head(request, len(body)))
        self._writer.write(body)

    async def _listen(self) -> None:
        """Keep what the worker last wrote to its standard error, and tell it when it died of something."""
        assert self._process.stderr is not None
        while chunk := await self._process.stderr.read(4096):
            self._last_words.append(chunk)
        status = await self._process.wait()
        if status:
            words = b"".join(self._last_words)[-2000:].decode(errors="replace").strip()
            log.warning("an audio worker ended with status %d: %s", status, words or "it said nothing")


async def spawn(memory_bytes: int, limits: Limits) -> Worker:
    """Start an audio worker and return at once; what it is asked meanwhile waits in the socket."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            *lifeline.command(
                "offhook.audio.worker",
                *(str(value) for value in (theirs.fileno(), memory_bytes, limits.step_cpu_s, limits.sound_s)),
            ),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=[theirs.fileno()],
            env={**os.environ, **ALLOCATION},
        )
    reader, writer = await asyncio.open_unix_connection(sock=ours)
    return Worker(process, reader, writer, limits)
