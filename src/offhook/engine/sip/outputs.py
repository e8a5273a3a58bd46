"""What an agent asks to be done and tells has happened, in the order in which it must be done."""

from dataclasses import dataclass
from enum import StrEnum

from offhook.engine.sip.message import Request


class Transport(StrEnum):
    """How messages travel, in the word of a Via (RFC 3261 section 20.42)."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"

    @property
    def is_reliable(self) -> bool:
        """Whether nothing needs to be repeated: what is lost is lost with its connection."""
        return self is not Transport.UDP


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to send, or where a message came from; `port` is 1 to 65535.

    `host` is an IP address or, for a URI of the peer's, a name.
    `connection` numbers the connection that something came by; while it lasts, answers go the same way
    (RFC 3261 section 18.2.2). Without it, or with 0, any connection to this address will do.
    """

    host: str
    port: int
    transport: Transport = Transport.UDP
    connection: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """Send one message."""

    data: bytes
    destination: Destination


@dataclass(frozen=True, slots=True)
class Invited:
    """A new call wants in. 100 has been sent; say what to do with `ring`, `answer` or `refuse`."""

    leg: str
    request: Request
    source: Destination
    local: str


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """A new call whose request cannot be taken was refused already: `text` says why. Its leg does not exist."""

    invited: Invited
    text: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The ACK of our 200 arrived, or a re-INVITE of ours was taken; `sdp` is the answer if the offer was ours."""

    leg: str
    sdp: bytes


@dataclass(frozen=True, slots=True)
class Reoffered:
    """The peer wants other media (re-INVITE or UPDATE); `sdp` empty: it wants our offer.

    Say `accept` or `decline`.
    """

    leg: str
    sdp: bytes


@dataclass(frozen=True, slots=True)
class Referred:
    """The peer wanted us to call somebody else (REFER) and got 603; `number` is whom, empty if it is no number."""

    leg: str
    number: str


@dataclass(frozen=True, slots=True)
class Trying:
    """The next hop has our INVITE (100), and nothing is known of the callee."""

    leg: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """Our callee is being found (1xx); `sdp` is early media's answer or empty."""

    leg: str
    status: int
    sdp: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """Our callee answered and was acknowledged; `sdp` is its answer."""

    leg: str
    sdp: bytes


@dataclass(frozen=True, slots=True)
class Declined:
    """Our callee did not answer; `status` is its last word, 408 for silence. The leg is over.

    `elsewhere` are the numbers that a redirection names, best first, each as somebody would dial it. With `is_found`
    the `reason` is what we found out ourselves, and no phrase of the callee's side.
    """

    leg: str
    status: int
    reason: str
    elsewhere: tuple[str, ...] = ()
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class Canceled:
    """The caller gave up before our answer; 487 has been sent. The leg is over."""

    leg: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The peer said BYE; 200 has been sent. The leg is over."""

    leg: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The peer never acknowledged our 200; BYE has been sent. The leg is over."""

    leg: str
    text: str


@dataclass(frozen=True, slots=True)
class Informed:
    """The peer said by INFO that a key was pressed, and for how long; 200 has been sent."""

    leg: str
    key: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class NotInformed:
    """The peer did not take a key that we told it by INFO: its status, 408 for silence. The call goes on."""

    leg: str
    key: str
    status: int


@dataclass(frozen=True, slots=True)
class NotReoffered:
    """The peer did not take the other media that we offered: its status, 491 if both want something at once.

    The call goes on as it was.
    """

    leg: str
    status: int


@dataclass(frozen=True, slots=True)
class Overheard:
    """A request within a leg's dialog came from an address that may not speak to us, and was dropped."""

    leg: str
    method: str
    host: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A provider knows for so many seconds where we are."""

    name: str
    seconds: int


@dataclass(frozen=True, slots=True)
class NotRegistered:
    """A provider did not take our registration, and why; it is asked again later."""

    name: str
    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Probed:
    """Somebody whom we asked whether it is there has answered, or cannot be reached (503)."""

    name: str
    destination: Destination
    serial: int
    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message was ignored or refused without a call, for the log: a sentence."""

    text: str
    source: Destination


Output = (
    Send
    | Invited
    | TurnedDown
    | Confirmed
    | Reoffered
    | Referred
    | Trying
    | Progressed
    | Answered
    | Declined
    | Canceled
    | HungUp
    | Lost
    | Informed
    | NotInformed
    | NotReoffered
    | Overheard
    | Registered
    | NotRegistered
    | Probed
    | Dropped
)
