"""The life of one call, drawn as a table.

Read `MOVES` first: it is the whole truth about what a call may do next.
Rule 1: every change of state happens here. Rule 2: nothing here knows SIP.
"""

from enum import StrEnum
from types import MappingProxyType

from offhook.errors import ImpossibleMove


class State(StrEnum):
    """Where a call stands."""

    ARRIVED = "arrived"
    """Nobody knows yet whether it may come in."""
    ASKING = "asking"
    """It rings while an action server is asked."""
    PREPARING = "preparing"
    """It rings while the first sound is made ready."""
    CALLING = "calling"
    """It rings while a callee is called."""
    ACTING = "acting"
    """It is answered and the script runs."""
    CONSULTING = "consulting"
    """It is answered, and an action server is asked what comes next."""
    JOINED = "joined"
    """Caller and callee hear each other."""
    ENDING = "ending"
    """It is over for the caller; the ledger and the timeline are being closed."""
    ENDED = "ended"
    """Everything is recorded."""


class Event(StrEnum):
    """What moves a call."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    CHOSEN = "chosen"
    """A script was chosen and it needs an answer."""
    REJECTED = "rejected"
    """A script was chosen and it begins with `reject` or `hangup`."""
    FAILED = "failed"
    """What should have told us what to do did not; the next in the chain is asked."""
    EXHAUSTED = "exhausted"
    """Nothing in the chain is left."""
    ASKS = "asks"
    """The script leaves it to a URL what comes next."""
    READY = "ready"
    """The first sound and the media are there: the call is answered."""
    DIALS = "dials"
    """The present line calls somebody, and the caller is not answered before the callee answers."""
    UNREACHED = "unreached"
    """The callee was not reached, and a line of the script is left."""
    NOT_CONNECTED = "not-connected"
    """The callee was not reached, and nothing is left: the caller is told the callee's code."""
    CONNECTED = "connected"
    """The callee answered."""
    CALLEE_LEFT = "callee-left"
    FINISHED = "finished"
    """The script, the credit or the time is over."""
    CALLER_LEFT = "caller-left"
    BROKEN = "broken"
    """Something that the call lives on died."""
    RECORDED = "recorded"


_S, _E = State, Event

MOVES: MappingProxyType[tuple[State, Event], State] = MappingProxyType(
    {
        (_S.ARRIVED, _E.ADMITTED): _S.ASKING,
        (_S.ARRIVED, _E.REFUSED): _S.ENDING,
        (_S.ARRIVED, _E.CALLER_LEFT): _S.ENDING,
        (_S.ARRIVED, _E.BROKEN): _S.ENDING,
        (_S.ASKING, _E.FAILED): _S.ASKING,
        (_S.ASKING, _E.CHOSEN): _S.PREPARING,
        (_S.ASKING, _E.REJECTED): _S.ENDING,
        (_S.ASKING, _E.EXHAUSTED): _S.ENDING,
        (_S.ASKING, _E.CALLER_LEFT): _S.ENDING,
        (_S.ASKING, _E.BROKEN): _S.ENDING,
        (_S.PREPARING, _E.FAILED): _S.ASKING,
        # Somebody may put another script in the place of one that was chosen.
        (_S.PREPARING, _E.CHOSEN): _S.PREPARING,
        (_S.PREPARING, _E.READY): _S.ACTING,
        (_S.PREPARING, _E.DIALS): _S.CALLING,
        (_S.PREPARING, _E.ASKS): _S.ASKING,
        # A line behind one that reached nobody may end the call.
        (_S.PREPARING, _E.REJECTED): _S.ENDING,
        (_S.PREPARING, _E.CALLER_LEFT): _S.ENDING,
        (_S.PREPARING, _E.BROKEN): _S.ENDING,
        (_S.CALLING, _E.UNREACHED): _S.PREPARING,
        (_S.CALLING, _E.ASKS): _S.ASKING,
        (_S.CALLING, _E.CHOSEN): _S.PREPARING,
        (_S.CALLING, _E.REJECTED): _S.ENDING,
        (_S.CALLING, _E.NOT_CONNECTED): _S.ENDING,
        (_S.CALLING, _E.CONNECTED): _S.JOINED,
        (_S.CALLING, _E.CALLER_LEFT): _S.ENDING,
        (_S.CALLING, _E.BROKEN): _S.ENDING,
        # Once answered, a failure or the end of credit puts an announcement in the script's place, and somebody
        # who may puts another script there.
        (_S.ACTING, _E.CHOSEN): _S.ACTING,
        (_S.ACTING, _E.CONNECTED): _S.JOINED,
        (_S.ACTING, _E.ASKS): _S.CONSULTING,
        (_S.ACTING, _E.FINISHED): _S.ENDING,
        (_S.ACTING, _E.CALLER_LEFT): _S.ENDING,
        (_S.ACTING, _E.BROKEN): _S.ENDING,
        (_S.CONSULTING, _E.FAILED): _S.CONSULTING,
        (_S.CONSULTING, _E.CHOSEN): _S.ACTING,
        (_S.CONSULTING, _E.FINISHED): _S.ENDING,
        (_S.CONSULTING, _E.CALLER_LEFT): _S.ENDING,
        (_S.CONSULTING, _E.BROKEN): _S.ENDING,
        (_S.JOINED, _E.CHOSEN): _S.ACTING,
        (_S.JOINED, _E.ASKS): _S.CONSULTING,
        (_S.JOINED, _E.CALLEE_LEFT): _S.ENDING,
        (_S.JOINED, _E.FINISHED): _S.ENDING,
        (_S.JOINED, _E.CALLER_LEFT): _S.ENDING,
        (_S.JOINED, _E.BROKEN): _S.ENDING,
        (_S.ENDING, _E.RECORDED): _S.ENDED,
    }
)


ASKING = frozenset({State.ASKING, State.CONSULTING})
"""The states in which an action server is asked."""
ANSWERED = frozenset({State.ACTING, State.CONSULTING, State.JOINED})
"""The states of a caller who was answered and has not ended."""
DIRECTABLE = frozenset({State.ASKING, State.PREPARING, State.CALLING}) | ANSWERED
"""The states in which another script may take the place of the one that runs, or that would have been chosen."""


def move(state: State, event: Event) -> State:
    """Return the next state, or refuse a move that the table does not list."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise ImpossibleMove(state.value, event.value) from None
