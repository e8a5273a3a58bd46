"""What long work shows meanwhile: one line on standard error that changes, and only at a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_CLEAR = "\r\x1b[2K"


@contextmanager
def progress(steps: int) -> Iterator[Callable[[str], None]]:
    """Give a function to be told of each of so many steps when it begins; the line is gone in the end."""
    begun = 0
    is_seen = sys.stderr.isatty()

    def step(text: str) -> None:
        nonlocal begun
        begun += 1
        if is_seen:
            print(f"{_CLEAR}{begun}/{steps} {text}", end="", file=sys.stderr, flush=True)

    try:
        yield step
    finally:
        if is_seen:
            print(_CLEAR, end="", file=sys.stderr, flush=True)
