"""How many minutes of a call its caller's leg is charged, by the operator's terms."""

from offhook.domain.calls import Call, Ending, Reason, Status
from offhook.domain.credits import started_minutes
from offhook.domain.terms import Terms

OUR_FAULTS = frozenset(
    {
        Reason.DATABASE_AWAY,
        Reason.DEFECT,
        Reason.DRAINING,
        Reason.NODE_LOST,
        Reason.NO_COMMON_CODEC,
        Reason.OVERLOAD,
        Reason.WORKER_DIED,
    }
)
"""Nobody pays for a call that came to nothing for one of these."""


def callers_minutes(call: Call, ending: Ending, terms: Terms) -> int:
    """Count the minutes of the caller's leg of a call that ends.

    An answered call is charged from where its minutes began to count. One that was not answered costs
    what the terms say, but nothing if it was rejected or failed for a fault of ours.
    """
    if ending.answered_at is not None:
        if call.charged_from is None:
            return started_minutes(ending.seconds)
        return started_minutes((ending.ended_at - call.charged_from).total_seconds())
    is_free = ending.status in (Status.REJECTED, Status.REFUSED) or ending.reason in OUR_FAULTS
    return 0 if is_free else min(terms.unanswered_minutes, call.held_minutes)
