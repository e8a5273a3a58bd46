"""What every endpoint needs: the database, the clock, and who is asking."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol, cast

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry

from offhook.api.throttle import Throttle
from offhook.audio.shelf import Shelf
from offhook.domain.diagnosis.findings import Finding
from offhook.domain.terms import Terms
from offhook.service.ports import Database

Health = Callable[[], Mapping[str, str | None]]
"""Tells the parts of the house by name, each with what is wrong with it, or None."""


class Running(Protocol):
    """The calls of this process."""

    async def attend(self) -> None:
        """Do at once what is wanted of them; those of other nodes do it soon."""


class Elsewhere:
    """All calls run in other processes."""

    async def attend(self) -> None:
        """Leave it to those."""


class Diagnoses(Protocol):
    """Who looks at numbers."""

    async def of(self, din: str, account_id: int) -> Sequence[Finding]:
        """Return what its account may know of a number. Raises DatabaseAway, Throttled, NotReady."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """What the API was given. `clock` is monotonic seconds, `now` aware UTC; `shelf` has the recordings of `node`.

    `throttle` counts by API users, `rules_throttle` by the subscriptions whose rules are served, `diagnosis_throttle`
    by accounts; `token` makes names of commands.
    """

    database: Database
    now: Callable[[], datetime]
    clock: Callable[[], float]
    health: Health
    throttle: Throttle
    rules_throttle: Throttle
    registry: CollectorRegistry
    terms: Terms
    shelf: Shelf
    node: str
    running: Running
    token: Callable[[], str]
    diagnoses: Diagnoses
    diagnosis_throttle: Throttle


async def open_door(request: Request) -> Door:
    """Return the app's door; the only place that reads the app's untyped state."""
    return cast(Door, request.app.state.door)


OpenDoor = Annotated[Door, Depends(open_door)]
