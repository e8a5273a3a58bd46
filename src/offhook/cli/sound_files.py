"""Sound that is to be said, from a file; and sound that was heard, as a file that everybody can play."""

import io
import os
import wave
from pathlib import Path

from offhook.cli.errors import FileUnusable

RATE = 8_000
SAMPLE_BYTES = 2
LARGEST_SOUND = 20 * 1024 * 1024


def read_speech(path: Path) -> bytes:
    """Return a WAV, MP3, OGG or FLAC in PCMU, 8 kHz, mono. Raises FileUnusable and SoundError."""
    import asyncio

    from offhook.cli.files import read_bytes
    from offhook.serve import studio

    return asyncio.run(studio.record(read_bytes(path, at_most=LARGEST_SOUND)))


def samples_of(wav: bytes) -> bytes:
    """Return the samples (signed 16 bits, little endian) of a WAV file of ours; raises FileUnusable."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            samples: bytes = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as error:
        raise FileUnusable("file", f"this is no WAV file: {error}") from None
    return samples


def save_wav(path: Path, samples: bytes) -> None:
    """Write samples (signed 16 bits, little endian, 8 kHz, mono) as a WAV file; raises FileUnusable."""
    try:
        with path.open("wb") as whole, wave.open(whole, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(RATE)
            file.writeframes(samples)
    except OSError as error:
        raise FileUnusable("file", f"{path} cannot be written: {error.strerror}") from None


def check_writable(path: Path) -> None:
    """Find out before anything costs money that a file could not be written; raises FileUnusable."""
    folder = path.absolute().parent
    if path.is_dir():
        raise FileUnusable("file", f"{path} is a folder")
    if not folder.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        raise FileUnusable("file", f"{path} cannot be written: there is no such folder, or it may not be written to")
