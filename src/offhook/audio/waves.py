"""The header of the WAV files that our recorder writes, read and put right.

Always 44 bytes: `RIFF`, the form, and `data`, with 16 bits a sample (RIFF: Multimedia Programming Interface, 1991).
"""

import struct
from dataclasses import dataclass

HEADER_BYTES = 44
SAMPLE_BYTES = 2
PCM = 1

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of its sound."""

    rate: int
    channels: int
    data_bytes: int


def read_header(head: bytes) -> Header | None:
    """Read the first 44 bytes of a file; None if they are no header of our recorder."""
    if len(head) < HEADER_BYTES:
        return None
    riff, _, wave, form, size, kind, channels, rate, _, _, bits, data, data_bytes = _HEADER.unpack(head[:HEADER_BYTES])
    if (riff, wave, form, size, kind, bits, data) != (b"RIFF", b"WAVE", b"fmt ", 16, PCM, 8 * SAMPLE_BYTES, b"data"):
        return None
    return Header(rate, channels, data_bytes) if rate and channels else None


def write_header(header: Header) -> bytes:
    """Return the 44 bytes of a header."""
    frame = header.channels * SAMPLE_BYTES
    return _HEADER.pack(
        *(b"RIFF", HEADER_BYTES - 8 + header.data_bytes, b"WAVE", b"fmt ", 16, PCM, header.channels, header.rate),
        *(header.rate * frame, frame, 8 * SAMPLE_BYTES, b"data", header.data_bytes),
    )
