"""Which of all that went wrong is the root: what is asked of a timeline, in which order.

1. A call that was refused has no other cause.
2. Else the first failure that changed the way of the call: what failed later failed because of it, or stood in for it.
3. Else what was not heard; else the reason that is on record; else nothing was wrong.
"""

from collections.abc import Sequence
from datetime import datetime

from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.causes.admitting import of_refusal
from offhook.domain.causes.asking import of_question
from offhook.domain.causes.cause import Cause
from offhook.domain.causes.ending import as_wished, going_on, of_break, of_credit, of_reason
from offhook.domain.causes.hearing import of_hearing
from offhook.domain.causes.reaching import of_transfer
from offhook.domain.causes.sounding import of_sound
from offhook.domain.causes.story import Story


def cause(call: Call, events: Sequence[TimelineEvent], freed_at: datetime | None = None) -> Cause:
    """Answer, from its timeline, why a call did not go as wished, or say that it did.

    `freed_at` is when the last subscription of its number had ended, for a call to a number that nobody had.
    """
    if call.ended_at is None:
        return going_on(call)
    story = Story(call, events, freed_at)
    refused = story.first("refused")
    if refused is not None:
        return of_refusal(story, refused)
    found = _first_failure(story) or of_hearing(story)
    if found is not None:
        return found
    return of_reason(story, call.reason) if call.reason else as_wished(story)


def _first_failure(story: Story) -> Cause | None:
    found = (_of(story, at) for at in range(len(story.events)))
    return next((cause for cause in found if cause is not None), None)


def _of(story: Story, at: int) -> Cause | None:
    """Return the cause that the event at a place is, if it is one."""
    match story.events[at].kind:
        case "action-failed":
            return of_question(story, at)
        case "sound-failed":
            return of_sound(story, at)
        case "transfer-failed":
            return of_transfer(story, at)
        case "credit-ended":
            return of_credit(story, at)
        case "broken":
            return of_break(story, at)
        case _:
            return None
