"""One leg: the dialog between us and one peer, and what it may do next.

Read `MOVES` first: it is the whole truth about a leg's life, whoever called whom.
A leg is named by our own tag, which is unguessable and the same for its whole life.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from ipaddress import IPv6Address
from math import inf
from types import MappingProxyType

from offhook.engine.sip.authenticator import Attempt, Authenticator
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.headers import parse_address
from offhook.engine.sip.invitation import Invitation
from offhook.engine.sip.keys import Press
from offhook.engine.sip.message import Fields, Request, Response, write_request
from offhook.engine.sip.outputs import Destination, Send, Transport
from offhook.engine.sip.replies import Reply, default_port, tag_of
from offhook.engine.sip.transactions import Outgoing, Transaction
from offhook.engine.sip.uri import HOST, Uri, parse_uri
from offhook.errors import ImpossibleMove

USUAL_SESSION_S = 1800
"""RFC 4028 section 4."""
FORKS_LIMIT = 16
"""Dialogs that one INVITE of ours may make."""

_HOST = re.compile(HOST, re.ASCII)
_TRANSPORTS = frozenset(Transport)


class State(Enum):
    """Where a leg stands. Some names say what we wait for."""

    INCOMING = auto()
    ANSWERED = auto()
    CALLING = auto()
    PROCEEDING = auto()
    GIVING_UP = auto()
    CANCELING = auto()
    CONFIRMED = auto()
    HANGING_UP = auto()
    ENDING = auto()
    ENDED = auto()


class Event(Enum):
    """What moves a leg: our own wish (WE_...) or the peer's word (PEER_...)."""

    WE_ANSWER = auto()
    WE_REFUSE = auto()
    WE_HANG_UP = auto()
    PEER_ACKNOWLEDGES = auto()
    PEER_CANCELS = auto()
    PEER_PROGRESSES = auto()
    PEER_ANSWERS = auto()
    PEER_DECLINES = auto()
    PEER_HANGS_UP = auto()
    PEER_IS_LOST = auto()
    BYE_IS_OVER = auto()


_S, _E = State, Event

MOVES: MappingProxyType[tuple[State, Event], State] = MappingProxyType(
    {
        # A call that comes in.
        (_S.INCOMING, _E.WE_ANSWER): _S.ANSWERED,
        (_S.INCOMING, _E.WE_REFUSE): _S.ENDED,
        (_S.INCOMING, _E.PEER_CANCELS): _S.ENDED,
        (_S.INCOMING, _E.PEER_HANGS_UP): _S.ENDED,
        (_S.ANSWERED, _E.PEER_ACKNOWLEDGES): _S.CONFIRMED,
        # We may not say BYE before the ACK (section 15), so the wish waits for it.
        (_S.ANSWERED, _E.WE_HANG_UP): _S.HANGING_UP,
        (_S.ANSWERED, _E.PEER_HANGS_UP): _S.ENDED,
        (_S.ANSWERED, _E.PEER_IS_LOST): _S.ENDING,
        (_S.HANGING_UP, _E.PEER_ACKNOWLEDGES): _S.ENDING,
        (_S.HANGING_UP, _E.PEER_HANGS_UP): _S.ENDED,
        (_S.HANGING_UP, _E.PEER_IS_LOST): _S.ENDING,
        # A call that goes out.
        (_S.CALLING, _E.PEER_PROGRESSES): _S.PROCEEDING,
        (_S.CALLING, _E.PEER_ANSWERS): _S.CONFIRMED,
        (_S.CALLING, _E.PEER_DECLINES): _S.ENDED,
        # CANCEL may not be sent before a provisional response (section 9.1).
        (_S.CALLING, _E.WE_HANG_UP): _S.GIVING_UP,
        (_S.GIVING_UP, _E.PEER_PROGRESSES): _S.CANCELING,
        (_S.GIVING_UP, _E.PEER_ANSWERS): _S.ENDING,
        (_S.GIVING_UP, _E.PEER_DECLINES): _S.ENDED,
        (_S.PROCEEDING, _E.PEER_PROGRESSES): _S.PROCEEDING,
        (_S.PROCEEDING, _E.PEER_ANSWERS): _S.CONFIRMED,
        (_S.PROCEEDING, _E.PEER_DECLINES): _S.ENDED,
        (_S.PROCEEDING, _E.WE_HANG_UP): _S.CANCELING,
        (_S.CANCELING, _E.PEER_PROGRESSES): _S.CANCELING,
        (_S.CANCELING, _E.PEER_ANSWERS): _S.ENDING,
        (_S.CANCELING, _E.PEER_DECLINES): _S.ENDED,
        # Both.
        (_S.CONFIRMED, _E.WE_HANG_UP): _S.ENDING,
        (_S.CONFIRMED, _E.PEER_HANGS_UP): _S.ENDED,
        (_S.CONFIRMED, _E.PEER_IS_LOST): _S.ENDING,
        (_S.ENDING, _E.PEER_HANGS_UP): _S.ENDED,
        (_S.ENDING, _E.BYE_IS_OVER): _S.ENDED,
    }
)


@dataclass(frozen=True, slots=True)
class Session:
    """A session timer that was agreed on (RFC 4028), and whether we are the one to refresh."""

    seconds: int
    is_ours: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """An INVITE, UPDATE or PRACK of the peer's that waits for our final response."""

    transaction: Transaction
    reply: Reply
    request: Request

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def cseq(self) -> int:
        return self.request.cseq


@dataclass(slots=True)
class Promise:
    """What of our provisional responses to an INVITE has not arrived for certain; `rseq` numbers the last one."""

    cseq: int
    is_required: bool
    rseq: int
    unacknowledged: Send | None = None
    has_description: bool = False
    is_described: bool = False
    interval: float = 0.0
    until: float = 0.0
    waiting: deque[tuple[int, bytes]] = field(default_factory=deque)
    answer: bytes | None = None

    @property
    def holds_answer(self) -> bool:
        """Whether a 200 must wait: a description is under way and not acknowledged (RFC 3262 section 3)."""
        return self.unacknowledged is not None and self.has_description and not self.is_described


@dataclass(slots=True)
class Early:
    """A dialog that a reliable provisional response made before the answer; `rseq` is the last that was heard of it.

    `dialog` is a leg by the name of the one that it may become, `sdp` the answer to our offer, as soon as it is given.
    """

    dialog: "Leg"
    rseq: int
    prack: Fields = ()
    sdp: bytes = b""


class Leg:
    """What both ends know of their dialog (section 12), and what of it is still open."""

    __slots__ = (
        "allows_update",
        "answer",
        "answer_cseq",
        "answer_interval",
        "answer_until",
        "asked",
        "attempt",
        "authenticator",
        "call_id",
        "early",
        "flow",
        "invite",
        "is_too_large",
        "least_session_s",
        "local",
        "local_address",
        "local_cseq",
        "offer",
        "pending",
        "promise",
        "referral",
        "refresh",
        "remote_address",
        "remote_cseq",
        "remote_tag",
        "remote_target",
        "reoffer",
        "route_set",
        "said",
        "session",
        "session_s",
        "session_until",
        "state",
        "stays_at_source",
        "tag",
        "telling",
        "telling_attempt",
        "untold",
        "wish",
    )

    def __init__(self, tag: str, call_id: str, state: State, local: str, flow: Destination) -> None:
        self.tag = tag
        self.call_id = call_id
        self.state = state
        self.local = local
        # How the peer's first message came, or ours went: its transport, and its connection while that lasts.
        self.flow = flow
        # Whether the peer is asked there and not at its Contact, which may lie behind a NAT.
        self.stays_at_source = False
        self.local_address = ""
        self.local_cseq = 0
        self.remote_address = ""
        self.remote_tag = ""
        self.remote_cseq = -1
        self.remote_target = ""
        self.route_set: tuple[str, ...] = ()
        # The INVITE that made a leg which goes out.
        self.invite: Transaction | None = None
        # What it was made of, and whether it goes by TCP for being too large for a datagram.
        self.wish: Invitation | None = None
        self.is_too_large = False
        # Who we are to its peer, and what the request under way proves of that.
        self.authenticator: Authenticator | None = None
        self.attempt: Attempt | None = None
        # Our last request inside the dialog.
        self.asked: Transaction | None = None
        # What the peer asked: the INVITE that made a leg which came in, later a re-INVITE.
        self.pending: Pending | None = None
        # An offer in an UPDATE or PRACK, which an INVITE may outlast.
        self.offer: Pending | None = None
        # A REFER that waits for our word.
        self.referral: Pending | None = None
        # Of a leg that comes in: what of our provisional responses has to arrive for certain.
        self.promise: Promise | None = None
        # Of a leg that goes out: the dialogs that reliable provisional responses made, by the peer's tag.
        self.early: dict[str, Early] = {}
        # Our 2xx, repeated by us until its ACK arrives (section 13.3.1.4).
        self.answer: Send | None = None
        self.answer_cseq = -1
        self.answer_interval = 0.0
        self.answer_until = 0.0
        # Keys that the peer is to hear of; the first is what our present INFO tells, and that proves who we are.
        self.untold: deque[Press] = deque()
        self.telling: Transaction | None = None
        self.telling_attempt: Attempt | None = None
        # The session timer, when it is up, and our request that refreshes it; what we described last.
        self.session: Session | None = None
        self.session_until = inf
        self.refresh: Transaction | None = None
        self.session_s = USUAL_SESSION_S
        self.least_session_s = 0
        self.allows_update = False
        self.said = b""
        # What we offer anew, until the peer has taken it or not.
        self.reoffer: bytes | None = None

    def may(self, event: Event) -> bool:
        """Tell whether the leg's state knows this event."""
        return (self.state, event) in MOVES

    def move(self, event: Event) -> State:
        """Go to the next state; raises `ImpossibleMove` for a move that the table does not list."""
        try:
            self.state = MOVES[self.state, event]
        except KeyError:
            raise ImpossibleMove(self.state.name, event.name) from None
        return self.state

    def next_hop(self) -> Destination:
        """Return where requests inside the dialog go (section 12.2.1.1): by the connection that is there, if one is."""
        if self.stays_at_source and not self.route_set:
            return self.flow
        uri = parse_address(self.route_set[0]).uri if self.route_set else parse_uri(self.remote_target)
        named = destination_of(uri, self.flow.transport)
        return replace(named, connection=self.flow.connection) if named.transport is self.flow.transport else named

    @property
    def request_uri(self) -> str:
        """The Request-URI of requests inside the dialog."""
        return self._way()[0]

    def write(self, method: str, via: str, cseq: int, fields: Fields = (), body: bytes = b"") -> Outgoing:
        """Write a request inside the dialog."""
        uri, routes = self._way()
        head = [("Via", via), ("Max-Forwards", "70")]
        head += [("Route", route) for route in routes]
        head += [
            ("From", self.local_address),
            ("To", self.remote_address),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
        ]
        head += fields
        data = write_request(method, uri, head, body)
        return Outgoing(method, uri, via, self.local_address, self.call_id, cseq, routes, self.local, data)

    def _way(self) -> tuple[str, tuple[str, ...]]:
        if not self.route_set:
            return self.remote_target, ()
        first = parse_address(self.route_set[0])
        if first.uri.parameter("lr") is not None:
            return self.remote_target, self.route_set
        # A strict router of RFC 2543 wants itself as Request-URI and the target as last route.
        return str(first.uri), (*self.route_set[1:], f"<{self.remote_target}>")


def establish(leg: Leg, response: Response) -> None:
    """Make the dialog that a response to our INVITE describes (section 12.1.2). Raises `MalformedMessage`."""
    target = target_of(response.values("Contact"))
    if target is None:
        raise MalformedMessage("the answer has no Contact")
    # The calling end has the routes the other way round.
    leg.route_set = route_set_of(response.values("Record-Route")[::-1])
    leg.remote_tag = tag_of(response.first("To"))
    leg.remote_address = response.first("To")
    leg.remote_target = target


def destination_of(uri: Uri, otherwise: Transport = Transport.UDP) -> Destination:
    """Return the host, port and transport that a SIP URI names; it may leave the transport to us.

    Raises `MalformedMessage` when it names no host.
    """
    host = uri.parameter("maddr") or uri.host
    if not _HOST.fullmatch(host):
        raise MalformedMessage("a URI names no host that can be sent to")
    if host.startswith("["):
        host = host.strip("[]")
        try:
            IPv6Address(host)
        except ValueError:
            raise MalformedMessage("a URI names no valid IPv6 address") from None
    transport = transport_of(uri) or otherwise
    return Destination(host, uri.port or default_port(transport), transport)


def transport_of(uri: Uri) -> Transport | None:
    """Return the transport that a SIP URI asks for, None if it names none that we have (section 19.1.1)."""
    if uri.scheme == "sips":
        return Transport.TLS
    named = (uri.parameter("transport") or "").upper()
    return Transport(named) if named in _TRANSPORTS else None


def target_of(contacts: Sequence[str]) -> str | None:
    """Return the URI of the Contact that makes or refreshes a dialog, checked to be one that can be sent to.

    Raises `MalformedMessage` for a Contact that is not.
    """
    if not contacts:
        return None
    uri = parse_address(contacts[0]).uri
    destination_of(uri)
    # A Request-URI has no headers (section 19.1.1).
    return str(replace(uri, headers="") if uri.headers else uri)


def route_set_of(record_routes: Sequence[str]) -> tuple[str, ...]:
    """Return a route set of which every hop can be sent to. Raises `MalformedMessage` for one that is not."""
    for route in record_routes:
        destination_of(parse_address(route).uri)
    return tuple(record_routes)
