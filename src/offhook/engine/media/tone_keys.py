"""Keys as tones in the sound itself (ITU-T Q.23), found by their frequencies, levels and length (Q.24).

Sound is looked at in windows of 13 ms that overlap by half. A window bears a key if it has one tone of each group,
both loud enough, alike loud, at their very frequencies (what a voice never keeps up), and hardly anything else. Four
such windows in a row are a press, 32 ms; six without it are its end. Absent: tones of G.722's wider band.
"""

from cmath import exp, phase
from collections.abc import Sequence
from math import cos, pi, sin
from operator import add, mul, sub

from offhook.domain.sounds import Codec
from offhook.engine.media.g711 import DECODE_ALAW, DECODE_ULAW
from offhook.engine.media.tones import FULL_DBM0, HIGH_HZ, KEYPAD, LOW_HZ

RATE = 8_000
"""Samples a second of G.711."""

HALF = 52
"""Samples of half a window. A window's 104 tell tones apart that are 77 Hz from each other, as the lowest two are."""

QUIETEST_DBM0 = -30.0
"""Of each tone. Q.24: -25 dBm0 and louder must be heard in North America, -24 in Japan."""

HIGH_LOUDER_DB = 6.0
HIGH_WEAKER_DB = 12.0
"""How unlike the two may be. Q.24 asks for 4 and 8 dB in North America, 5 in Japan."""

OTHERS_WEAKER_DB = 5.0
"""So much weaker are the other tones of a group."""

LEAST_SHARE = 0.68
"""Of the window's power that the two tones have: what is 1.5 % beside its frequency loses a fifth in the window."""

MOST_DEVIATION = 0.022
"""Q.24: 1.5 % beside its frequency must be heard, 3.5 % must not."""

WINDOWS_OF_A_PRESS = 4
WINDOWS_OF_A_PAUSE = 6
"""40 ms of pause make seven; a packet of 20 ms that is lost makes five and does not cut a press in two."""

LATEST = 8_000
"""Samples that a packet may be behind; further back begins another line of timestamps."""

LONGEST_GAP = 480
"""Samples that were not sent or are lost count as silence, up to 60 ms: longer ones say nothing more."""

_WINDOW = 2 * HALF
_FREQUENCIES = (*LOW_HZ, *HIGH_HZ)
_GROUP = len(LOW_HZ)
# Seen from the middle of half a window, cosines are alike and sines opposite on both sides: a quarter is enough.
_QUARTER = HALF // 2
_ANGLES = tuple(tuple(2 * pi * hertz * (at + 0.5) / RATE for at in range(_QUARTER)) for hertz in _FREQUENCIES)
_COSINES = tuple(tuple(map(cos, angles)) for angles in _ANGLES)
_SINES = tuple(tuple(-sin(angle) for angle in angles) for angles in _ANGLES)
# How far a tone turns within half a window.
_TURNS = tuple(exp(-2j * pi * hertz * HALF / RATE) for hertz in _FREQUENCIES)
# |sum|^2 of a tone with the amplitude a over n samples is (a n / 2)^2, the sum of its squares a^2 n / 2.
_QUIETEST = (32_767 * 10 ** ((QUIETEST_DBM0 - FULL_DBM0) / 20) * _WINDOW / 2) ** 2
_LEAST_ENERGY = 2 * _QUIETEST / _WINDOW
_SHARE = LEAST_SHARE * _WINDOW / 2
_LOUDER, _WEAKER, _OTHERS = (10 ** (decibel / 10) for decibel in (HIGH_LOUDER_DB, HIGH_WEAKER_DB, OTHERS_WEAKER_DB))
_MOST_TURN = tuple(2 * pi * hertz * MOST_DEVIATION * HALF / RATE for hertz in _FREQUENCIES)
_LINEAR = {Codec.PCMU: tuple(map(float, DECODE_ULAW)), Codec.PCMA: tuple(map(float, DECODE_ALAW))}

_Half = tuple[float, Sequence[complex]]
_NOTHING: _Half = (0.0, (0j,) * len(_FREQUENCIES))


class ToneReceiver:
    """Hears the keys in the sound of one leg; give it each packet of sound that is new."""

    __slots__ = ("_before", "_hits", "_key", "_misses", "_next", "_pressed", "_samples", "_window")

    def __init__(self) -> None:
        self._samples: list[float] = []
        # The timestamp that comes next if nothing is lost.
        self._next: int | None = None
        # The last half, the last window, the key that it seems to bear and for how many windows that has been so.
        self._before = _NOTHING
        self._window: Sequence[complex] = _NOTHING[1]
        self._key = ""
        self._hits = 0
        # The key that is pressed, and for how many windows it has not been heard.
        self._pressed = ""
        self._misses = 0

    @property
    def is_pressed(self) -> bool:
        """Whether a key that was told still sounds."""
        return bool(self._pressed)

    def receive(self, payload: bytes, codec: Codec, timestamp: int) -> str:
        """Return the keys that are found pressed with this packet, empty for none."""
        gap = 0 if self._next is None else ((timestamp - self._next + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if -LATEST <= gap < 0:
            # Others have overtaken it.
            return ""
        self._next = (timestamp + len(payload)) & 0xFFFFFFFF
        samples = self._samples
        samples += [0.0] * (min(gap, LONGEST_GAP) if gap >= 0 else LONGEST_GAP)
        samples += map(_LINEAR[codec].__getitem__, payload)
        keys = ""
        for at in range(0, len(samples) - HALF + 1, HALF):
            keys += self._hear(samples[at : at + HALF])
        del samples[: len(samples) // HALF * HALF]
        return keys

    def _hear(self, half: Sequence[float]) -> str:
        """Return the key if this half of a window makes it a press."""
        heard = _correlate(half)
        window, key = self._judge(heard)
        self._before, self._window = heard, window
        self._hits = self._hits + 1 if key == self._key else 1
        self._key = key
        if key and key == self._pressed:
            self._misses = 0
        elif key and self._hits >= WINDOWS_OF_A_PRESS:
            self._pressed, self._misses = key, 0
            return key
        elif self._pressed:
            self._misses += 1
            if self._misses >= WINDOWS_OF_A_PAUSE:
                self._pressed = ""
        return ""

    def _judge(self, heard: _Half) -> tuple[Sequence[complex], str]:
        """Return the present window, and the key that it bears."""
        (energy_before, before), (energy, now) = self._before, heard
        energy += energy_before
        if energy < _LEAST_ENERGY:
            return _NOTHING[1], ""
        window = [first + second * turn for first, second, turn in zip(before, now, _TURNS, strict=True)]
        powers = [value.real * value.real + value.imag * value.imag for value in window]
        low, high = _strongest(powers, 0), _strongest(powers, _GROUP)
        if low < 0 or high < 0:
            return window, ""
        row, column = powers[low], powers[high]
        is_key = (
            row + column >= _SHARE * energy
            and row >= _QUIETEST
            and column >= _QUIETEST
            and column <= _LOUDER * row
            and row <= _WEAKER * column
            and self._is_steady(low, window)
            and self._is_steady(high, window)
        )
        return window, KEYPAD[low][high - _GROUP] if is_key else ""

    def _is_steady(self, place: int, window: Sequence[complex]) -> bool:
        """Tell whether a tone has its own frequency: from one window to the next it turns as it should.

        A window of silence before it says nothing.
        """
        turned = window[place] * _TURNS[place] * self._window[place].conjugate()
        return abs(phase(turned)) <= _MOST_TURN[place]


def _correlate(half: Sequence[float]) -> _Half:
    """Return the energy of half a window, and how much of each tone is in it."""
    energy = sum(map(mul, half, half))
    if energy < _LEAST_ENERGY / 4:
        return energy, _NOTHING[1]
    earlier, later = half[_QUARTER - 1 :: -1], half[_QUARTER:]
    even, odd = list(map(add, later, earlier)), list(map(sub, later, earlier))
    return energy, [
        complex(sum(map(mul, even, cosine)), sum(map(mul, odd, sine)))
        for cosine, sine in zip(_COSINES, _SINES, strict=True)
    ]


def _strongest(powers: Sequence[float], first: int) -> int:
    """Return the place of a group's strongest tone, -1 if another one comes near it."""
    group = powers[first : first + _GROUP]
    best = max(group)
    if sorted(group)[-2] * _OTHERS > best:
        return -1
    return first + group.index(best)
