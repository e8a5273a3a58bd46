"""What can be played to a caller: a file of coded sound, whole or still growing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

BYTES_A_SECOND = 8_000
"""What a second takes in every codec that is spoken here: one byte for each tick of its RTP clock."""


class Codec(StrEnum):
    """The encodings by their RTP names (RFC 3551), all mono: the two laws of G.711, and G.722 at 64 kbit/s.

    Each has one byte for a tick of an RTP clock of 8,000 Hz, which for G.722 is two samples (RFC 3551 section 4.5.2).
    """

    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"

    @property
    def rate_hz(self) -> int:
        """How many samples a second has."""
        return 16_000 if self is Codec.G722 else 8_000

    @property
    def is_wideband(self) -> bool:
        """Whether it holds what lies above 4 kHz."""
        return self is Codec.G722


class Source(StrEnum):
    """Where a sound came from."""

    CACHE = "cache"
    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    """Its host was asked, and said that it is as it was."""
    SPOKEN = "spoken"
    MADE = "made"


@dataclass(frozen=True, slots=True)
class Making:
    """How a sound became ready to be played; times in milliseconds, None for what was not needed.

    `fetch_ms` is until its bytes were here, or enough of them; `make_ms` how long decoding or speaking took from then
    on, until the first second could be played. `bytes` is the size of what was fetched.
    """

    source: Source
    fetch_ms: float | None = None
    make_ms: float | None = None
    bytes: int | None = None

    def __str__(self) -> str:
        match self.source:
            case Source.CACHE:
                return "from the cache"
            case Source.UNCHANGED:
                return f"from the cache, as its host said after {self.fetch_ms or 0:.0f} ms that it is unchanged"
            case Source.FETCHED:
                size = "" if self.bytes is None else f"{self.bytes:,} bytes "
                return f"{size}fetched in {self.fetch_ms or 0:.0f} ms, decoded in {self.make_ms or 0:.0f} ms"
            case Source.SPOKEN:
                return f"spoken in {self.make_ms or 0:.0f} ms"
            case Source.MADE:
                return f"made in {self.make_ms or 0:.0f} ms"
            case _:
                assert_never(self.source)


FROM_CACHE = Making(Source.CACHE)


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound that is ready to be played, at least its first second.

    `path` holds bytes of the codec, 8,000 a second, no header. While it grows it stands at
    `growing_path` and is renamed to `path` when whole; a reader that has it open notices
    nothing. Files are never truncated or rewritten, only appended to, renamed and unlinked: a
    growing file whose last name is gone was given up, and what was read is all there will be.
    `duration_ms` is known once the sound is whole. The same sound in another codec is at `beside`. `making` is how
    it became ready for whoever wants it now.
    """

    path: str
    growing_path: str | None
    codec: Codec
    duration_ms: int | None
    making: Making = FROM_CACHE


def suffix(codec: Codec) -> str:
    """Return how the name of a sound's file ends in a codec."""
    return f".{codec.value.lower()}"


def beside(path: str, codec: Codec, wanted: Codec) -> str:
    """Return where the same sound lies in another codec, by the path of either name, whole or growing."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.replace(suffix(codec), suffix(wanted))}"


@dataclass(frozen=True, slots=True)
class Beep:
    """The tone after which a message is recorded."""
