"""The studio: the platform's own voices, decoders and downloads for our phone, without a platform.

Sounds are made in a confined worker as they are for calls, and are the very samples that a caller hears.
"""

from offhook.audio import voices
from offhook.audio.limits import Limits
from offhook.audio.workshop import Job, Workshop


async def record(sound: bytes) -> bytes:
    """Turn a sound file (MP3, WAV, OGG, FLAC) into PCMU: 8 kHz, mono, one byte a sample. Raises SoundError."""
    limits = Limits()
    return await _make(Workshop(limits.decode_memory_bytes, limits), Job(sound))


async def fetch(url: str) -> bytes:
    """Turn a sound file of the web into PCMU, also one of this machine or a private network.

    Raises ActionServerError and SoundError.
    """
    # The web is loaded by whoever needs it: most scripts name files only.
    from offhook.actionserver.fetch import Fetcher
    from offhook.actionserver.guard import Guard
    from offhook.actionserver.limits import Limits as RequestLimits
    from offhook.actionserver.sessions import open_session
    from offhook.audio.downloads import Downloads
    from offhook.serve.rehearsal import PRIVATE

    limits, requests = Limits(), RequestLimits()
    async with (
        open_session(Guard(PRIVATE), requests) as session,
        Downloads(Fetcher(session, requests), limits).get(url, {}) as file,
    ):
        return await _make(Workshop(limits.decode_memory_bytes, limits), Job(file.body or b""))


async def speak(language: str, text: str) -> bytes:
    """Read a text as `say` does, in PCMU: 8 kHz, mono, one byte a sample. Raises SoundError."""
    limits = Limits()
    speaker = voices.choose(language, None, voices.installed())
    job = Job(text.encode(), speaker.voice.name, speaker.language)
    return await _make(Workshop(limits.speech_memory_bytes, limits), job)


async def _make(workshop: Workshop, job: Job) -> bytes:
    try:
        return b"".join([piece.pcmu async for piece in workshop.make(job)])
    finally:
        await workshop.stop()
