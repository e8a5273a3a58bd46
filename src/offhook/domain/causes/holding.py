"""Sides that were on hold when they should have heard, and offers within a call that were declined."""

from offhook.domain.causes.cause import Cause
from offhook.domain.causes.fitting import cure_of_misfit
from offhook.domain.causes.sides import Side
from offhook.domain.causes.story import span

ON_HOLD = "on-hold"
AT_ONCE_MS = 3000
"""Who hangs up so soon after its offer was declined, hangs up because of that."""

_CURE = (
    "Have its side take the call off hold by another INVITE: with its own address, and a=sendrecv. A call that begins"
    " on hold is mostly one whose SDP lacks an address (0.0.0.0)."
)


def of_hold(side: Side) -> Cause | None:
    """Tell of a side that never heard us, or that was put on hold and not taken off before we hung up."""
    agreed = [event for event in side.story.events if event.kind == f"{side.prefix}media"]
    if not agreed or agreed[-1].data.get("on_hold") is not True:
        return None
    heard = [place for place, event in enumerate(agreed) if event.data.get("on_hold") is not True]
    held = agreed[heard[-1] + 1] if heard else agreed[0]
    if not heard:
        sentence = f"{side.subject} heard nothing: its side had the call on hold from its beginning to its end."
        return Cause(ON_HOLD, sentence, _CURE)
    over = side.story.last("hung-up", "ended")
    if over is None or side.has_hung_up:
        return None
    lasted = span((side.story.events[over].at_ms - held.at_ms) / 1000)
    sentence = f"{side.subject} was put on hold by its side and not taken off again: for {lasted} it heard nothing."
    return Cause(ON_HOLD, sentence, _CURE)


def of_refused_media(side: Side) -> Cause | None:
    """Tell of a side that hung up because other media were declined that it wanted within the call."""
    refused, over = side.last("media-refused"), side.story.last("hung-up")
    if refused is None or over is None or not side.has_hung_up:
        return None
    event = side.story.events[refused]
    if side.story.events[over].at_ms - event.at_ms > AT_ONCE_MS:
        return None
    unfit = side.story.whole(refused, "unfit") or "offered other media"
    sentence = f"{side.subject} hung up when an offer within the call was declined (488): its side {unfit}."
    return Cause("no-common-codec", sentence, cure_of_misfit(side.story.told(refused, "misfit"), side.story.call.trunk))
