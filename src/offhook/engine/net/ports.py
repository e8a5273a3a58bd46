"""What the engine needs of the other rooms, and no more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from offhook.domain.calls import Admission, Arrival, Ending, Refusal, TimelineEvent
from offhook.domain.questions import Answer, Failure, Question
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.sounds import Codec, Sound


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

    async def close(self, ending: Ending, events: Sequence[TimelineEvent]) -> None: ...


class ActionServers(Protocol):
    """Who asks customers' URLs; never raises for what a server does."""

    async def ask(self, question: Question) -> Answer | Failure: ...


class Sounds(Protocol):
    """Who makes sounds ready. Raises `OffhookError` leaves whose code says why it cannot."""

    async def playback(self, url: str, codec: Codec) -> Sound: ...

    async def speech(self, language: str, text: str, codec: Codec, voice: str | None = None) -> Sound: ...
