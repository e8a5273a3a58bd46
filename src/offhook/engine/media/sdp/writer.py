"""Our own descriptions as bytes: one audio stream, and every other line of the peer's refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from offhook.engine.media.sdp.crypto import Crypto
from offhook.engine.media.sdp.description import CLOCK_RATE, PLAIN, SECURE, Direction, Media

PTIME_MS = 20
"""How many milliseconds of speech we like to find in a packet."""

EVENTS = "0-15"
"""The telephone-events that we hear: the sixteen keys (RFC 4733 section 3.2)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who describes a session, and what was said last.

    `session_id` and `address` stay for the life of a dialog; `version` grows by one whenever what
    is said changes, and only then (RFC 3264 section 8). Both begin below 2**62.
    """

    session_id: int
    address: str
    version: int = 0
    said: str = ""

    def say(self, text: str) -> "tuple[Origin, bytes]":
        """Return the origin after saying `text`, all that follows `o=`, and the whole description."""
        version = self.version + (1 if self.said and self.said != text else 0)
        line = f"v=0\r\no=- {self.session_id} {version} IN {network_address(self.address)}\r\n"
        return replace(self, version=version, said=text), (line + text).encode("ascii")


def network_address(address: str) -> str:
    """Return the address family and the address as `c=` and `o=` want them."""
    return f"IP6 {address}" if ":" in address else f"IP4 {address}"


def session(address: str, time: str, media: Sequence[str]) -> str:
    """Return all that follows `o=`; `media` are whole blocks that end with CRLF."""
    return f"s=-\r\nc=IN {network_address(address)}\r\nt={time}\r\n" + "".join(media)


def audio(
    port: int,
    codecs: Sequence[tuple[int, str]],
    telephone_event: int | None,
    direction: Direction,
    *,
    rtcp_mux: bool,
    keys: Sequence[Crypto] = (),
) -> str:
    """Return the block of the audio stream; `codecs` are payload types with their encodings, `keys` make it SRTP."""
    numbers = [number for number, _ in codecs]
    maps = [f"a=rtpmap:{number} {encoding}/{CLOCK_RATE}" for number, encoding in codecs]
    if telephone_event is not None:
        numbers.append(telephone_event)
        maps += [
            f"a=rtpmap:{telephone_event} telephone-event/{CLOCK_RATE}",
            f"a=fmtp:{telephone_event} {EVENTS}",
        ]
    transport = SECURE if keys else PLAIN
    secrets = [f"a=crypto:{key}" for key in keys]
    lines = [
        f"m=audio {port} {transport} {' '.join(map(str, numbers))}",
        *maps,
        *secrets,
        f"a=ptime:{PTIME_MS}",
        f"a={direction}",
    ]
    if rtcp_mux:
        lines.append("a=rtcp-mux")
    return "\r\n".join(lines) + "\r\n"


def refused(media: Media) -> str:
    """Return the line that turns a stream down: the same with port 0 (RFC 3264 section 6)."""
    return f"m={media.kind} 0 {media.transport} {' '.join(media.formats)}\r\n"
