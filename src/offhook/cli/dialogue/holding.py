"""`hold` and `resume`: the same sound is offered again, in another direction (RFC 3264 section 8.4)."""

from offhook.cli.dialogue.parties import Party, Unmet
from offhook.cli.dialogue.patience import Patience
from offhook.cli.sip_words import words_of
from offhook.engine.media.sdp import Direction
from offhook.language.dialogue import Hold, Resume

TAKEN = 200
ANSWERED_WITHIN_S = 33.0
"""As long as SIP repeats a request (RFC 3261 section 17.1.1.2), and a little more."""


async def offer_anew(statement: Hold | Resume, party: Party, patience: Patience) -> str:
    """Make the offer, and return in words what holds once the other side has taken it. Raises Unmet."""
    if party.ended.is_set():
        raise Unmet(patience.ending())
    if not party.media.has_started:
        raise Unmet("nobody has answered yet")

    def look() -> str | None:
        status = party.reoffer_status
        if status not in (None, TAKEN):
            raise Unmet(f"the other side does not take it: {status}: {words_of(status)}")
        return None if status is None else _WORDS[direction]

    direction = _direction_of(statement)
    party.reoffer(direction)
    return await patience.until(look, ANSWERED_WITHIN_S, "the other side does not say whether it takes it")


def _direction_of(statement: Hold | Resume) -> Direction:
    match statement:
        case Hold(is_inactive=True):
            return Direction.INACTIVE
        case Hold():
            return Direction.SENDONLY
        case Resume():
            return Direction.SENDRECV


_WORDS = {
    Direction.INACTIVE: "nobody sends",
    Direction.SENDONLY: "the other side only listens",
    Direction.SENDRECV: "both talk again",
}
