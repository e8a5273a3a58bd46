"""A leg on paper: what another process must know of it to say BYE, or CANCEL while it only rings.

Written when the next hop has our INVITE and at every answer, and kept with the call, so that nobody's
call goes on and nobody's phone rings on because a node died.
"""

import json
from dataclasses import dataclass
from typing import Any

from offhook.engine.sip.dialog import Leg, State
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import parse_via
from offhook.engine.sip.outputs import Destination, Transport
from offhook.engine.sip.transactions import Outgoing
from offhook.engine.sip.uri import parse_uri
from offhook.errors import ProtocolError

CSEQ_LEAP = 100
"""How far the numbers of a leg's requests leap when it changes hands (RFC 3261 section 12.2.1.1).

Its first owner may have sent some that were never written down; a number used twice is refused.
"""

_TEXTS = ("tag", "call_id", "local", "local_address", "remote_address", "remote_tag", "remote_target")


@dataclass(frozen=True, slots=True)
class SentInvite:
    """The INVITE of a leg that rings: its CANCEL goes the same way under the same branch (section 9.1)."""

    outgoing: Outgoing
    branch: str
    destination: Destination


def write_record(leg: Leg) -> str:
    """Write down a leg that rings or is established as JSON."""
    kept: dict[str, object] = {name: getattr(leg, name) for name in _TEXTS}
    kept |= {"route_set": leg.route_set, "local_cseq": leg.local_cseq, "transport": leg.flow.transport}
    if leg.state is State.PROCEEDING and leg.invite is not None and leg.invite.outgoing is not None:
        to = leg.invite.destination
        kept["invite"] = {"via": leg.invite.outgoing.via, "host": to.host, "port": to.port}
    return json.dumps(kept, separators=(",", ":"))


def read_record(text: str) -> tuple[Leg, SentInvite | None]:
    """Return the leg that was written down, and its INVITE if it rang. Raises `ProtocolError` for anything else."""
    try:
        kept = json.loads(text)
        leg = _leg(kept)
        invite = _invite(leg, kept["invite"]) if "invite" in kept else None
        leg.next_hop()
    except (ValueError, KeyError, TypeError):
        raise ProtocolError("not the record of a leg") from None
    except MalformedMessage as error:
        raise ProtocolError(f"not the record of a leg: {error.sentence}") from None
    leg.local_cseq += CSEQ_LEAP
    return leg, invite


def _leg(kept: dict[str, Any]) -> Leg:
    tag, call_id, local, local_address, remote_address, remote_tag, remote_target = (str(kept[n]) for n in _TEXTS)
    # The connection that it had died with its process; what was written before transports were is UDP.
    flow = Destination(local, 0, Transport(kept.get("transport", Transport.UDP)))
    leg = Leg(tag, call_id, State.PROCEEDING if "invite" in kept else State.CONFIRMED, local, flow)
    leg.local_address = local_address
    leg.local_cseq = int(kept["local_cseq"])
    leg.remote_address = remote_address
    leg.remote_tag = remote_tag
    leg.remote_target = remote_target
    leg.route_set = tuple(str(route) for route in kept["route_set"])
    parse_uri(leg.remote_target)
    return leg


def _invite(leg: Leg, sent: dict[str, Any]) -> SentInvite:
    via = str(sent["via"])
    # The message itself is not needed: what has a provisional response is not repeated.
    outgoing = Outgoing(
        "INVITE", leg.remote_target, via, leg.local_address, leg.call_id, leg.local_cseq, (), leg.local, b""
    )
    to = Destination(str(sent["host"]), int(sent["port"]), leg.flow.transport)
    return SentInvite(outgoing, parse_via(via).branch, to)
