"""Watches what a target does with an input: which exception leaves it, and what it costs."""

from contextlib import suppress
from time import process_time

from fuzz.targets import CORPUS, Target
from torture import messages

GOAL_S = 0.010
"""What no message may cost, on a machine that does nothing else and without instruments in the code."""

LIMIT_S = 0.100
"""What fails: ten times as much, since machines are shared."""


class TooSlow(AssertionError):
    """An input cost too much CPU, and did so again when it was repeated."""


class Watch:
    """Runs one target on one input after the other and remembers the slowest."""

    def __init__(self, target: Target) -> None:
        self.runs = 0
        self.slowest_s = 0.0
        self.slowest = b""
        self._target = target

    def __call__(self, data: bytes) -> None:
        """Run one input. Whatever is not documented leaves; raises `TooSlow` as well."""
        data = data[: self._target.largest]
        self.runs += 1
        spent = self._cost(data)
        if spent > LIMIT_S:
            # Once may be the garbage collector.
            spent = min(self._cost(data) for _ in range(3))
        if spent > self.slowest_s:
            self.slowest_s, self.slowest = spent, data
        if spent > LIMIT_S:
            raise TooSlow(f"{spent * 1e3:.0f} ms of CPU for {len(data)} bytes that begin with {data[:60]!r}")

    def summary(self, name: str, engine: str) -> str:
        """Say what was done, in a line."""
        slowest = f"slowest {self.slowest_s * 1e3:.1f} ms"
        if self.slowest_s > GOAL_S:
            slowest += f" (begins with {self.slowest[:60]!r})"
        return f"{name}: {self.runs:,} inputs with {engine}, {slowest}"

    def _cost(self, data: bytes) -> float:
        began = process_time()
        with suppress(*self._target.documented):
            self._target.read(data)
        return process_time() - began


def seeds(name: str, target: Target) -> list[bytes]:
    """Return the inputs that fuzzing of a target begins with, in the same order everywhere."""
    files = sorted((CORPUS / name).iterdir())
    return [file.read_bytes() for file in files] + (list(messages().values()) if target.is_tortured else [])
