"""CPU of two running processes in turns: one runs while the other one is stopped, again and again.

What a core gives changes from second to second on a shared machine, by more than what is to be told apart. Two
figures of the same second may be compared, and the middle one of several such ratios is steady.
"""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import monotonic, sleep

from bench.rig.processes import cpu_s

ROUNDS = 7
LOOK_S = 0.5
SETTLE_S = 0.3
"""After it was stopped, a process catches up; this is not looked at."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Parts of a core that `one` and `other` used, and how many times `other` used what `one` did."""

    one: float
    other: float
    ratio: float


def in_turns(one: int, other: int, *, feeds_one: Iterable[int] = (), feeds_other: Iterable[int] = ()) -> Pair:
    """Compare two processes that run now; those that feed one of them stand still with it."""
    looks: list[tuple[float, float]] = []
    for _ in range(ROUNDS):
        with stopped(*feeds_other, other):
            first = _look(one)
        with stopped(*feeds_one, one):
            looks.append((first, _look(other)))
    return Pair(
        median(first for first, _ in looks),
        median(second for _, second in looks),
        median(second / first for first, second in looks),
    )


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Let processes stand still."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in reversed(pids):
            os.kill(pid, signal.SIGCONT)


def _look(pid: int) -> float:
    sleep(SETTLE_S)
    began, used_s = monotonic(), cpu_s(pid)
    sleep(LOOK_S)
    return (cpu_s(pid) - used_s) / (monotonic() - began)
