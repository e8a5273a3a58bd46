"""The header of a WAV file with linear 16-bit samples (RIFF: Multimedia Programming Interface, 1991)."""

from struct import pack

HEADER_SIZE = 44
SAMPLE_BYTES = 2
MOST_BYTES = 0xFFFF_FFFF - HEADER_SIZE
"""What the header can count."""


def header(rate: int, channels: int, data_bytes: int) -> bytes:
    """Return what stands before so many bytes of samples."""
    frame = channels * SAMPLE_BYTES
    form = pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * frame, frame, 8 * SAMPLE_BYTES)
    return pack("<4sI4s", b"RIFF", HEADER_SIZE - 8 + data_bytes, b"WAVE") + form + pack("<4sI", b"data", data_bytes)
