"""The job that renews subscriptions, on every node at once: each batch leaves alone what another node looks after."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from offhook.domain.terms import Terms
from offhook.serve.rounds import repeat
from offhook.service import renewals
from offhook.service.ports import Database

RENEW_EVERY_S = 30.0
TELL_EVERY_S = 3600.0
CANNOT = "subscriptions cannot be looked after now"

log = structlog.get_logger("offhook.serve")


class Renewals:
    """Renews what is due every so often, and tells accounts that cannot pay what is coming."""

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], datetime],
        terms: Terms,
        renew_every_s: float = RENEW_EVERY_S,
        tell_every_s: float = TELL_EVERY_S,
    ) -> None:
        self._database = database
        self._now = now
        self._terms = terms
        self._jobs = ((self.renew, renew_every_s), (self.tell, tell_every_s))
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        self._tasks = [asyncio.create_task(repeat(job, every_s, or_else=CANNOT)) for job, every_s in self._jobs]

    def stop(self) -> None:
        """End; a batch that has begun is done whole or not at all."""
        for task in self._tasks:
            task.cancel()

    async def renew(self) -> None:
        """Renew everything that is due, batch by batch. Raises DatabaseAway."""
        mark: renewals.Mark | None = renewals.FIRST
        while mark is not None:
            batch = await self._database.write(
                partial(renewals.renew_due, now=self._now(), terms=self._terms, after=mark)
            )
            if batch.renewed or batch.in_grace or batch.ended:
                log.info(
                    "subscriptions were renewed", renewed=batch.renewed, in_grace=batch.in_grace, ended=batch.ended
                )
            mark = batch.mark

    async def tell(self) -> None:
        """Tell accounts which of their coming renewals they cannot pay. Raises DatabaseAway."""
        for account_id in await self._database.read(partial(renewals.short_accounts, now=self._now())):
            await self._database.write(partial(renewals.tell_short, account_id=account_id, now=self._now()))
