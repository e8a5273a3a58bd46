"""The job that delivers events to webhooks: many at once, those of a call in their order, no two nodes the same.

A turn is one unit of work: what came of attempts is noted, and what is due is claimed. So many events share one way
to the database.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Protocol

import structlog

from offhook.actionserver.errors import Gone
from offhook.actionserver.signature import HEADER, sign
from offhook.actionserver.webhooks import origin_of
from offhook.domain.webhooks import PER_TURN, Event, Outcome, document, name_of, next_try
from offhook.errors import OffhookError
from offhook.service import webhooks
from offhook.service.ports import Database

LOOK_EVERY_S = 0.5
"""How late an event may be that nobody waits for."""
GATHER_S = 0.05
"""Attempts that end within so long are noted together, and sooner if they are as many as a turn begins."""
LONGEST_ERROR = 200

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

log = structlog.get_logger("offhook.serve")


class Poster(Protocol):
    """Posts JSON to a customer's URL; raises OffhookError if it does not arrive."""

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None: ...


class Observer(Protocol):
    """Counts what became of attempts."""

    def webhook_tried(self, outcome: str) -> None: ...


class Courier:
    """Signs and posts one event."""

    def __init__(self, poster: Poster, *, now: Callable[[], datetime]) -> None:
        self._poster = poster
        self._now = now

    async def deliver(self, event: Event) -> None:
        """Deliver an event. Raises OffhookError."""
        body = _json(document(event)).encode()
        headers = {
            "Offhook-Event": name_of(event.kind),
            "Offhook-Event-Id": event.uid,
            "Offhook-Attempt": str(event.attempts),
        }
        if event.secrets:
            headers[HEADER] = sign(
                [("body_sha256", sha256(body).hexdigest())], event.secrets, int(self._now().timestamp())
            )
        await self._poster.post(event.target, body, headers)


class Deliveries:
    """Looks for events that are due, has them delivered, and notes what became of each."""

    def __init__(
        self,
        database: Database,
        deliver: Callable[[Event], Awaitable[None]],
        observer: Observer,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self._database = database
        self._deliver = deliver
        self._observer = observer
        self._now = now
        self._chance = chance
        self._busy: Counter[str] = Counter()
        self._failing: set[str] = set()
        self._outcomes: list[Outcome] = []
        self._ended = asyncio.Event()
        self._many = asyncio.Event()
        self._attempts: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._repeat())

    async def stop(self) -> None:
        """End, and note what has arrived; what is on its way is sent again when its lease ends."""
        tasks = [*self._attempts] if self._task is None else [self._task, *self._attempts]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(OffhookError):
            await self._note()

    async def work_off(self) -> int:
        """Deliver whatever is due, and return how many attempts that took. Raises DatabaseAway."""
        count = 0
        while begun := await self.take_turn():
            count += begun
            await asyncio.gather(*self._attempts)
        return count

    async def take_turn(self) -> int:
        """Note what has come of attempts, begin those that are due, and return how many. Raises DatabaseAway."""
        outcomes, self._outcomes = self._outcomes, []
        turn = partial(
            webhooks.take_turn,
            outcomes=outcomes,
            busy=dict(self._busy),
            failing=frozenset(self._failing),
            origin=origin_of,
            now=self._now(),
        )
        try:
            ids = await self._database.write(turn)
        except BaseException:
            self._outcomes = outcomes + self._outcomes
            raise
        if ids:
            for event in await self._database.read(partial(webhooks.claimed, ids=ids, now=self._now())):
                self._begin(event)
        return len(ids)

    def _begin(self, event: Event) -> None:
        origin = origin_of(event.target)
        self._busy[origin] += 1
        attempt = asyncio.create_task(self._attempt(event, origin))
        self._attempts.add(attempt)
        attempt.add_done_callback(self._attempts.discard)

    async def _attempt(self, event: Event, origin: str) -> None:
        try:
            await self._deliver(event)
        except OffhookError as error:
            self._failing.add(origin)
            self._outcomes.append(self._failed(event, error))
        else:
            self._failing.discard(origin)
            self._outcomes.append(Outcome(event))
            self._observer.webhook_tried("delivered")
        finally:
            self._busy[origin] -= 1
            if not self._busy[origin]:
                del self._busy[origin]
            self._ended.set()
            if len(self._outcomes) >= PER_TURN:
                self._many.set()

    def _failed(self, event: Event, error: OffhookError) -> Outcome:
        is_gone = isinstance(error, Gone)
        later = None if is_gone else next_try(event.attempts, self._now(), event.expires_at, self._chance())
        self._observer.webhook_tried("failed" if later else "given-up")
        log.warning("an event was not delivered", id=event.uid, attempt=event.attempts, code=error.code)
        return Outcome(event, error.sentence[:LONGEST_ERROR], later, is_gone)

    async def _note(self) -> None:
        outcomes, self._outcomes = self._outcomes, []
        if outcomes:
            await self._database.write(partial(webhooks.note, outcomes=outcomes, now=self._now()))

    async def _repeat(self) -> None:
        while True:
            try:
                if self._outcomes or await self._are_due():
                    await self.take_turn()
            except OffhookError as error:
                log.warning("events cannot be delivered now", code=error.code, text=error.sentence)
                await asyncio.sleep(LOOK_EVERY_S)
            await self._wait()

    async def _are_due(self) -> bool:
        # Reading costs nobody anything; a turn would be in the way of those who write.
        return await self._database.read(partial(webhooks.are_due, now=self._now()))

    async def _wait(self) -> None:
        """Wait until attempts have ended, or for a while."""
        if not self._outcomes:
            await _at_most(LOOK_EVERY_S, self._ended)
        if 0 < len(self._outcomes) < PER_TURN:
            await _at_most(GATHER_S, self._many)


async def _at_most(seconds: float, event: asyncio.Event) -> None:
    """Wait for what happens from now on, but not for ever."""
    event.clear()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
