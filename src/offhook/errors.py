"""The family tree of errors; every leaf has a stable `code`.

    OffhookError
    ├── InputError        a field from outside is wrong (`field` names it)
    ├── NotFoundError     what was named does not exist, or not for this account
    ├── GoneError         it was there once, and never comes back
    ├── ConflictError     it exists, but its present state forbids the wish
    ├── CreditError       the account cannot pay for it
    ├── ActionServerError an action server or a file host failed us
    ├── SoundError        a sound or a voice cannot be made
    ├── ProtocolError     a peer's bytes are wrong
    └── SetupError        the operator must change something

Errors know facts and a code; only the doors know HTTP and SIP statuses. What is told by a code without being
an error belongs to a family of `Codes`. Both have their pages in `offhook.catalogue`.
"""

from enum import StrEnum
from typing import ClassVar


class Codes(StrEnum):
    """A family of stable codes that people meet: each member has its page in the catalogue."""


class OffhookError(Exception):
    """What happened, where, and what to do about it, with a stable code."""

    code: ClassVar[str] = "internal-error"

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class InputError(OffhookError):
    """A field from outside is wrong."""

    code = "bad-field"

    def __init__(self, field: str, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence, hint=hint)
        self.field = field


class NotFoundError(OffhookError):
    code = "not-found"


class GoneError(OffhookError):
    code = "gone"


class ConflictError(OffhookError):
    code = "conflict"


class CreditError(OffhookError):
    code = "not-enough-credit"


class ActionServerError(OffhookError):
    """An action server or a file host failed; `code` is one of ACTIONS' request codes."""

    code = "connect-failed"


class SoundError(OffhookError):
    """A sound or a voice cannot be made; the code says which of the ways it failed."""

    code = "sound-not-audio"


class ProtocolError(OffhookError):
    code = "malformed-message"


class SetupError(OffhookError):
    code = "setup"


class ImpossibleMove(OffhookError):
    """A state table was asked for a move that it does not list: our own defect."""

    code = "impossible-move"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"there is no move from {state!r} on {event!r}")
