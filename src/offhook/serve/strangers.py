"""The job that writes down whom the door turned away: a few seconds' worth at once, nothing where nobody knocked."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from offhook.domain.strangers import Sighting
from offhook.engine.net.trunks import Stranger
from offhook.serve.rounds import repeat
from offhook.service import strangers
from offhook.service.ports import Database

WRITE_EVERY_S = 3.0
CANNOT = "strangers cannot be written down now"


class Strangers:
    """Keeps in the database what a node remembers of strangers.

    `remembered` is asked in the loop; its moments are those of `clock`, monotonic seconds.
    """

    def __init__(
        self,
        database: Database,
        node: str,
        *,
        remembered: Callable[[], Iterable[Stranger]],
        now: Callable[[], datetime],
        clock: Callable[[], float],
        write_every_s: float = WRITE_EVERY_S,
    ) -> None:
        self._database = database
        self._node = node
        self._remembered = remembered
        self._now = now
        self._clock = clock
        self._write_every_s = write_every_s
        # By address: since when it is remembered, and how many of its messages are written.
        self._written: dict[str, tuple[float, int]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(repeat(self.write, self._write_every_s, or_else=CANNOT))

    def stop(self) -> None:
        """End; what was heard in the last seconds is not written."""
        if self._task is not None:
            self._task.cancel()

    async def write(self) -> None:
        """Write what was heard since the last time. Raises DatabaseAway; then the next time writes it all."""
        known = {one.address: (one.first_seen, one.count) for one in self._remembered()}
        news = [sighting for one in self._remembered() if (sighting := self._news_of(one)) is not None]
        if news:
            note = partial(strangers.note, node=self._node, sightings=news, now=self._now())
            await self._database.write(note)
        self._written = known

    def _news_of(self, stranger: Stranger) -> Sighting | None:
        since, written = self._written.get(stranger.address, (stranger.first_seen, 0))
        if since != stranger.first_seen:
            # It was forgotten meanwhile, and counts anew.
            written = 0
        if stranger.count == written:
            return None
        return Sighting(
            stranger.address,
            stranger.first_line,
            stranger.count - written,
            self._date(stranger.first_seen),
            self._date(stranger.last_seen),
        )

    def _date(self, moment: float) -> datetime:
        return self._now() - timedelta(seconds=self._clock() - moment)
