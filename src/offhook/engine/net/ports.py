"""What the engine needs of the other rooms, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from offhook.domain.calls import Admission, Arrival, Ending, Refusal, TimelineEvent
from offhook.domain.questions import Answer, Failure, Question
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.sip_messages import SipMessage
from offhook.domain.sounds import Codec, Sound
from offhook.engine.net.leg_quality import LegQuality


@dataclass(frozen=True, slots=True)
class Blank:
    """A place where a message can be recorded: the path of a file that is not there yet."""

    uid: str
    path: str


class Desk(Protocol):
    """Where calls are admitted, paid for and recorded. Raises `OffhookError` when it is away.

    Legs are counted: 1 is the caller's, callees have 2 and more.
    """

    async def admit(self, arrival: Arrival) -> Admission | Refusal: ...

    async def find_routes(self, call_id: str, leg: int, number: str, *, came_inside: bool) -> Routes | Unroutable: ...

    async def rings(self, call_id: str, leg: int, dialog: str) -> None: ...

    async def answered(self, call_id: str, leg: int, at: datetime, dialog: str | None) -> None: ...

    async def extend(self, call_id: str, leg: int, minute: int) -> bool: ...

    async def give_back(self, call_id: str, leg: int) -> None: ...

    async def begin_recording(self, call_id: str) -> Blank:
        """Make a place for a message; it is on record from now on."""
        ...

    async def keep_recording(self, uid: str, seconds: float, size: int, code: str) -> str:
        """A message is whole, and why it ended; return a URL where it can be fetched for a while."""
        ...

    async def drop_recording(self, uid: str, code: str) -> None:
        """There is no message, and why."""
        ...

    async def close(self, ending: Ending, events: Sequence[TimelineEvent], messages: Sequence[SipMessage]) -> None: ...


class ActionServers(Protocol):
    """Who asks customers' URLs; never raises for what a server does."""

    async def ask(self, question: Question) -> Answer | Failure: ...


class Sounds(Protocol):
    """Who makes sounds ready. Raises `OffhookError` leaves whose code says why it cannot."""

    async def playback(self, url: str, codec: Codec) -> Sound: ...

    async def beep(self, codec: Codec) -> Sound: ...

    async def speech(self, language: str, text: str, codec: Codec, voice: str | None = None) -> Sound: ...


class Observer(Protocol):
    """Who counts what calls are like. It is told within the loop: it adds up and returns, and never raises."""

    def refused(self, reason: str) -> None:
        """A call was not let in."""

    def answered(self, seconds: float) -> None:
        """A call was answered so long after its INVITE."""

    def action_server_asked(self, seconds: float, *, failed: bool) -> None:
        """An action server was asked, retries and redirects included, and it took so long."""

    def leg_closed(self, quality: LegQuality) -> None:
        """A leg's media ended."""
