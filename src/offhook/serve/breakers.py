"""The job that writes down which action servers this node leaves alone: when that changed, and all of them then."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from offhook.domain.breakers import BreakerState, Tripped
from offhook.serve.rounds import repeat
from offhook.service import breakers
from offhook.service.ports import Database

WRITE_EVERY_S = 2.0
CANNOT = "breakers cannot be written down now"
_SAME_WITHIN = timedelta(seconds=1)


class BreakerStates:
    """Keeps in the database what a node knows of action servers; `tripped` is asked in the loop."""

    def __init__(
        self,
        database: Database,
        node: str,
        *,
        tripped: Callable[[], Iterable[Tripped]],
        now: Callable[[], datetime],
        write_every_s: float = WRITE_EVERY_S,
    ) -> None:
        self._database = database
        self._node = node
        self._tripped = tripped
        self._now = now
        self._write_every_s = write_every_s
        # Nothing is known of what a predecessor of this name has left there.
        self._written: dict[tuple[int, str], BreakerState] | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(repeat(self.write, self._write_every_s, or_else=CANNOT))

    def stop(self) -> None:
        """End; what this node knew is not shown any more once its heart stands still."""
        if self._task is not None:
            self._task.cancel()

    async def write(self) -> None:
        """Write what is known if it has changed. Raises DatabaseAway; then the next time writes it."""
        now = self._now()
        states = {(one.account_id, one.origin): self._state(one, now) for one in self._tripped()}
        if states != self._written:
            keep = partial(breakers.keep, node=self._node, states=list(states.values()), now=now)
            await self._database.write(keep)
            self._written = states

    def _state(self, one: Tripped, now: datetime) -> BreakerState:
        retry_at = now + timedelta(seconds=one.rest_s)
        before = (self._written or {}).get((one.account_id, one.origin))
        # Two clocks are never quite of one mind, and a wait that is over stays over.
        if before is not None and (one.rest_s == 0 or abs(before.retry_at - retry_at) < _SAME_WITHIN):
            retry_at = before.retry_at
        return BreakerState(self._node, one.account_id, one.origin, one.state, retry_at, one.code, one.text)
