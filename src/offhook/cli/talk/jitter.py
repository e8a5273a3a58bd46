"""Packets come as the network brings them, a loudspeaker takes 20 ms every 20 ms: what lies between.

Pure. Samples are signed 16 bits, little endian, 8 kHz, mono. Nothing waits for long: what comes too late is dropped,
what is lost is silence, and what has piled up is cut back.
"""

RATE = 8_000
FRAME_BYTES = 2 * RATE // 50
"""20 ms."""
TARGET = 3 * FRAME_BYTES
"""So much is gathered before it sounds: 60 ms, which usual networks do not exceed."""
MOST = 10 * FRAME_BYTES
"""More than 200 ms of delay would be noticed by who talks."""
SILENCE = bytes(FRAME_BYTES)


class JitterBuffer:
    """One line of samples; `put` at the end that the network writes, `take` at the one that is heard."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._ssrc: int | None = None
        # The timestamp of the first sample on the line.
        self._start = 0
        self._is_sounding = False

    def put(self, ssrc: int, timestamp: int, samples: bytes) -> None:
        """Take a packet: it is put into its place, however the packets are ordered."""
        # Timestamps wrap (RFC 3550 section 5.1).
        place = 2 * ((timestamp - self._start + (1 << 31)) % (1 << 32) - (1 << 31))
        if ssrc != self._ssrc or not (self._line or self._is_sounding) or place > MOST:
            # Another stream, or one that paused or leapt: there is nothing that it would have to fit to.
            self._line.clear()
            self._ssrc, self._start, place = ssrc, timestamp, 0
        if place < 0:
            return
        # What was lost in between is silence.
        self._line += bytes(max(0, place + len(samples) - len(self._line)))
        self._line[place : place + len(samples)] = samples
        if len(self._line) > MOST:
            self._drop(len(self._line) - TARGET)

    def take(self) -> bytes:
        """Return the next 20 ms; silence until enough was gathered, and when nothing is left."""
        self._is_sounding = len(self._line) >= (FRAME_BYTES if self._is_sounding else TARGET)
        if not self._is_sounding:
            return SILENCE
        frame = bytes(self._line[:FRAME_BYTES])
        self._drop(FRAME_BYTES)
        return frame

    def _drop(self, count: int) -> None:
        del self._line[:count]
        self._start = (self._start + count // 2) & 0xFFFFFFFF
