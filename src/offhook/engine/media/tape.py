"""Sound of one or two sides put together as it was in time: what is recorded while it comes.

Each packet has its place by its timestamp, as long as that agrees with when it came; what is lost or paused is silence.
Samples are linear 16 bit, little endian; two sides are interleaved, the first one left. Time comes in as an argument.
"""

from offhook.engine.media.rtp import CLOCK_HZ

TOLERANCE = CLOCK_HZ // 2
"""A timestamp so many ticks from when the packet came is a new clock: half a second, more than a network delays."""

HOLD_S = 1.0
"""How long what has come can still be joined by what comes late."""

_NOBODY = -1


class Track:
    """Where the packets of one side belong, in ticks of 8,000 Hz since the recording began."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._ssrc = _NOBODY
        self._timestamp = 0
        self._place = 0

    def place(self, ssrc: int, timestamp: int, length: int, at: float) -> int:
        """Return the place of a packet of so many ticks that came then."""
        # What has just come ended when it was sent.
        expected = max(0, round((at - self._began) * CLOCK_HZ) - length)
        step = ((timestamp - self._timestamp + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        place = self._place + step
        if ssrc != self._ssrc or abs(place - expected) > TOLERANCE:
            place = expected
        self._ssrc, self._timestamp, self._place = ssrc, timestamp, place
        return place


class Tape:
    """A recording of `channels` sides from `began` on, with `rate` samples a second; `length` of them were taken."""

    def __init__(self, began: float, rate: int, channels: int) -> None:
        self.length = 0
        self._began = began
        self._rate = rate
        self._tracks = [Track(began) for _ in range(channels)]
        self._pieces: list[dict[int, bytes]] = [{} for _ in range(channels)]

    def add(self, channel: int, ssrc: int, timestamp: int, samples: bytes, at: float) -> None:
        """Keep the samples of one packet; what comes too late to be taken is left out."""
        count = len(samples) // 2
        ticks = count * CLOCK_HZ // self._rate
        place = self._tracks[channel].place(ssrc, timestamp, ticks, at) * self._rate // CLOCK_HZ
        if count and place >= self.length:
            self._pieces[channel][place] = samples

    def take(self, until: float) -> bytes:
        """Return all samples from where the last ones ended until this moment."""
        begin, end = self.length, max(self.length, round((until - self._began) * self._rate))
        self.length = end
        sides = [self._side(pieces, begin, end) for pieces in self._pieces]
        if len(sides) == 1:
            return bytes(sides[0])
        whole = bytearray(2 * len(sides[0]))
        for number, side in enumerate(sides):
            whole[2 * number :: 4] = side[::2]
            whole[2 * number + 1 :: 4] = side[1::2]
        return bytes(whole)

    def _side(self, pieces: dict[int, bytes], begin: int, end: int) -> bytearray:
        side = bytearray(2 * (end - begin))
        for place in sorted(place for place in pieces if place < end):
            samples = pieces.pop(place)
            start, room = 2 * (place - begin), 2 * (end - place)
            side[start : start + min(len(samples), room)] = samples[:room]
            if len(samples) > room:
                pieces[end] = samples[room:]
        return side
