"""What a session description says, as far as a telephone call needs to know."""

from dataclasses import dataclass
from enum import StrEnum

from offhook.engine.media.sdp.crypto import Crypto

PLAIN, SECURE = "RTP/AVP", "RTP/SAVP"
"""How streams travel (RFC 3551, RFC 3711)."""
CLOCK_RATE = 8000
"""The only RTP clock that is spoken here, in hertz: of G.711, of G.722 (RFC 3551 section 4.5.2) and of their keys."""

UNSPECIFIED = ("0.0.0.0", "::")  # noqa: S104 - read from peers as "on hold", never bound.
"""Addresses that mean "send me nothing" (RFC 3264 section 8.4)."""


class Direction(StrEnum):
    """Which way media flows, seen from the side that says it (RFC 8866 section 6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @classmethod
    def flowing(cls, *, sends: bool, receives: bool) -> "Direction":
        """Return the direction of a side that sends, receives, does both or neither."""
        if sends:
            return cls.SENDRECV if receives else cls.SENDONLY
        return cls.RECVONLY if receives else cls.INACTIVE


@dataclass(frozen=True, slots=True)
class Payload:
    """One payload type of an audio line: `encoding` in capitals, empty when nothing tells it."""

    number: int
    encoding: str
    clock_rate: int
    channels: int
    parameters: str = ""


@dataclass(frozen=True, slots=True)
class Audio:
    """An audio stream that its side is ready for: RTP/AVP, or RTP/SAVP with at least one `crypto` that we speak.

    `address` is canonical text. `payloads` and `crypto` stand in the order of preference. `rtcp` is where
    reports go when they have a port of their own, None when there can be none.
    """

    address: str
    port: int
    payloads: tuple[Payload, ...]
    direction: Direction
    rtcp: tuple[str, int] | None
    rtcp_mux: bool
    ptime_ms: int | None
    max_ptime_ms: int | None
    crypto: tuple[Crypto, ...] = ()

    @property
    def is_reachable(self) -> bool:
        return self.address not in UNSPECIFIED


@dataclass(frozen=True, slots=True)
class Media:
    """One `m=` line as it was written; `audio` is None unless it is a stream that we could take."""

    kind: str
    port: int
    transport: str
    formats: tuple[str, ...]
    audio: Audio | None


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """A whole description. `time` is the text of its `t=` line, which an answer must repeat."""

    session_id: int
    version: int
    time: str
    media: tuple[Media, ...]
