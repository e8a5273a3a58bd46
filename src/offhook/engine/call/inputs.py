"""What happens to a call. Sounds are named by a key that the call itself chose in `Prepare`, and callees by
the number of the attempt that it chose in `Dial`.
"""

from dataclasses import dataclass

from offhook.domain.calls import Admission, Arrival, Reason, Refusal
from offhook.domain.questions import Answer, Failure
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.sounds import FROM_CACHE, Making


@dataclass(frozen=True, slots=True)
class Arrived:
    """The INVITE is here."""

    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Decided:
    """The desk has said whether the call may come in."""

    decision: Admission | Refusal


@dataclass(frozen=True, slots=True)
class Told:
    """The action server's answer to the question numbered `serial`, or why there is none."""

    serial: int
    answer: Answer | Failure


@dataclass(frozen=True, slots=True)
class MediaOpened:
    """A media leg is ready to send to the caller."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A sound can be played."""

    key: str
    duration_ms: int | None
    making: Making = FROM_CACHE


@dataclass(frozen=True, slots=True)
class NotPrepared:
    """A sound cannot be played; `code` and `text` say why."""

    key: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Played:
    """The last packet of a sound has been sent."""

    key: str


@dataclass(frozen=True, slots=True)
class MessageKept:
    """The recording of a message is over: `url` is where it can be fetched, empty if there was nothing to keep.

    `code` says why it ended, in a word of the recorder's.
    """

    seconds: float
    code: str
    url: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class Routed:
    """How a callee's leg is reached, or why not."""

    leg: int
    decision: Routes | Unroutable


@dataclass(frozen=True, slots=True)
class CalleeProgressed:
    """The callee's side said that it is at work (SIP 1xx); with early media if it sends sound already."""

    dial: int
    status: int
    has_media: bool


@dataclass(frozen=True, slots=True)
class CalleeAnswered:
    """The callee answered, and what was agreed on with it can be sent and heard."""

    dial: int


@dataclass(frozen=True, slots=True)
class CalleePressed:
    """A callee pressed a key."""

    dial: int
    digit: str


@dataclass(frozen=True, slots=True)
class CalleeDeclined:
    """The callee's side said no: its last SIP status and what that means in its own words.

    With `is_found` it did not say so itself: the words are ours, and so is a status that stands for silence.
    """

    dial: int
    status: int
    text: str
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class CalleeRedirected:
    """The callee's side said that it is elsewhere: `elsewhere` are numbers, best first, as somebody would dial them."""

    dial: int
    status: int
    text: str
    elsewhere: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalleeLost:
    """A callee cannot be called, or cannot be talked to, for a reason that is not its own; `fault` names an error."""

    dial: int
    reason: Reason
    text: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class CalleeRefers:
    """A callee wants the caller led to another number, as somebody would dial it, and was told that this is tried."""

    dial: int
    number: str


@dataclass(frozen=True, slots=True)
class CalleeLeft:
    """A callee who had answered hung up."""

    dial: int
    text: str


@dataclass(frozen=True, slots=True)
class Extended:
    """Whether the next minute of a leg could be paid for."""

    leg: int
    granted: bool


@dataclass(frozen=True, slots=True)
class CallerLeft:
    """The caller canceled, hung up or was lost; `text` says which, `reason` when it is a fault."""

    text: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that the call lives on died."""

    reason: Reason
    text: str


@dataclass(frozen=True, slots=True)
class Directed:
    """Somebody who may, `by` name, wants another script in place of what runs."""

    text: str
    by: str


@dataclass(frozen=True, slots=True)
class Completed:
    """Somebody who may, `by` name, wants the call to be over."""

    by: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Ledger and timeline are closed."""


Input = (
    Arrived
    | Decided
    | Told
    | MediaOpened
    | Prepared
    | NotPrepared
    | Played
    | MessageKept
    | Pressed
    | Routed
    | CalleeProgressed
    | CalleeAnswered
    | CalleePressed
    | CalleeDeclined
    | CalleeRedirected
    | CalleeLost
    | CalleeRefers
    | CalleeLeft
    | Extended
    | CallerLeft
    | Broken
    | Directed
    | Completed
    | Recorded
)
