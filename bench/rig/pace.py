"""Four wake-ups of 5 ms in every 20 ms: how a media worker is paced, and so is everything beside it."""

from collections.abc import Iterator
from time import monotonic, sleep

SLOTS = 4
SLOT_S = 0.005
RESYNC_S = 0.2
"""So far behind, a media worker skips the lost time."""


def slots() -> Iterator[int]:
    """Yield 0, 1, 2, 3, 0, ... for ever, each when its time has come."""
    due = monotonic()
    turn = 0
    while True:
        yield turn
        turn = (turn + 1) % SLOTS
        due += SLOT_S
        wait = due - monotonic()
        if wait > 0:
            sleep(wait)
        elif wait < -RESYNC_S:
            due = monotonic()
