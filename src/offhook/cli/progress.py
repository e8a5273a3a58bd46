"""What long work shows meanwhile: one line on standard error that changes, and only at a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_CLEAR = "\r\x1b[2K"


@contextmanager
def progress(steps: int) -> Iterator[Callable[[str], None]]:
    """Give a function to be told of each of so many steps when it begins; the line is gone in the end."""
    begun = 0
    with _line(sys.stderr.isatty()) as write:

        def step(text: str) -> None:
            nonlocal begun
            begun += 1
            write(f"{begun}/{steps} {text}")

        yield step


@contextmanager
def tally(what: str, *, is_seen: bool = True) -> Iterator[Callable[[int], None]]:
    """Give a function to be told how many more of something are done; the line is gone in the end."""
    done = 0
    with _line(is_seen and sys.stderr.isatty()) as write:

        def add(more: int) -> None:
            nonlocal done
            done += more
            write(f"{done:,} {what}")

        yield add


@contextmanager
def whereabouts() -> Iterator[Callable[[str], None]]:
    """Give a function to be told what is done now, of steps that nobody counts; the line is gone in the end."""
    with _line(sys.stderr.isatty()) as write:
        yield write


@contextmanager
def _line(is_seen: bool) -> Iterator[Callable[[str], None]]:
    def write(text: str) -> None:
        if is_seen:
            print(f"{_CLEAR}{text}", end="", file=sys.stderr, flush=True)

    try:
        yield write
    finally:
        write("")
