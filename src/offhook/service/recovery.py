"""Recovery: find the calls of dead nodes, and end each of them exactly once.

A call is lost from the moment at which its node is declared dead, by its successor (`nodes.begin`)
or by any other node (`lost`). That moment writes the node's last sign on each of its calls, so
what a call costs stays the same however often recovery itself dies and begins again.
"""

from datetime import datetime, timedelta

from offhook.domain.calls import Ending, Reason, Status, TimelineEvent
from offhook.domain.errors import CallNotFound
from offhook.domain.recovery import LostCall, dialogs_of, ended_at, uses_of
from offhook.service import desk
from offhook.service.nodes import DEAD_AFTER_S
from offhook.service.ports import Work


def lost(work: Work, *, node: str, now: datetime) -> list[LostCall]:
    """Declare dead every other node that went silent, and return all lost calls not yet settled.

    A node declared dead is fenced: should it wake, it finds its epoch taken. `node` is who asks and
    is never declared dead by itself. A node that has calls but was never heard at all (they are older
    than heartbeats) counts as last heard when each was answered: that is one started minute.
    """
    silent = work.nodes.silent(now - timedelta(seconds=DEAD_AFTER_S), besides=node)
    for name, seen_at in silent:
        if seen_at is None or work.nodes.fence(name, seen_at):
            work.calls.lose(name, seen_at)
    return [LostCall(call, dialogs_of(work.legs.of(call.call_id)), seen_at) for call, seen_at in work.calls.lost()]


def settle_lost(work: Work, *, call_id: str, now: datetime, node: str) -> bool:
    """End a lost call as failed (`node-lost`) and settle all its legs; False if it has ended, or is not lost.

    Safe to run on every node at once: the first one ends the call. `node` is who does it, and stands
    in the timeline; the call keeps the name of the node that carried it. Raises CallNotFound.
    """
    call = work.calls.lock(call_id)
    if call is None:
        raise CallNotFound(call_id)
    seen_at = work.calls.lost_at(call_id)
    if seen_at is None:
        return False
    end = ended_at(call, seen_at)
    seconds = (end - call.answered_at).total_seconds() if call.answered_at else 0.0
    callees = uses_of(work.legs.of(call_id), seen_at)
    ending = Ending(call_id, Status.FAILED, Reason.NODE_LOST.value, end, call.answered_at, seconds, callees)
    said = TimelineEvent(
        at_ms=(end - call.started_at).total_seconds() * 1000,
        kind="ended",
        text=f"the node died and was last heard at this moment; {node} settled the call",
        code=Reason.NODE_LOST.value,
        data={"node": call.node, "seen_at": seen_at.isoformat(), "settled_at": now.isoformat(), "settled_by": node},
    )
    desk.close(work, ending, [said], call.node, now=now)
    return True
