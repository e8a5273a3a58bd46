"""What a dead node leaves behind: its running calls, their dialogs, and when each of them ended.

Nobody saw the end of a lost call. It is taken to be the last moment at which its node was heard,
so that a customer never pays for the time in which nothing worked.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offhook.domain.calls import Call
from offhook.domain.credits import MINUTE_S

CALLER_LEG = 1
"""The caller's leg; callees count from 2."""

LONGEST_DIALOG = 8 * 1024
"""Bytes of one leg's dialog. A longer one is not kept: its leg cannot be hung up for a dead node."""


@dataclass(frozen=True, slots=True)
class LegDialog:
    """An answered leg, and what hangs it up: ASCII JSON that the engine writes and reads."""

    leg: int
    dialog: str = field(repr=False)
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class LostCall:
    """A running call whose node is dead; `seen_at` is when that node was last heard."""

    call: Call
    dialogs: tuple[LegDialog, ...]
    seen_at: datetime


def ended_at(call: Call, seen_at: datetime) -> datetime:
    """Return when a lost call ended: `min(seen_at, held until)`, but never before it began.

    Minutes are held from the answer on. A node beats every few seconds, so it may have been heard
    last before it answered: then the call ended at its answer, and one started minute is charged.
    """
    if call.answered_at is None:
        return max(call.started_at, seen_at)
    held_until = call.answered_at + timedelta(seconds=call.held_minutes * MINUTE_S)
    return max(call.answered_at, min(seen_at, held_until))
