"""Who takes part in a script: one call of our own phone, seen from either end; and what becomes of each line."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from offhook.engine.media.sdp import Direction
from offhook.engine.net.happenings import Happening
from offhook.engine.net.phone_media import PhoneMedia
from offhook.language.dialogue import Step


class Verdict(StrEnum):
    """What became of a line."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not-reached"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One line: what became of it, when (seconds since the call began), and what was seen or heard."""

    step: Step
    verdict: Verdict
    at_s: float | None = None
    words: str = ""


class Party(Protocol):
    """One call of our own phone, from either end."""

    status: int | None
    reoffer_status: int | None
    keys: str
    answered: asyncio.Event
    ended: asyncio.Event
    happenings: list[Happening]

    @property
    def media(self) -> PhoneMedia: ...

    def inform(self, keys: str) -> None: ...

    def reoffer(self, direction: Direction) -> None: ...

    def hang_up(self) -> None: ...


class Caller(Party, Protocol):
    """Our phone calls."""

    ringing: asyncio.Event
    answered_at: float | None


class Called(Party, Protocol):
    """Our phone is called."""

    def answer(self) -> None: ...

    def refuse(self, status: int) -> None: ...


class Unmet(Exception):
    """A line failed; the text says why."""
