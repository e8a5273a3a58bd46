"""What a phone heard, put together by the timestamps of its packets.

Late packets find their place, lost ones are silence.
"""

RATE = 8_000
SAMPLE_BYTES = 2
LIMIT_S = 4 * 3600
"""What comes after so much sound is not kept."""


class Recording:
    """One sound: linear 16-bit little-endian, 8 kHz, mono. A new stream (SSRC) goes on where the last one ended."""

    def __init__(self) -> None:
        self._pieces: dict[int, bytes] = {}
        self._ssrc: int | None = None
        self._beginning = 0
        self._end = 0

    @property
    def length(self) -> int:
        """How many samples there are, silence included."""
        return self._end

    def add(self, ssrc: int, timestamp: int, samples: bytes) -> None:
        """Keep the samples of one packet."""
        if ssrc != self._ssrc:
            self._ssrc, self._beginning = ssrc, timestamp - self._end
        # Timestamps wrap, so what is older than the first packet of all lands beyond the limit.
        place = (timestamp - self._beginning) & 0xFFFFFFFF
        if place < LIMIT_S * RATE:
            self._pieces[place] = samples
            self._end = max(self._end, place + len(samples) // SAMPLE_BYTES)

    def samples(self) -> bytes:
        """Return the whole."""
        whole = bytearray(SAMPLE_BYTES * self._end)
        for place, samples in sorted(self._pieces.items()):
            start = SAMPLE_BYTES * place
            whole[start : start + len(samples)] = samples
        return bytes(whole)
