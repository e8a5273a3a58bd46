"""Session timers (RFC 4028): a call that nobody refreshes in the time agreed on is over, so that none goes on for ever.

Who calls is asked to refresh where it can; we refresh where it cannot, or wants us to.
"""

import re
from dataclasses import dataclass

from offhook.engine.sip.dialog import USUAL_SESSION_S, Leg, Session
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Message

TIMER = "timer"
SHORTEST_S = 90
"""RFC 4028 section 5: less would be refused by others too."""
LONGEST_S = 86_400
INTERVAL_TOO_SMALL = 422
REQUEST_PENDING = 491

_EXPIRES = re.compile(r"([0-9]{1,9})[ \t]*(?:;(.*))?", re.DOTALL)
_REFRESHER = re.compile(r"(?:^|;)[ \t]*refresher[ \t]*=[ \t]*(uac|uas)[ \t]*(?=;|$)", re.IGNORECASE)

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a message says of session timers. `refresher` is `uac`, `uas` or empty."""

    seconds: int | None = None
    refresher: str = ""
    shortest: int = SHORTEST_S
    knows_timers: bool = False


NOTHING = Asked()


def asked(message: Message) -> Asked:
    """Read what a request or response says of session timers. Raises `MalformedMessage`."""
    expires, shortest = message.first("Session-Expires"), message.first("Min-SE")
    knows = any(word.lower() == TIMER for name in ("Supported", "Require") for word in message.values(name))
    if not expires and not shortest:
        return Asked(knows_timers=knows)
    least = _seconds(shortest)[0] if shortest else SHORTEST_S
    if not expires:
        return Asked(shortest=max(least, SHORTEST_S), knows_timers=knows)
    seconds, refresher = _seconds(expires)
    return Asked(seconds, refresher, max(least, SHORTEST_S), knows)


def takes_update(message: Message) -> bool:
    """Tell whether the peer says that it takes UPDATE (RFC 3311 section 4)."""
    return "UPDATE" in message.values("Allow")


def is_too_short(wish: Asked) -> bool:
    """Tell whether a request wants to be refreshed more often than we like (section 9)."""
    return wish.seconds is not None and wish.seconds < SHORTEST_S


def agree(leg: Leg, wish: Asked) -> Fields:
    """Settle the timer with whoever asked something of us; return the headers of our 2xx (section 9)."""
    leg.session = _settled(wish)
    if leg.session is None:
        return []
    refresher = "uas" if leg.session.is_ours else "uac"
    fields = [("Session-Expires", f"{leg.session.seconds};refresher={refresher}")]
    # It must refresh, and so must have understood (section 9).
    return fields if leg.session.is_ours else [*fields, ("Require", TIMER)]


def accept(leg: Leg, answer: Asked) -> None:
    """Take what the peer's 2xx to a request of ours says (section 7.2)."""
    if answer.seconds is None:
        leg.session = None
    else:
        leg.session = Session(_bounded(answer.seconds), is_ours=answer.refresher != "uas")


def wish_of(leg: Leg) -> Fields:
    """Return the headers of a request of ours that makes or refreshes a session (section 7.1)."""
    session, least = leg.session, leg.least_session_s
    expires = str(leg.session_s) if session is None else f"{session.seconds};refresher=uac"
    fields = [("Session-Expires", expires)]
    return [*fields, ("Min-SE", str(least))] if least > SHORTEST_S else fields


def _settled(wish: Asked) -> Session | None:
    if wish.seconds is None:
        # Nobody asked for it; but who knows timers can keep them.
        return Session(USUAL_SESSION_S, is_ours=False) if wish.knows_timers else None
    if not wish.knows_timers:
        # A proxy on the way asked, and only we can refresh.
        return Session(_bounded(wish.seconds), is_ours=True)
    return Session(_bounded(wish.seconds), is_ours=wish.refresher == "uas")


def _bounded(seconds: int) -> int:
    return max(SHORTEST_S, min(seconds, LONGEST_S))


def _seconds(value: str) -> tuple[int, str]:
    match = _EXPIRES.fullmatch(value)
    if match is None:
        raise MalformedMessage("a session interval is not a number of seconds")
    refresher = _REFRESHER.search(match[2] or "")
    return int(match[1]), refresher[1].lower() if refresher else ""
