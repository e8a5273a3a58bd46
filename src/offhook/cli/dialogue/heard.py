"""What a phone hears in one call, laid on the clock of the call: silence is what lasts, whether packets come or not.

Pure: `now` is an argument, in monotonic seconds. A place counts samples (8 kHz, mono) since the call began.
"""

import sys
from array import array

RATE = 8_000
FRAME = RATE // 50
"""20 ms, in samples."""
STILL_S = 0.5
"""After so long without a new packet it is certain that nothing is heard, and not only late."""
REORDERED = 2 * FRAME
"""The last samples are not looked at while packets come: the one before may still be under way."""
AFTER_THE_END = 5 * FRAME
"""Of silence that is certain when a call is over: 100 ms."""
LONGEST_LEAP = RATE
"""What is further ahead of the clock is a stream that counts otherwise than before."""
KEPT = 300 * RATE
"""Further back nobody looks: it is longer than any sound that is looked for."""


class Heard:
    """All packets of a call from `began` on, in their places. Lost ones are silence."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._samples = array("h")
        # The place of the first sample that is kept, and how far all is known.
        self._first = 0
        self._settled = 0
        # A stream's packet of this timestamp has this place.
        self._ssrc: int | None = None
        self._timestamp = 0
        self._place = 0
        # A stream that repeats itself is not one that goes on.
        self._grew_at = began

    def place_at(self, now: float) -> int:
        """Return the place of what sounds now."""
        return max(0, round((now - self._began) * RATE))

    def add(self, ssrc: int, timestamp: int, samples: bytes, now: float) -> None:
        """Take the samples (signed 16 bits, little endian) of a packet.

        Its place follows from the timestamps of its stream. A new stream begins now, and so does one that goes on
        after it was taken for silent. A packet that comes too late is lost.
        """
        sound = array("h", samples)
        if sys.byteorder == "big":
            sound.byteswap()
        # Timestamps wrap (RFC 3550 section 5.1).
        place = self._place + (timestamp - self._timestamp + (1 << 31)) % (1 << 32) - (1 << 31)
        was_still = now - self._grew_at >= STILL_S
        if ssrc != self._ssrc or (place < self._settled and was_still) or place > self.place_at(now) + LONGEST_LEAP:
            place = max(self._settled, self.place_at(now) - len(sound))
            self._ssrc, self._timestamp, self._place = ssrc, timestamp, place
        if place >= self._settled and self._put(place, sound):
            self._grew_at = now

    def settle(self, now: float) -> int:
        """Return up to which place everything is known that will ever be."""
        if now - self._grew_at < STILL_S:
            known = self._first + len(self._samples) - REORDERED
        else:
            known = self.place_at(now - STILL_S)
        self._settled = max(self._settled, known)
        return self._settled

    def settle_all(self, now: float) -> int:
        """Return the same once the call is over: nothing comes any more.

        That holds a little further too, so that a sound which lasted to the very end is known to have ended.
        """
        self._settled = max(self._settled, self._first + len(self._samples), self.place_at(now) + AFTER_THE_END)
        return self._settled

    def between(self, start: int, end: int) -> "array[int]":
        """Return the samples from one place to another; where nothing came there is silence."""
        before = _silence(min(end, self._first) - start)
        kept = self._samples[max(0, start - self._first) : max(0, end - self._first)]
        return before + kept + _silence(end - start - len(before) - len(kept))

    def _put(self, place: int, sound: "array[int]") -> bool:
        """Lay samples in their place, and tell whether they are the last ones now."""
        start = place - self._first
        missing = start + len(sound) - len(self._samples)
        self._samples += _silence(missing)
        self._samples[start : start + len(sound)] = sound
        if len(self._samples) > 2 * KEPT:
            self._first += len(self._samples) - KEPT
            del self._samples[:-KEPT]
        return missing > 0


def _silence(samples: int) -> "array[int]":
    return array("h", bytes(2 * max(0, samples)))
