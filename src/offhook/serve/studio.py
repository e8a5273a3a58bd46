"""The studio: the platform's own voices, decoders and downloads for our phone, without a platform.

Sounds are made in a confined worker as they are for calls, and are the very samples that a caller hears.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from offhook.audio import voices
from offhook.audio.limits import Limits
from offhook.audio.workshop import Job, Workshop


async def record(sound: bytes) -> bytes:
    """Turn a sound file (MP3, WAV, OGG, FLAC) into PCMU: 8 kHz, mono, one byte a sample. Raises SoundError."""
    async with open_studio() as studio:
        return await studio.record(sound)


async def speak(language: str, text: str) -> bytes:
    """Read a text as `say` does, in PCMU: 8 kHz, mono, one byte a sample. Raises SoundError."""
    async with open_studio() as studio:
        return await studio.speak(language, text)


@asynccontextmanager
async def open_studio() -> AsyncIterator["Studio"]:
    """Lend a studio for several sounds: its workers begin with the first of them, and end with the context."""
    studio = Studio()
    try:
        yield studio
    finally:
        await studio.close()


class Studio:
    """Makes sounds one after the other, all in PCMU: 8 kHz, mono, one byte a sample."""

    def __init__(self) -> None:
        limits = self._limits = Limits()
        self._decoding = Workshop(limits.decode_memory_bytes, limits)
        self._speaking = Workshop(limits.speech_memory_bytes, limits)

    async def record(self, sound: bytes) -> bytes:
        """Turn a sound file (MP3, WAV, OGG, FLAC) into samples. Raises SoundError."""
        return await _make(self._decoding, Job(sound))

    async def fetch(self, url: str) -> bytes:
        """Turn a sound file of the web into samples, also one of this machine or a private network.

        Raises ActionServerError and SoundError.
        """
        # The web is loaded by whoever needs it: most scripts name files only.
        from offhook.actionserver.fetch import Fetcher
        from offhook.actionserver.guard import Guard
        from offhook.actionserver.limits import Limits as RequestLimits
        from offhook.actionserver.sessions import open_session
        from offhook.audio.downloads import Downloads
        from offhook.serve.rehearsal import PRIVATE

        requests = RequestLimits()
        async with (
            open_session(Guard(PRIVATE), requests) as session,
            Downloads(Fetcher(session, requests), self._limits).get(url, {}) as file,
        ):
            return await _make(self._decoding, Job(file.body or b""))

    async def speak(self, language: str, text: str) -> bytes:
        """Read a text as `say` does. Raises SoundError."""
        speaker = voices.choose(language, None, voices.installed())
        return await _make(self._speaking, Job(text.encode(), speaker.voice.name, speaker.language))

    async def close(self) -> None:
        """End the workers."""
        await asyncio.gather(self._decoding.stop(), self._speaking.stop())


async def _make(workshop: Workshop, job: Job) -> bytes:
    return b"".join([piece.pcmu async for piece in workshop.make(job)])
