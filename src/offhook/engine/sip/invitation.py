"""A call that we wish to make."""

from dataclasses import dataclass

from offhook.engine.sip.authenticator import Authenticator
from offhook.engine.sip.message import Fields
from offhook.engine.sip.outputs import Destination

MOST_FORWARDS = 70
"""RFC 3261 section 8.1.1.6."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A call to make: whom, from whom, and with which media. Addresses are written as header values."""

    uri: str
    from_: str
    to: str
    sdp: bytes
    destination: Destination
    local: str
    fields: Fields = ()
    authenticator: Authenticator | None = None
    """Who we are to whoever challenges the call; kept for all calls that go there."""
    forwards: int = MOST_FORWARDS
    stays_with_transport: bool = False
    """Whether it must go by the destination's transport even where it is too large for a datagram."""
