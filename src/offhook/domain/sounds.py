"""What can be played to a caller: a file of raw G.711, whole or still growing."""

from dataclasses import dataclass
from enum import StrEnum


class Codec(StrEnum):
    """The two G.711 encodings, by their RTP names (RFC 3551): 8 kHz, mono, one byte a sample."""

    PCMU = "PCMU"
    PCMA = "PCMA"


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound that is ready to be played, at least its first second.

    `path` holds raw G.711 samples, 8,000 a second, no header. While it grows it stands at
    `growing_path` and is renamed to `path` when whole; a reader that has it open notices
    nothing. Files are never truncated or rewritten, only appended to, renamed and unlinked: a
    growing file whose last name is gone was given up, and what was read is all there will be.
    `duration_ms` is known once the sound is whole.
    """

    path: str
    growing_path: str | None
    codec: Codec
    duration_ms: int | None
