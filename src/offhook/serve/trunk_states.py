"""The job that writes down how trunks fare: when something changed, and all that this node knows then."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from offhook.domain.trunk_states import Kind, Observed, TrunkState
from offhook.serve.rounds import repeat
from offhook.service import trunk_states
from offhook.service.ports import Database

WRITE_EVERY_S = 2.0
CANNOT = "states of trunks cannot be written down now"


class TrunkStates:
    """Keeps in the database what a node knows of its trunks; `observed` is asked in the loop."""

    def __init__(
        self,
        database: Database,
        node: str,
        *,
        observed: Callable[[], Iterable[Observed]],
        now: Callable[[], datetime],
        write_every_s: float = WRITE_EVERY_S,
    ) -> None:
        self._database = database
        self._node = node
        self._observed = observed
        self._now = now
        self._write_every_s = write_every_s
        # Nothing is known of what a predecessor of this name has left there.
        self._written: dict[tuple[str, Kind], TrunkState] | None = None
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
        states = {(one.trunk, one.kind): self._since(one, now) for one in self._observed()}
        if states != self._written:
            keep = partial(trunk_states.keep, node=self._node, states=list(states.values()), now=now)
            await self._database.write(keep)
            self._written = states

    def _since(self, one: Observed, now: datetime) -> TrunkState:
        before = (self._written or {}).get((one.trunk, one.kind))
        since = now if before is None or before.is_up is not one.is_up else before.since
        return TrunkState(self._node, one.trunk, one.kind, one.is_up, one.text, since)
