"""What an answer means, as values to compare with: `call.actions == (Say("en", "Hello"), Hangup())`.

`Say` and `Playback` are those that scripts are written with. Names and defaults are the action language's;
telephone numbers are digits with their country code.
"""

from dataclasses import dataclass
from typing import Literal

from offhook_client.prompts import Playback, Say

SELF = "self"
"""The value of `next` that stands for the action URL."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Call the numbers, all at once; `max` None is the operator's limit."""

    numbers: tuple[str, ...]
    ring: int = 30
    max: int | None = None
    from_: Literal["caller", "recipient"] = "recipient"
    confirm: bool = False
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Greet, beep and record; `max` None is the operator's limit."""

    greeting: Say | Playback | None = None
    max: int | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Gather:
    """Collect keys, then ask `next`, or the action URL when it is None."""

    prompt: Say | Playback | None = None
    digits: int = 20
    timeout: int = 5
    finish: str = "#"
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Be silent."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Redirect:
    """Ask another URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse the call without answering it."""

    reason: Literal["busy", "declined", "unavailable"] = "busy"


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


Action = Playback | Say | Transfer | Voicemail | Gather | Pause | Redirect | Reject | Hangup
