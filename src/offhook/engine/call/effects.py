"""What a call wants done, in the order in which it must be done."""

from dataclasses import dataclass
from enum import StrEnum

from offhook.domain.calls import Arrival, Ending, TimelineEvent
from offhook.domain.questions import Question
from offhook.language import Playback, Say


class No(StrEnum):
    """How a caller is refused, in words; the SIP codes are the switchboard's."""

    NOT_FOUND = "not-found"
    UNAVAILABLE = "unavailable"
    BUSY = "busy"
    DECLINED = "declined"
    NOT_ACCEPTABLE = "not-acceptable"
    OVERLOADED = "overloaded"


@dataclass(frozen=True, slots=True)
class Admit:
    """Ask the desk whether the call may come in; it records the call in every case."""

    arrival: Arrival


@dataclass(frozen=True, slots=True)
class Ring:
    """Tell the caller that it rings."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask an action server."""

    serial: int
    question: Question


@dataclass(frozen=True, slots=True)
class OpenMedia:
    """Make a media leg for the caller."""


@dataclass(frozen=True, slots=True)
class Prepare:
    """Make a sound ready."""

    key: str
    sound: Say | Playback


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """Answer the caller and begin to send."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play a prepared sound, `loop` times, instead of what is playing."""

    key: str
    loop: int


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse the caller, who was never answered."""

    how: No


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up on the caller, who was answered."""


@dataclass(frozen=True, slots=True)
class NoteAnswer:
    """Record that the call was answered."""


@dataclass(frozen=True, slots=True)
class ExtendHold:
    """Pay for one more minute."""


@dataclass(frozen=True, slots=True)
class Record:
    """Close the media leg, the ledger and the timeline."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class Note:
    """A line for the timeline."""

    event: TimelineEvent


Effect = (
    Admit
    | Ring
    | Ask
    | OpenMedia
    | Prepare
    | AnswerCall
    | Play
    | Refuse
    | HangUp
    | NoteAnswer
    | ExtendHold
    | Record
    | Note
)
