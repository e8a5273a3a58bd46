"""CPU of a piece of work inside this process."""

import gc
from collections.abc import Callable
from statistics import median
from time import process_time_ns

ROUNDS = 5


def cpu_us(work: Callable[[int], object], times: int) -> float:
    """Return the CPU microseconds of one `work(n)` for n below `times`: the median of five rounds."""
    work(0)
    return median(_round(work, times) for _ in range(ROUNDS))


def _round(work: Callable[[int], object], times: int) -> float:
    gc.collect()
    began = process_time_ns()
    for number in range(times):
        work(number)
    return (process_time_ns() - began) / times / 1000
