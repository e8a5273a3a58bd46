"""Proves what was heard: tones by their frequency, speech by its likeness to what was synthesised.

Sound is linear, signed 16 bits, little endian, 8 kHz, mono. Absent: numpy, which the platform does not need.
"""

import sys
from array import array
from collections.abc import Sequence
from itertools import islice
from math import cos, pi, sqrt
from operator import mul

from offhook.cli.demo.melody import Tone
from offhook.cli.errors import DemoFailed

RATE = 8_000
FRAME = RATE // 50
"""20 ms, the steps in which two sounds are first laid over each other."""
STRIDE = 4
LOUD = 500
"""A sample beyond it is sound and not the noise of G.711's smallest steps (-36 dB of full scale)."""
PUREST = 0.8
"""A tone must hold this part of the sound's power; the rest is what MP3 and G.711 added."""
LIKEST = 0.9
DURATION_S = 0.3
"""So much longer or shorter than expected a sound may be."""


def hear_melody(heard: bytes, melody: Sequence[Tone]) -> str:
    """Return a sentence about the tones that were heard; raises DemoFailed unless they are those of the melody."""
    samples = _loud_part(_samples(heard))
    _check_duration(samples, sum(tone.seconds for tone in melody))
    start = 0.0
    for tone in melody:
        # The middle of each tone: around its ends the next one is heard too.
        middle = samples[round((start + tone.seconds / 4) * RATE) : round((start + tone.seconds * 3 / 4) * RATE)]
        part = power_share(middle, tone.hz)
        if part < PUREST:
            raise DemoFailed(
                f"at {start:.1f} s a tone of {tone.hz:.0f} Hz was expected, but it has {part:.0%} of the power"
            )
        start += tone.seconds
    return f"{len(samples) / RATE:.1f} s of melody: " + ", ".join(f"{tone.hz:.0f} Hz" for tone in melody)


def hear_speech(heard: bytes, expected: bytes, *, is_all: bool = True) -> str:
    """Return a sentence about the speech that was heard; raises DemoFailed unless it is the expected one.

    Something else may have been heard besides, if it need not be all.
    """
    ours, theirs = _samples(heard), _samples(expected)
    if is_all:
        _check_duration(_loud_part(ours), len(_loud_part(theirs)) / RATE)
    found = likeness(ours, theirs)
    if found < LIKEST:
        raise DemoFailed(f"what was heard correlates with what was to be said by {found:.2f} only")
    return f"{len(_loud_part(ours)) / RATE:.1f} s of speech, which correlates with the text by {found:.3f}"


def power_share(samples: Sequence[int], hz: float) -> float:
    """Return the part of the power that lies at a frequency, 0 to 1 (Goertzel, 1958)."""
    energy: int = sum(map(mul, samples, samples))
    if not energy:
        return 0.0
    turn = 2 * cos(2 * pi * hz / RATE)
    before, now = 0.0, 0.0
    for sample in samples:
        before, now = now, sample + turn * now - before
    at_hz = now * now + before * before - turn * now * before
    return 2 * at_hz / (len(samples) * energy)


def likeness(heard: Sequence[int], expected: Sequence[int]) -> float:
    """Return the correlation of two sounds, -1 to 1, laid over each other so that it is greatest."""
    frames, wanted = _envelope(heard), _envelope(expected)
    coarse = max(range(-len(wanted) // 2, len(frames)), key=lambda lag: _correlation(frames, wanted, lag))
    lags = range((coarse - 1) * FRAME, (coarse + 1) * FRAME + 1)
    fine = max(lags, key=lambda lag: _correlation(heard, expected, lag, STRIDE))
    return _correlation(heard, expected, fine)


def _correlation(heard: Sequence[int], expected: Sequence[int], lag: int, stride: int = 1) -> float:
    """Correlate all of the expected sound with what was heard from `lag` on; what is missing there is silence."""
    ours = heard[max(0, lag) : max(0, lag + len(expected)) : stride]
    theirs = list(islice(expected, max(0, -lag), None, stride))
    power = sum(map(mul, ours, ours)) * sum(map(mul, theirs, theirs))
    return sum(map(mul, ours, theirs)) / sqrt(power) if power else 0.0


def _envelope(samples: Sequence[int]) -> list[int]:
    return [sum(map(abs, samples[place : place + FRAME])) for place in range(0, len(samples), FRAME)]


def _check_duration(samples: Sequence[int], expected_s: float) -> None:
    heard_s = len(samples) / RATE
    if abs(heard_s - expected_s) > DURATION_S:
        raise DemoFailed(f"{expected_s:.1f} s of sound were expected, and {heard_s:.1f} s were heard")


def _loud_part(samples: "array[int]") -> "array[int]":
    loud = [place for place, sample in enumerate(samples) if abs(sample) > LOUD]
    return samples[loud[0] : loud[-1] + 1] if loud else array("h")


def _samples(linear: bytes) -> "array[int]":
    samples = array("h", linear)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
