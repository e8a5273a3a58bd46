"""A leg on paper: what another process must know of a dialog to say BYE in it.

Written at the answer and kept with the call, so that nobody's call goes on because a node died.
"""

import json

from offhook.engine.sip.dialog import Leg, State
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.uri import parse_uri
from offhook.errors import ProtocolError

CSEQ_LEAP = 100
"""How far the numbers of a leg's requests leap when it changes hands (RFC 3261 section 12.2.1.1).

Its first owner may have sent some that were never written down; a number used twice is refused.
"""

_TEXTS = ("tag", "call_id", "local", "local_address", "remote_address", "remote_tag", "remote_target")


def write_record(leg: Leg) -> str:
    """Write down an established leg as JSON."""
    texts = {name: getattr(leg, name) for name in _TEXTS}
    return json.dumps(texts | {"route_set": leg.route_set, "local_cseq": leg.local_cseq}, separators=(",", ":"))


def read_record(text: str) -> Leg:
    """Return the leg that was written down, established. Raises `ProtocolError` for anything else."""
    try:
        kept = json.loads(text)
        tag, call_id, local, local_address, remote_address, remote_tag, remote_target = (str(kept[n]) for n in _TEXTS)
        routes = tuple(str(route) for route in kept["route_set"])
        cseq = int(kept["local_cseq"])
    except (ValueError, KeyError, TypeError):
        raise ProtocolError("not the record of a leg") from None
    leg = Leg(tag, call_id, State.CONFIRMED, local)
    leg.local_address = local_address
    leg.local_cseq = cseq + CSEQ_LEAP
    leg.remote_address = remote_address
    leg.remote_tag = remote_tag
    leg.remote_target = remote_target
    leg.route_set = routes
    try:
        parse_uri(leg.remote_target)
        leg.next_hop()
    except MalformedMessage as error:
        raise ProtocolError(f"not the record of a leg: {error.sentence}") from None
    return leg
