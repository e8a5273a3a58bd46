"""The legs of a running call as they are on record: what each holds, and what hangs it up.

The caller's leg is 1, and the call's own row holds its minutes. Callees have 2 and more, and each
holds its own minutes from before it rings.
"""

from dataclasses import dataclass, field
from datetime import datetime

from offhook.domain.calls import LegUse
from offhook.domain.credits import started_minutes

CALLER_LEG = 1


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg. `callee` is E.164 digits, None for the caller's; `minute_cost` is in micro-credits.

    A callee's leg that holds no minute has given its hold back. `dialog` is ASCII JSON that the engine
    writes and reads: it cancels the leg while that rings and hangs it up later; None if there is none to keep.
    """

    leg: int
    callee: str | None
    held_minutes: int
    minute_cost: int
    answered_at: datetime | None
    dialog: str | None = field(repr=False)


def used_minutes(leg: Leg, use: LegUse | None, ended_at: datetime) -> int:
    """Count the minutes that a callee's leg used, as its `use` tells.

    Without one, an answered leg was up until `ended_at`, but no longer than was held for it: nobody
    saw its end, and a customer does not pay for that.
    """
    if use is not None:
        return started_minutes(use.seconds)
    if leg.answered_at is None:
        return 0
    return min(started_minutes((ended_at - leg.answered_at).total_seconds()), leg.held_minutes)
