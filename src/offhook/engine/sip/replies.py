"""How a request is answered: which of its headers come back, and where the answer goes.

RFC 3261 sections 8.2.6 and 18.2, RFC 3581 for `rport`. Answers go to the address that the request
came from, never to one that the request names: nobody can be made to send to a third party.
"""

import re
from dataclasses import dataclass

from offhook.engine.sip.headers import Via, parse_via, split_list
from offhook.engine.sip.message import Fields, Headers, write_response
from offhook.engine.sip.outputs import Destination, Transport

DEFAULT_PORT = 5060
DEFAULT_TLS_PORT = 5061

_TAG = re.compile(r";\s*tag\s*=\s*([^\s;,<>\"]+)", re.IGNORECASE)
_STAMPED = re.compile(r";\s*(?:rport|received)\s*(?:=[^;]*)?(?=;|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """The headers that every response to one request repeats, and the way back."""

    via: Via
    destination: Destination
    vias: tuple[str, ...]
    from_: str
    from_tag: str
    to: str
    to_tag: str
    call_id: str
    cseq: str
    record_routes: tuple[str, ...]
    timestamp: str

    def write(self, status: int, tag: str, fields: Fields = (), body: bytes = b"") -> bytes:
        """Write a response; `tag` goes into To unless the request already had one there (section 8.2.6.2)."""
        to = f"{self.to};tag={tag}" if tag and self.to and not self.to_tag else self.to
        head = [("Via", via) for via in self.vias]
        if 100 < status < 300:
            # Only answers that make a dialog tell the way of later requests (section 12.1.1).
            head += [("Record-Route", route) for route in self.record_routes]
        for name, value in (("From", self.from_), ("To", to), ("Call-ID", self.call_id), ("CSeq", self.cseq)):
            # A request that lacks one is malformed, and answered with what it has.
            if value:
                head.append((name, value))
        if status == 100 and self.timestamp:
            # Section 8.2.6.1.
            head.append(("Timestamp", self.timestamp))
        head += fields
        return write_response(status, head, body)


def reply_to(headers: Headers, source: Destination) -> Reply:
    """Prepare the answers to a request from `source`. Raises `MalformedMessage` when its Via forbids any."""
    top, *others = split_list(headers["Via"][0]) or [""]
    via = parse_via(top)
    default = default_port(source.transport)
    # A datagram may claim to come from port 0, where nothing can be sent. What came by a connection is answered there
    # while that lasts, else by a new one to where the peer listens (RFC 3261 section 18.2.2).
    behind_nat = not source.transport.is_reliable and via.has_rport and source.port
    port = behind_nat or via.port or default
    from_, to, call_id, cseq = (_first(headers, name) for name in ("From", "To", "Call-ID", "CSeq"))
    return Reply(
        via=via,
        destination=Destination(source.host, port, source.transport, source.connection),
        vias=(_stamp(top, via, source), *others, *headers["Via"][1:]),
        from_=from_,
        from_tag=tag_of(from_),
        to=to,
        to_tag=tag_of(to),
        call_id=call_id,
        cseq=cseq,
        record_routes=tuple(headers.get("Record-Route", ())),
        timestamp=_first(headers, "Timestamp"),
    )


def default_port(transport: Transport) -> int:
    """Return the port that is meant where none is named (section 19.1.2)."""
    return DEFAULT_TLS_PORT if transport is Transport.TLS else DEFAULT_PORT


def _first(headers: Headers, name: str) -> str:
    values = headers.get(name)
    return values[0] if values else ""


def tag_of(address: str) -> str:
    """Return the tag of a From or To value, or an empty string."""
    found = _TAG.search(address, address.rfind(">") + 1)
    return found[1] if found else ""


def _stamp(top: str, via: Via, source: Destination) -> str:
    """Note on the top Via where the request really came from (RFC 3261 section 18.2.1, RFC 3581 section 4)."""
    if via.has_rport:
        return f"{_STAMPED.sub('', top)};received={source.host};rport={source.port}"
    if via.host.strip("[]") != source.host or via.received is not None:
        return f"{_STAMPED.sub('', top)};received={source.host}"
    return top
