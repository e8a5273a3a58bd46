"""Ears: each listens for one thing from a place on, and says when it was there, or that it did not come.

Pure. A thing must begin by `begins_by` and is found once it was heard whole. What is heard is looked at once, piece by
piece, so an ear costs the same however long it listens. Absent: words, which nothing here understands.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from operator import mul
from typing import Protocol

from offhook.cli.demo.ear import power_share
from offhook.cli.dialogue.heard import FRAME, RATE, Heard

LOUD = 500
"""A sample beyond it is sound and not the noise of G.711's smallest steps (-36 dB of full scale)."""
FRAMES_OF_SOUND = 3
"""60 ms in a row are a sound; what is shorter is a click."""
BLOCK = RATE // 20
"""50 ms, in which a tone is known from others that are 20 Hz away."""
PUREST = 0.5
"""A tone must hold this part of a block's power; a packet that is lost in it takes two fifths."""
COARSE = 0.75
"""Two courses of loudness that are less alike need not be compared any closer."""
LIKEST = 0.8
"""How much two sounds must correlate. A third of all packets may be lost: what is left of 1 is the root of the rest."""
SNIPPET = 10 * FRAME
"""What is laid over what was heard to the sample: 200 ms."""
STRIDE = 8
AROUND = 2
"""So many frames before and behind a place are looked at to the sample with one look: in even sounds all are alike."""


@dataclass(frozen=True, slots=True)
class Found:
    """It was there, and ended at a place."""

    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Missed:
    """It did not begin in time; `words` say what was heard instead."""

    words: str


class Ear(Protocol):
    """What listens for one thing."""

    def listen(self, heard: Heard, settled: int) -> Found | Missed | None:
        """Look at what is new up to a place; None while nothing can be said."""
        ...


class SoundEar:
    """Listens for any sound."""

    def __init__(self, start: int, begins_by: int) -> None:
        self._at = start
        self._begins_by = begins_by
        self._loud = 0

    def listen(self, heard: Heard, settled: int) -> Found | Missed | None:
        """Look at what is new up to a place."""
        while self._at + FRAME <= settled:
            self._loud = self._loud + 1 if is_loud(heard.between(self._at, self._at + FRAME)) else 0
            self._at += FRAME
            if self._loud == FRAMES_OF_SOUND:
                return Found(self._at, "sound came")
            if not self._loud and self._at > self._begins_by:
                return Missed("nothing but silence was heard")
        return None


class SilenceEar:
    """Listens for silence that lasts."""

    def __init__(self, start: int, begins_by: int, samples: int) -> None:
        self._at = start
        self._begins_by = begins_by
        self._samples = samples
        self._quiet = 0
        self._longest = 0

    def listen(self, heard: Heard, settled: int) -> Found | Missed | None:
        """Look at what is new up to a place."""
        while self._at + FRAME <= settled:
            quiet = not is_loud(heard.between(self._at, self._at + FRAME))
            self._at += FRAME
            self._quiet = self._quiet + FRAME if quiet else 0
            self._longest = max(self._longest, self._quiet)
            if self._quiet >= self._samples:
                return Found(self._at, f"{self._samples / RATE:g} s of silence")
            if not quiet and self._at > self._begins_by:
                return Missed(f"there was sound; the longest silence was {self._longest / RATE:.2f} s")
        return None


class ToneEar:
    """Listens for a tone of one frequency that lasts."""

    def __init__(self, start: int, begins_by: int, samples: int, hz: float) -> None:
        self._at = start
        self._begins_by = begins_by
        # Its ends fall into blocks that it does not fill.
        self._needed = max(1, samples // BLOCK - 1)
        self._hz = hz
        self._in_a_row = 0
        self._best = 0.0
        self._was_loud = False

    def listen(self, heard: Heard, settled: int) -> Found | Missed | None:
        """Look at what is new up to a place."""
        while self._at + BLOCK <= settled:
            block = heard.between(self._at, self._at + BLOCK)
            share = power_share(block, self._hz) if is_loud(block) else 0.0
            self._was_loud = self._was_loud or is_loud(block)
            self._best = max(self._best, share)
            self._at += BLOCK
            self._in_a_row = self._in_a_row + 1 if share >= PUREST else 0
            if self._in_a_row == self._needed:
                return Found(self._at, f"{self._hz:g} Hz had {share:.0%} of the power")
            if not self._in_a_row and self._at > self._begins_by:
                return Missed(self._instead())
        return None

    def _instead(self) -> str:
        if not self._was_loud:
            return "nothing but silence was heard"
        return f"{self._hz:g} Hz had {self._best:.0%} of the power at most"


class KnownEar:
    """Listens for a sound that is known, by its likeness (normalised correlation); loudness does not count.

    Courses of loudness are compared first, which is cheap; only where they are alike are the sounds themselves laid
    over each other.
    """

    def __init__(self, start: int, begins_by: int, known: "array[int]") -> None:
        self._start = start
        self._begins_by = begins_by
        self._known = known
        self._course = course(known)
        self._power = sum(map(mul, self._course, self._course))
        self._snippet_at = _loudest(known)
        # The course of what was heard, how alike it is from each of its frames on, and where to look closer next.
        self._heard: list[int] = []
        self._alike: list[float] = []
        self._next = 0
        self._best = 0.0

    def listen(self, heard: Heard, settled: int) -> Found | Missed | None:
        """Look at what is new up to a place."""
        while (at := self._start + len(self._heard) * FRAME) + FRAME <= settled:
            self._heard += course(heard.between(at, at + FRAME))
            lag = len(self._heard) - len(self._course)
            if lag < 0:
                continue
            self._alike.append(self._coarse(lag))
            # A place is looked at when all that is around it was heard.
            if (end := self._judge(heard, lag - AROUND)) is not None:
                return Found(end, f"it is the sound, by {self._best:.2f}")
            if self._start + (lag - AROUND) * FRAME > self._begins_by:
                return Missed(self._instead())
        return None

    def _coarse(self, lag: int) -> float:
        part = self._heard[lag : lag + len(self._course)]
        power = self._power * sum(map(mul, part, part))
        return sum(map(mul, part, self._course)) / sqrt(power) if power else 0.0

    def _judge(self, heard: Heard, lag: int) -> int | None:
        """Return where the sound ends if it begins around a frame; what was looked at is not looked at again."""
        if lag < self._next or self._alike[lag] < COARSE:
            return None
        self._next = lag + 2 * AROUND
        begin = self._fine(heard, self._start + lag * FRAME)
        likeness = correlation(heard.between(begin, begin + len(self._known)), self._known)
        self._best = max(self._best, likeness)
        return begin + len(self._known) if likeness >= LIKEST else None

    def _fine(self, heard: Heard, about: int) -> int:
        """Return to the sample where the sound must begin so that its loudest part is most alike."""
        snippet = self._known[self._snippet_at : self._snippet_at + SNIPPET]
        first = max(0, about - AROUND * FRAME)
        at = first + self._snippet_at
        around = heard.between(at, at + 2 * AROUND * FRAME + len(snippet))
        thinned = snippet[::STRIDE]
        lags = range(2 * AROUND * FRAME + 1)
        return first + max(lags, key=lambda lag: sum(map(mul, around[lag : lag + len(snippet) : STRIDE], thinned)))

    def _instead(self) -> str:
        if not any(self._heard):
            return "nothing but silence was heard"
        if not self._best:
            return "what was heard sounds otherwise"
        return f"what was heard is like it by {self._best:.2f} at most, and {LIKEST:.2f} is needed"


def is_loud(samples: Sequence[int]) -> bool:
    """Whether there is sound in it, and not only noise of the line."""
    return max(samples) > LOUD or min(samples) < -LOUD


def course(samples: Sequence[int]) -> list[int]:
    """Return how loud each frame is; a frame of noise of the line is not loud at all."""
    frames = (samples[at : at + FRAME] for at in range(0, len(samples), FRAME))
    return [sum(map(abs, frame)) if is_loud(frame) else 0 for frame in frames]


def loud_part(samples: "array[int]") -> "array[int]":
    """Return a sound without the silence around it; nothing if it is silent."""
    loud = [place for place, sample in enumerate(samples) if abs(sample) > LOUD]
    return samples[loud[0] : loud[-1] + 1] if loud else array("h")


def correlation(heard: Sequence[int], known: Sequence[int]) -> float:
    """Correlate two sounds of one length, -1 to 1."""
    power = sum(map(mul, heard, heard)) * sum(map(mul, known, known))
    return sum(map(mul, heard, known)) / sqrt(power) if power else 0.0


def _loudest(known: "array[int]") -> int:
    """Return where the part begins that has most sound."""
    if len(known) <= SNIPPET:
        return 0
    powers = course(known)
    count = SNIPPET // FRAME
    return FRAME * max(range(len(powers) - count), key=lambda at: sum(powers[at : at + count]), default=0)
