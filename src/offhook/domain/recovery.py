"""What a dead node leaves behind: its running calls, their dialogs, and when each of them ended.

Nobody saw the end of a lost call. It is taken to be the last moment at which its node was heard,
so that a customer never pays for the time in which nothing worked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from offhook.domain.calls import Call, LegUse
from offhook.domain.credits import MINUTE_S
from offhook.domain.legs import CALLER_LEG, Leg

LONGEST_DIALOG = 8 * 1024
"""Bytes of one leg's dialog. A longer one is not kept: its leg cannot be hung up for a dead node."""


@dataclass(frozen=True, slots=True)
class LegDialog:
    """A leg that is up or rings, and what ends it: ASCII JSON that the engine writes and reads."""

    leg: int
    dialog: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LostCall:
    """A running call whose node is dead; `seen_at` is when that node was last heard."""

    call: Call
    dialogs: tuple[LegDialog, ...]
    seen_at: datetime


def ended_at(call: Call, seen_at: datetime) -> datetime:
    """Return when a lost call ended: `min(seen_at, held until)`, but never before it began.

    Minutes are held from the answer on, or from `charged_from`. A node beats every few seconds, so it may
    have been heard last before it answered: then the call ended at its answer, and one started minute is
    charged.
    """
    if call.answered_at is None:
        return max(call.started_at, seen_at)
    begun_at = call.charged_from or call.answered_at
    held_until = begun_at + timedelta(seconds=_up_s(begun_at, call.held_minutes, seen_at))
    return max(call.answered_at, held_until)


def dialogs_of(legs: Iterable[Leg]) -> tuple[LegDialog, ...]:
    """Return what ends the legs of a lost call: those that were answered, and a callee's that rings."""
    return tuple(
        LegDialog(leg.leg, leg.dialog)
        for leg in legs
        # A callee that was given up has been canceled by its own node.
        if leg.dialog is not None and (leg.answered_at is not None or leg.held_minutes)
    )


def uses_of(legs: Iterable[Leg], seen_at: datetime) -> tuple[LegUse, ...]:
    """Return how long each answered callee of a lost call was up, by the rule of `ended_at` for its own leg."""
    return tuple(
        LegUse(leg.leg, leg.answered_at, _up_s(leg.answered_at, leg.held_minutes, seen_at))
        for leg in legs
        if leg.leg != CALLER_LEG and leg.answered_at is not None
    )


def _up_s(answered_at: datetime, held_minutes: int, seen_at: datetime) -> float:
    return max(0.0, min((seen_at - answered_at).total_seconds(), held_minutes * MINUTE_S))
