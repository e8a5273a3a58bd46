"""Calls in which everybody was heard, but badly: packets were lost on the way, or came in fits."""

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.sides import Side

POOR = "sound-poor"
LOST_PERCENT = 5.0
"""Of packets: from there on words are missing, whatever a phone does about it (ITU-T G.113, appendix I)."""
JITTER_MS = 200.0
"""More than the buffers of any usual phone make good; less may come of a busy machine, and is often not heard."""
FEWEST_PACKETS = 100
"""Two seconds: of fewer packets a share says little."""

_CURE = (
    "Look at the network on the way, mostly a full line or bad radio: `offhook calls show ID` has loss, jitter and gaps"
    " of each direction."
)


def of_poor_sound(side: Side) -> Cause | None:
    """Tell of a side that was heard badly, or heard badly itself."""
    lost, jitter = side.figure("received", "lost_percent"), side.figure("received", "jitter_ms")
    if side.packets("received") >= FEWEST_PACKETS:
        if lost is not None and lost >= LOST_PERCENT:
            return Cause(
                POOR, f"{side.subject} was heard badly: {lost:.0f} % of its packets were lost on the way.", _CURE
            )
        if jitter is not None and jitter >= JITTER_MS:
            return Cause(
                POOR, f"{side.subject} was heard badly: its packets came in fits ({jitter:.0f} ms jitter).", _CURE
            )
    missed = side.figure("sent", "lost_percent")
    if side.packets("sent") >= FEWEST_PACKETS and missed is not None and missed >= LOST_PERCENT:
        sentence = f"{side.subject} heard us badly: it reports that {missed:.0f} % of our packets were lost on the way."
        return Cause(POOR, sentence, _CURE)
    return None
