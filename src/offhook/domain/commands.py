"""What an API user wants of a call that runs: another script at once, or its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MOST_WAITING = 10
"""Commands of one call that its node has not done yet."""


class CommandStatus(StrEnum):
    """How far it came with a command, in the words of the API."""

    ACCEPTED = "accepted"
    """The call's node has not done it yet."""
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Command:
    """One wish. `action` is an action text, None for the call's end; `by` is the SID of an API user.

    `code` says why it was not done.
    """

    command_id: str
    call_id: str
    action: str | None
    by: str
    created_at: datetime
    done_at: datetime | None = None
    code: str | None = None

    @property
    def status(self) -> CommandStatus:
        """How far it came."""
        if self.done_at is None:
            return CommandStatus.ACCEPTED
        return CommandStatus.DONE if self.code is None else CommandStatus.REFUSED
