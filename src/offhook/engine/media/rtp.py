"""RTP packets (RFC 3550 section 5): headers of what arrives, and the one line of what a leg sends.

`parse_header` runs for every packet that comes, `Stream.next_packet` for every one that is passed on: a plain
tuple and a prepacked struct are fast. What is played goes by `Stream.frames_ahead`, which is faster still.
Absent: the meaning of extensions and CSRCs.
"""

from struct import Struct

Packet = bytes | bytearray | memoryview

Header = tuple[int, bool, int, int, int, int, int]
"""payload type, marker, sequence, timestamp, SSRC, and where the payload starts and ends."""

HEADER_SIZE = 12
CLOCK_HZ = 8000
"""The RTP clock of G.711 and of its telephone-events (RFC 3551 section 4.5.14, RFC 4733 section 2.1)."""

FRAME_SAMPLES = 160
"""20 ms, and as many bytes of G.711."""

FRAME_S = FRAME_SAMPLES / CLOCK_HZ

_FIXED = Struct("!BBHII")
_unpack_fixed = _FIXED.unpack_from
_pack_fixed = _FIXED.pack
_EXTENSION = Struct("!2xH")

_VERSION = 0x80
_PADDING = 0x20
_EXTENDED = 0x10
_MARKER = 0x80


def step(samples: int) -> int:
    """Return the way from one header to the next, as large numbers, if a frame has so many samples."""
    return 1 << 64 | samples << 32


FRAME_STEP = step(FRAME_SAMPLES)


def headers_from(payload_type: int, sequence: int, timestamp: int, ssrc: int, samples: int) -> tuple[int, int]:
    """Return a header without marker as one large number, and for how many frames it goes on by `step`.

    Such a row ends where a field of the header wraps.
    """
    packed = _pack_fixed(_VERSION, payload_type, sequence, timestamp, ssrc)
    until_wrap = min(0x10000 - sequence, (0xFFFFFFFF - timestamp) // samples + 1 if samples else 0)
    return int.from_bytes(packed, "big"), until_wrap


def is_rtcp(packet: Packet) -> bool:
    """Tell reports from audio on a shared port, by the second byte (RFC 5761 section 4)."""
    return len(packet) > 1 and 192 <= packet[1] <= 223


def parse_header(packet: Packet) -> Header | None:
    """Read the header, or return None for what is no RTP packet: a stranger's bytes are no event.

    The payload is `packet[start:end]`, without extension and padding; it may be empty. Whether the
    payload type is one that was agreed on is the caller's question.
    """
    size = len(packet)
    if size < HEADER_SIZE:
        return None
    first, second, sequence, timestamp, ssrc = _unpack_fixed(packet)
    if first == _VERSION:
        return second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, HEADER_SIZE, size
    bounds = _payload_bounds(packet, first, size)
    if bounds is None:
        return None
    return second & 0x7F, second > 0x7F, sequence, timestamp, ssrc, *bounds


def _payload_bounds(packet: Packet, first: int, size: int) -> tuple[int, int] | None:
    """Return the bounds of a payload behind CSRCs and an extension, or None if they contradict the size."""
    if first & 0xC0 != _VERSION:
        return None
    # RFC 3550 section 5.1: the low four bits count CSRCs of four bytes each.
    start = HEADER_SIZE + 4 * (first & 0x0F)
    end = size
    if first & _EXTENDED:
        if start + 4 > size:
            return None
        # RFC 3550 section 5.3.1: the length counts words and not the extension's own header.
        start += 4 + 4 * _EXTENSION.unpack_from(packet, start)[0]
    if first & _PADDING:
        # RFC 3550 section 5.1: the last byte counts the padding, itself included.
        padding = packet[size - 1]
        if padding == 0:
            return None
        end = size - padding
    return (start, end) if start <= end else None


class Stream:
    """What one leg sends during its whole life: one SSRC, one line of sequence and timestamp.

    `ssrc`, `sequence` and `timestamp` begin at random (RFC 3550 section 5.1) and are given, so that this
    machine stays pure. The clock runs at 8,000 Hz and G.711 has one byte a sample, so a payload's
    length is its duration. `sequence` (which never wraps here) and `timestamp` belong to the next packet;
    `packets` and `octets` are what a sender report tells (RFC 3550 section 6.4.1). Whoever sends
    sets `sent_at`, the monotonic time of the last packet.
    """

    __slots__ = (
        "_payload_type",
        "_samples",
        "_second",
        "octets",
        "packets",
        "sent_at",
        "sequence",
        "ssrc",
        "timestamp",
    )

    def __init__(self, *, ssrc: int, sequence: int, timestamp: int, payload_type: int) -> None:
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp
        self.packets = 0
        self.octets = 0
        self.sent_at: float | None = None
        self._samples = 0
        self._payload_type = payload_type
        # RFC 3551 section 4.1: the first packet of a talk spurt carries the marker.
        self._second = payload_type | _MARKER

    def next_packet(self, payload: bytes) -> bytes:
        """Return the packet of the next samples: raw G.711, 8 kHz, mono."""
        samples = len(payload)
        packed = _pack_fixed(_VERSION, self._second, self.sequence & 0xFFFF, self.timestamp, self.ssrc)
        self._second = self._payload_type
        self._samples = samples
        self.sequence += 1
        self.timestamp = (self.timestamp + samples) & 0xFFFFFFFF
        self.packets += 1
        self.octets += samples
        return packed + payload

    def frames_ahead(self, samples: int = FRAME_SAMPLES) -> tuple[int, int]:
        """Return the header of the next frame as one large number, and how many frames of so many samples follow on it.

        So a sender of many frames has one addition of `step` to do for each, and tells `advance` about them. There
        are none while the next packet carries the marker.
        """
        if self._second & _MARKER:
            return 0, 0
        return headers_from(self._second, self.sequence & 0xFFFF, self.timestamp, self.ssrc, samples)

    def advance(self, frames: int, samples: int = FRAME_SAMPLES) -> None:
        """Go on by frames that were sent with headers of `frames_ahead`."""
        self._samples = samples
        self.sequence += frames
        self.timestamp = (self.timestamp + frames * samples) & 0xFFFFFFFF
        self.packets += frames
        self.octets += frames * samples

    def next_event(self, payload: bytes, payload_type: int, *, marker: bool) -> bytes:
        """Return a packet of a telephone-event (RFC 4733 section 2.2.1).

        All packets of one event carry the timestamp of its beginning: the line does not advance. Call
        `pause` with the event's duration when it is over.
        """
        packet = self.packet_at(0, 0, payload, payload_type, marker=marker)
        self.sequence += 1
        return packet

    def packet_at(self, packets: int, samples: int, payload: bytes, payload_type: int | None, *, marker: bool) -> bytes:
        """Return a packet that stands so far from the line's next place; the line does not advance.

        None for the payload type means that of the line.
        """
        second = (self._payload_type if payload_type is None else payload_type) | (_MARKER if marker else 0)
        sequence = (self.sequence + packets) & 0xFFFF
        packed = _pack_fixed(_VERSION, second, sequence, (self.timestamp + samples) & 0xFFFFFFFF, self.ssrc)
        self.packets += 1
        self.octets += len(payload)
        return packed + payload

    def mark(self) -> None:
        """Let the next packet of audio carry the marker."""
        self._second = self._payload_type | _MARKER

    def skip(self, packets: int, samples: int) -> None:
        """Leave out places of packets that never came."""
        self.sequence += packets
        self.timestamp = (self.timestamp + samples) & 0xFFFFFFFF

    def pause(self, samples: int) -> None:
        """Let time pass unsent; the next packet begins a talk spurt."""
        self.timestamp = (self.timestamp + samples) & 0xFFFFFFFF
        self.mark()

    def catch_up(self, now: float) -> None:
        """Let the time pass that has really passed since the last packet of audio; a talk spurt begins."""
        passed = 0 if self.sent_at is None else round((now - self.sent_at) * CLOCK_HZ)
        self.pause(max(0, passed - self._samples))
        # What has been made up for is not made up for again.
        self._samples = max(0, self._samples - passed)
        self.sent_at = now

    def switch(self, payload_type: int) -> None:
        """Go on with another codec on the same line (RFC 3550 section 5.1)."""
        self._payload_type = payload_type
        self._second = payload_type | (self._second & _MARKER)
