"""What an answer means: a script is a tuple of actions, and each action is a value.

`match` on an action with `assert_never`: a new action then breaks the type check everywhere it
matters. Texts hold no control characters but newline and tab, numbers are E.164 digits without
`+`, URLs stand as their author wrote them; the parser guarantees it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from offhook.language.grammar import DEFAULT_FINISH, DEFAULT_LOOP, DEFAULT_RING_S, DEFAULT_TIMEOUT_S, MOST_DIGITS, Verb

SELF = "self"
"""The value of `next` that stands for the action URL itself."""


class RejectKind(StrEnum):
    """How the caller's trunk is told no: SIP 486, 603 or 480."""

    BUSY = "busy"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"


class CallerId(StrEnum):
    """Whose number the transfer's callee sees: the caller's, or the dial-in number's."""

    CALLER = "caller"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class Playback:
    """Play the sound at a URL, `loop` times."""

    url: str
    loop: int = DEFAULT_LOOP


@dataclass(frozen=True, slots=True)
class Say:
    """Read a text aloud, `loop` times; `language` is a lower-case tag such as `en` or `en-gb`."""

    language: str
    text: str
    loop: int = DEFAULT_LOOP
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Call the numbers all at once and join the first that answers; `max_s` None means the operator's limit."""

    numbers: tuple[str, ...]
    ring_s: int = DEFAULT_RING_S
    max_s: int | None = None
    from_: CallerId = CallerId.RECIPIENT
    confirm: bool = False
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Greet, beep and record; `max_s` None means the operator's limit. With `next` that URL is asked afterwards."""

    greeting: Say | Playback | None = None
    max_s: int | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Gather:
    """Collect up to `digits` keys, then ask `next`, or the action URL when it is None."""

    prompt: Say | Playback | None = None
    digits: int = MOST_DIGITS
    timeout_s: int = DEFAULT_TIMEOUT_S
    finish: str = DEFAULT_FINISH
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Be silent for a while."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Redirect:
    """Ask another URL what to do."""

    url: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call without answering it."""

    kind: RejectKind = RejectKind.BUSY


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


Action = Playback | Say | Transfer | Voicemail | Gather | Pause | Redirect | Reject | Hangup


@dataclass(frozen=True, slots=True)
class Script:
    """Actions in the order in which they run.

    `lines` and `columns` say where each action stands in the text (from 1). They are no part of the
    meaning, so they do not count when scripts are compared, and a script that was made in code has none.
    """

    actions: tuple[Action, ...]
    lines: tuple[int, ...] = field(default=(), compare=False)
    columns: tuple[int, ...] = field(default=(), compare=False)


def verb_of(action: Action) -> Verb:
    """Return the verb that an action is written with."""
    match action:
        case Playback():
            return Verb.PLAYBACK
        case Say():
            return Verb.SAY
        case Transfer():
            return Verb.TRANSFER
        case Voicemail():
            return Verb.VOICEMAIL
        case Gather():
            return Verb.GATHER
        case Pause():
            return Verb.PAUSE
        case Redirect():
            return Verb.REDIRECT
        case Reject():
            return Verb.REJECT
        case Hangup():
            return Verb.HANGUP
        case _:
            assert_never(action)
