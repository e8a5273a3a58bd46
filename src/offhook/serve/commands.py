"""The job that has this node's calls do what API users want of them.

It looks twice a second, for what other nodes were asked; whoever wrote a command down in this process has it look
at once. A command is told to its call once, even if the database is away when that is to be noted.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from offhook.errors import OffhookError
from offhook.service import commands
from offhook.service.ports import Database

LOOK_EVERY_S = 0.5
"""A command is done within a second, whichever node was asked."""

Tell = Callable[[str, str | None, str], str | None]
"""Tells a call a script (None: its end) by whom; returns why not as a code, empty if it is done, None if not yet."""

log = structlog.get_logger("offhook.serve")


class Commands:
    """Does what is wanted of the calls of one node; `tell` is called in the loop."""

    def __init__(
        self,
        database: Database,
        node: str,
        *,
        tell: Tell,
        now: Callable[[], datetime],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._database = database
        self._node = node
        self._tell = tell
        self._now = now
        self._look_every_s = look_every_s
        # What was told and is not noted yet: the command's id, and the code of why it was not done.
        self._told: dict[str, str | None] = {}
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._repeat())

    def stop(self) -> None:
        """End; what waits is done by nobody, since the calls end as well."""
        if self._task is not None:
            self._task.cancel()

    async def attend(self) -> None:
        """Do what waits; if the database is away, the next time does it."""
        try:
            await self.look()
        except OffhookError as error:
            log.warning("commands cannot be read or noted now", code=error.code, text=error.sentence)

    async def look(self) -> None:
        """Tell calls what they are told to do, each thing once. Raises DatabaseAway."""
        # Two that look at once would both find the same command.
        async with self._turn:
            for command in await self._database.read(partial(commands.waiting, node=self._node)):
                if command.command_id not in self._told:
                    code = self._tell(command.call_id, command.action, command.by)
                    if code is not None:
                        self._told[command.command_id] = code or None
            if self._told:
                done = frozenset(self._told.items())
                await self._database.write(partial(commands.note_done, done=done, now=self._now()))
                self._told.clear()

    async def _repeat(self) -> None:
        while True:
            await self.attend()
            await asyncio.sleep(self._look_every_s)
