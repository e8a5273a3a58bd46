"""Keys as telephone-events (RFC 4733): heard once each, whatever the network did to their packets.

An event is known by its timestamp, so the first packet that arrives is the press, be it the first,
a middle one or the third copy of the last. Its volume says nothing. Absent: flash (event 16), the tones of
modems, several events in one packet (RFC 4733 section 2.5.1.5), redundancy (RFC 2198).
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from offhook.engine.media.errors import UnknownKey

KEYS = "0123456789*#ABCD"
"""Events 0 to 15 in their order (RFC 4733 section 3.2)."""

UPDATE_MS = 50
"""How often an event that goes on is told (RFC 4733 section 2.5.1.2)."""

END_COPIES = 3
"""How often the end of an event is told (RFC 4733 section 2.5.1.4)."""

END_SPACING_MS = 20

LONGEST_PRESS_MS = 8_000
"""The longest press that we send: it fits into one segment of 65,535 samples."""

EVENTS_REMEMBERED = 32
"""So many past events may still have packets on their way."""

_SAMPLES_PER_MS = 8
_END = 0x80
_VOLUME = 10
_PAYLOAD = Struct("!BBH")
_LONGEST_SEGMENT = 0xFFFF
# How much of a segment's end may be lost before its successor is taken for a new press: 500 ms.
_SEGMENT_TOLERANCE = 4_000


class Receiver:
    """Hears the keys of one leg; `receive` is called for each packet of the agreed payload type."""

    __slots__ = ("_duration", "_event", "_has_ended", "_recent", "_timestamp")

    def __init__(self) -> None:
        self._recent: deque[tuple[int, int]] = deque(maxlen=EVENTS_REMEMBERED)
        self._event = -1
        self._timestamp = 0
        self._duration = 0
        self._has_ended = True

    def receive(self, payload: bytes, timestamp: int, marker: bool) -> str | None:
        """Return the key if this packet is the first of a press that arrived, else None."""
        if len(payload) < _PAYLOAD.size:
            return None
        event, flags, duration = _PAYLOAD.unpack_from(payload)
        if event >= len(KEYS):
            return None
        ends = flags & _END != 0
        if (timestamp, event) in self._recent:
            # An update, an end, a copy of either, in any order: the press is known already.
            if timestamp == self._timestamp:
                self._duration = max(self._duration, duration)
                self._has_ended = self._has_ended or ends
            return None
        goes_on = not marker and self._is_next_segment(event, timestamp)
        self._recent.append((timestamp, event))
        self._event, self._timestamp, self._duration, self._has_ended = event, timestamp, duration, ends
        return None if goes_on else KEYS[event]

    def _is_next_segment(self, event: int, timestamp: int) -> bool:
        """Tell whether a long press goes on under a new timestamp (RFC 4733 section 2.5.1.3)."""
        if event != self._event or self._has_ended:
            return False
        least = _LONGEST_SEGMENT - _SEGMENT_TOLERANCE
        elapsed = (timestamp - self._timestamp) & 0xFFFFFFFF
        return self._duration >= least and least <= elapsed <= _LONGEST_SEGMENT


@dataclass(frozen=True, slots=True)
class Pulse:
    """One packet of a press: when to send it, counted from the press, and what."""

    at_ms: int
    marker: bool
    payload: bytes


def press(key: str, duration_ms: int) -> Iterator[Pulse]:
    """Yield the packets of one press, all of which carry the timestamp of its beginning.

    Raises `UnknownKey` for anything but one of `KEYS`. Durations outside of 50 to 8,000 ms
    become the nearest of these.
    """
    event = KEYS.find(key.upper()) if len(key) == 1 else -1
    if event < 0:
        raise UnknownKey("digits", f"{key[:20]!r} is on no keypad", hint=f"the keys are {KEYS}")
    return _pulses(event, max(UPDATE_MS, min(duration_ms, LONGEST_PRESS_MS)))


def _pulses(event: int, duration_ms: int) -> Iterator[Pulse]:
    for at_ms in range(UPDATE_MS, duration_ms, UPDATE_MS):
        payload = _PAYLOAD.pack(event, _VOLUME, at_ms * _SAMPLES_PER_MS)
        # RFC 4733 section 2.2.1: the marker stands on the first packet of an event.
        yield Pulse(at_ms, at_ms == UPDATE_MS, payload)
    ending = _PAYLOAD.pack(event, _END | _VOLUME, duration_ms * _SAMPLES_PER_MS)
    for copy in range(END_COPIES):
        marker = copy == 0 and duration_ms == UPDATE_MS
        yield Pulse(duration_ms + copy * END_SPACING_MS, marker, ending)
