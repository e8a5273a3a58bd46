"""Waiting within a call: until something is so, for a time, or until the call is over or somebody interrupts it."""

import asyncio
from collections.abc import Callable
from time import monotonic

from offhook.cli.dialogue.parties import Party, Unmet

LOOK_S = 0.02
"""How often we look whether something has happened."""


class Patience:
    """Of one call; `stop` is set to interrupt it."""

    def __init__(self, party: Party, stop: asyncio.Event) -> None:
        self._party = party
        self._stop = stop

    async def until(self, look: Callable[[], str | None], within_s: float, late: str) -> str:
        """Return what `look` returns once it returns words; Unmet with `late` if it never does, or the call is over."""
        deadline = monotonic() + within_s
        while True:
            # Looked at first, so that the last news count even when the call is over.
            is_over, is_late = self._party.ended.is_set(), monotonic() >= deadline
            if (words := look()) is not None:
                return words
            if is_over:
                raise Unmet(self.ending())
            if is_late:
                raise Unmet(late)
            await self.look_again()

    async def wait(self, seconds: float) -> None:
        """Let time pass, unless the call is over meanwhile."""
        until = monotonic() + seconds
        while not self._party.ended.is_set() and (left := until - monotonic()) > 0:
            await self.look_again(left)

    async def look_again(self, at_most_s: float = LOOK_S) -> None:
        """Let a moment pass before the next look. Raises Unmet when it was interrupted."""
        if self._stop.is_set():
            raise Unmet("it was interrupted")
        await asyncio.sleep(min(LOOK_S, at_most_s))

    def ending(self) -> str:
        """Say how a call that is over has ended."""
        return f"the call is over: {self._party.happenings[-1].text}"
