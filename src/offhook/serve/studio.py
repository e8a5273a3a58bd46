"""The studio: the platform's own voices and decoders for our phone, without a platform.

Both work in a confined worker as they do for calls, and give the very samples that a caller hears.
"""

from offhook.audio import voices
from offhook.audio.limits import Limits
from offhook.audio.workshop import Job, Workshop


async def record(sound: bytes) -> bytes:
    """Turn a sound file (MP3, WAV, OGG, FLAC) into PCMU: 8 kHz, mono, one byte a sample. Raises SoundError."""
    limits = Limits()
    return await _make(Workshop(limits.decode_memory_bytes, limits), Job(sound))


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
