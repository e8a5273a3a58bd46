"""What a call wants done, in the order in which it must be done.

Legs are counted: 1 is the caller's, each callee has its own from 2 on. A `dial` counts the attempts to
reach callees, because one callee may be tried through several routes.
"""

from dataclasses import dataclass
from enum import StrEnum

from offhook.domain.calls import Arrival, Ending, TimelineEvent
from offhook.domain.questions import Question
from offhook.domain.routes import Route
from offhook.domain.sounds import Beep
from offhook.language import Playback, Say


class No(StrEnum):
    """How a caller is refused, in words; the SIP codes are the switchboard's."""

    NOT_FOUND = "not-found"
    UNAVAILABLE = "unavailable"
    BUSY = "busy"
    DECLINED = "declined"
    NOT_ACCEPTABLE = "not-acceptable"
    OVERLOADED = "overloaded"
    LOOPED = "looped"
    TOO_MANY_HOPS = "too-many-hops"


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
    """Make a sound ready; with a beep also what will be recorded behind it has a place."""

    key: str
    sound: Say | Playback | Beep


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """Answer the caller and begin to send."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play a prepared sound, `loop` times, instead of what is playing."""

    key: str
    loop: int


@dataclass(frozen=True, slots=True)
class FindRoutes:
    """Ask the desk how a callee is reached; it holds the first minute of that leg."""

    leg: int
    number: str


@dataclass(frozen=True, slots=True)
class Dial:
    """Call a callee. `shown` is the number that it sees, empty for a caller who withheld it.

    `by` is the number of ours that was called, where it is the caller who is shown; empty where our number is.
    """

    dial: int
    number: str
    route: Route
    shown: str
    by: str = ""

    @property
    def own(self) -> str:
        """The number of ours that was called."""
        return self.by or self.shown


@dataclass(frozen=True, slots=True)
class PlayRinging:
    """Let the answered caller hear that somebody is being called."""


@dataclass(frozen=True, slots=True)
class StopRinging:
    """Let the answered caller hear silence instead."""


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Let the sound that plays fall silent; nobody is told that it ended."""


@dataclass(frozen=True, slots=True)
class RecordMessage:
    """Record what the caller says, until it is told to stop, is silent for so long, or for the longest time."""

    longest_s: float
    silence_s: float


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the recording; `MessageKept` follows."""


@dataclass(frozen=True, slots=True)
class PassEarlyMedia:
    """Let the caller hear what the callee's side sends before the answer."""

    dial: int


@dataclass(frozen=True, slots=True)
class Join:
    """Let caller and callee hear each other."""

    dial: int


@dataclass(frozen=True, slots=True)
class AskToConfirm:
    """Let a callee who answered hear what to press; whoever is joined with the caller hears it no more."""

    dial: int
    words: Say


@dataclass(frozen=True, slots=True)
class HangUpCallee:
    """Let go of a callee, however far it came: cancel it, hang up on it, and free its media."""

    dial: int


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Give back what is held for a callee's leg that was never answered."""

    leg: int


@dataclass(frozen=True, slots=True)
class NoteCalleeRings:
    """Record that a callee is being called, so that others can cancel it."""

    leg: int
    dial: int


@dataclass(frozen=True, slots=True)
class NoteCalleeAnswer:
    """Record that a callee answered."""

    leg: int
    dial: int


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
    """Pay for the minute so numbered of a leg."""

    leg: int
    minute: int


@dataclass(frozen=True, slots=True)
class Record:
    """Close the media legs, the ledger and the timeline."""

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
    | FindRoutes
    | Dial
    | PlayRinging
    | StopRinging
    | StopPlaying
    | RecordMessage
    | StopRecording
    | PassEarlyMedia
    | Join
    | AskToConfirm
    | HangUpCallee
    | GiveBack
    | NoteCalleeRings
    | NoteCalleeAnswer
    | Refuse
    | HangUp
    | NoteAnswer
    | ExtendHold
    | Record
    | Note
)
