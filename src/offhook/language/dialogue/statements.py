"""What a phone can be told, as values. Durations are in seconds; `within_s` counts from when the line is reached."""

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """How a pressed key travels."""

    EVENTS = "rfc4733"
    INFO = "info"
    TONES = "inband"


@dataclass(frozen=True, slots=True)
class FileSound:
    """A sound file of this computer."""

    path: str


@dataclass(frozen=True, slots=True)
class WebSound:
    """A sound file of the web."""

    url: str


@dataclass(frozen=True, slots=True)
class Speech:
    """A text that our own voice reads."""

    language: str
    text: str


Sound = FileSound | WebSound | Speech


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls; an empty number is withheld."""

    caller: str


@dataclass(frozen=True, slots=True)
class ExpectRinging:
    """The callee's phone rings, or the callee is heard before the answer."""

    within_s: float


@dataclass(frozen=True, slots=True)
class ExpectAnswer:
    """The call is answered."""

    within_s: float


@dataclass(frozen=True, slots=True)
class ExpectRefusal:
    """The call is not answered, with this SIP status or, if it is None, with any."""

    status: int | None
    within_s: float


@dataclass(frozen=True, slots=True)
class ExpectSound:
    """A known sound, or its first `for_s` seconds; any sound at all if it is None. It begins within so long."""

    sound: Sound | None
    for_s: float | None
    within_s: float


@dataclass(frozen=True, slots=True)
class ExpectTone:
    """One frequency holds most of the power for so long."""

    hz: float
    for_s: float
    within_s: float


@dataclass(frozen=True, slots=True)
class ExpectSilence:
    """Nothing is heard for so long."""

    for_s: float
    within_s: float


@dataclass(frozen=True, slots=True)
class ExpectKeys:
    """The other side presses these keys."""

    keys: str
    within_s: float


@dataclass(frozen=True, slots=True)
class ExpectHangUp:
    """The other side ends the call."""

    within_s: float


@dataclass(frozen=True, slots=True)
class Press:
    """Press keys, one after the other."""

    keys: str
    way: Way


@dataclass(frozen=True, slots=True)
class Say:
    """Say a sound, to its end."""

    sound: Sound


@dataclass(frozen=True, slots=True)
class Wait:
    """Let time pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Silent:
    """Send nothing at all for so long, or until something is said or pressed."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Lose:
    """From now on so many packets of a hundred are lost, each way."""

    percent: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Put the other side on hold: nothing is heard of it, and with `is_inactive` nothing is sent to it either."""

    is_inactive: bool


@dataclass(frozen=True, slots=True)
class Resume:
    """Talk on after a hold."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call in whatever state it is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Take the call after so long."""

    after_s: float


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse the call with this SIP status."""

    status: int


@dataclass(frozen=True, slots=True)
class NeverAnswer:
    """Let it ring until the caller gives up."""


Expectation = (
    ExpectRinging | ExpectAnswer | ExpectRefusal | ExpectSound | ExpectTone | ExpectSilence | ExpectKeys | ExpectHangUp
)
Doing = Press | Say | Wait | Silent | Lose | Hold | Resume | HangUp
Statement = Call | Expectation | Doing | Answer | Refuse | NeverAnswer


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a script: where it stands (from 1), its text without blanks around it, and its meaning."""

    line: int
    text: str
    statement: Statement


@dataclass(frozen=True, slots=True)
class Script:
    """The lines in their order; there is at least one."""

    steps: tuple[Step, ...]

    @property
    def caller(self) -> str | None:
        """Who calls as the script says it, empty if withheld; None if it does not say."""
        first = self.steps[0].statement
        return first.caller if isinstance(first, Call) else None

    @property
    def sounds(self) -> tuple[Sound, ...]:
        """What must be made before the call, each once."""
        found = [
            step.statement.sound
            for step in self.steps
            if isinstance(step.statement, Say | ExpectSound) and step.statement.sound is not None
        ]
        return tuple(dict.fromkeys(found))
