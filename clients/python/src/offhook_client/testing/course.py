"""What of a call a test can look at."""

from typing import Literal

from offhook_client.testing.actions import Action, Transfer
from offhook_client.testing.failures import Failure
from offhook_client.testing.flow import Flow, Standing, content_of
from offhook_client.testing.outcomes import Refusal
from offhook_client.testing.reader import Reading
from offhook_client.testing.requests import Request

_WAITS: dict[Standing, Literal["keys", "message", "callee", "talk"]] = {
    Standing.KEYS: "keys",
    Standing.MESSAGE: "message",
    Standing.CALLEE: "callee",
    Standing.TALK: "talk",
}


class Course:
    """How a call went so far."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    def __str__(self) -> str:
        """Draw the call so far."""
        return self._flow.drawn()

    def __repr__(self) -> str:
        return f"<Call: {self._flow.standing.value}>"

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions of the last answer."""
        return self.answers[-1].actions

    @property
    def answers(self) -> tuple[Reading, ...]:
        """Every answer that was done, the last one last."""
        return tuple(self._flow.readings)

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request that was sent, redirects and further tries included."""
        return tuple(self._flow.asking.requests)

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Why the fallback URL or the default action was needed."""
        return tuple(self._flow.failures)

    @property
    def heard(self) -> tuple[str, ...]:
        """All that the caller heard: texts, and URLs of sounds."""
        return tuple(content_of(sound) for sound in self._flow.heard)

    @property
    def ringing(self) -> tuple[str, ...]:
        """The numbers that ring now, as `+81312345678`."""
        line = self._flow.line if self._flow.standing is Standing.CALLEE else None
        return tuple(f"+{number}" for number in line.numbers) if isinstance(line, Transfer) else ()

    @property
    def transferred_to(self) -> str | None:
        """The number of the callee who answered last, as `+81312345678`; None if nobody did."""
        return self._flow.transferred_to

    @property
    def is_answered(self) -> bool:
        """Whether the caller was answered, so that the call costs something."""
        return self._flow.is_answered

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self._flow.standing is Standing.OVER

    @property
    def waits_for(self) -> Literal["keys", "message", "callee", "talk"] | None:
        """Who has to do something: press keys, leave a message, take the transfer, end the talk; None at the end."""
        return _WAITS.get(self._flow.standing)

    @property
    def ending(self) -> str:
        """How it ended: `hung up`, `caller hung up`, `callee hung up`, `refused: busy`; empty while it lasts."""
        return self._flow.ending

    @property
    def refused_as(self) -> Refusal | None:
        """How a caller who was never answered was told no."""
        return self._flow.refused_as
