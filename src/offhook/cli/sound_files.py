"""Sound that was heard, as a file that everybody can play."""

import wave
from pathlib import Path

from offhook.cli.errors import FileUnusable

RATE = 8_000
SAMPLE_BYTES = 2


def save_wav(path: Path, samples: bytes) -> None:
    """Write samples (signed 16 bits, little endian, 8 kHz, mono) as a WAV file; raises FileUnusable."""
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(RATE)
            file.writeframes(samples)
    except OSError as error:
        raise FileUnusable("file", f"{path} cannot be written: {error.strerror}") from None
