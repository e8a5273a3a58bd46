"""The pulse of a node: it says that it lives, and ends the calls of nodes that do not.

A call of a dead node is hung up first and settled then. Should we die in between, whoever comes
next hangs it up again, which harms nobody; the other way round its legs would stay up for ever.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial

import structlog

from offhook.domain.recovery import LostCall
from offhook.errors import OffhookError, SetupError
from offhook.service import nodes, recovery
from offhook.service.ports import Database

log = structlog.get_logger("offhook.serve")


class NodeFenced(SetupError):
    """Another process acts under this node's name, or declared the node dead and ends its calls."""

    code = "node-fenced"

    def __init__(self, node: str) -> None:
        super().__init__(
            f"another process took over from the node {node!r}, so this one ended its calls",
            hint="nodes of one database need different names: host name and SIP address; otherwise start it again",
        )


class Pulse:
    """The life of one node in the eyes of the others.

    `hang_up` is given the stored dialog of each lost leg, answered or ringing, and must not wait; what it raises as
    OffhookError is logged. `is_fenced` is set when the node must end all its calls.
    """

    def __init__(
        self,
        database: Database,
        node: str,
        *,
        now: Callable[[], datetime],
        hang_up: Callable[[str], None],
        heartbeat_s: float = nodes.HEARTBEAT_S,
        look_every_s: float = nodes.DEAD_AFTER_S,
    ) -> None:
        self.is_fenced = asyncio.Event()
        self._database = database
        self._node = node
        self._now = now
        self._hang_up = hang_up
        self._heartbeat_s = heartbeat_s
        self._look_every_s = look_every_s
        self._tasks: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        """Take the node's name, which makes the calls of its predecessor lost, and beat from now on.

        Call it when the SIP port is ours and before any call is taken. Raises DatabaseAway.
        """
        epoch = await self._database.write(partial(nodes.begin, node=self._node, now=self._now()))
        self._tasks.append(asyncio.create_task(self._beat(epoch)))

    async def recover(self) -> None:
        """End all lost calls, and look for more every so often from now on.

        Call it when the answers of hung up peers can be heard; new calls may come meanwhile. Raises
        DatabaseAway.
        """
        await self._end_lost_calls()
        self._tasks.append(asyncio.create_task(self._watch()))

    def stop(self) -> None:
        """Fall silent."""
        for task in self._tasks:
            task.cancel()

    async def _beat(self, epoch: int) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_s)
            try:
                is_ours = await self._database.write(
                    partial(nodes.renew, node=self._node, epoch=epoch, now=self._now())
                )
            except OffhookError as error:
                # Calls go on until what is held for them ends.
                log.warning("the heartbeat cannot be written now", code=error.code, text=error.sentence)
                continue
            if not is_ours:
                log.error("another process took over from this node: its calls end now", node=self._node)
                self.is_fenced.set()
                return

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._look_every_s)
            try:
                await self._end_lost_calls()
            except OffhookError as error:
                log.warning("lost calls cannot be looked for now", code=error.code, text=error.sentence)

    async def _end_lost_calls(self) -> None:
        found = await self._database.write(partial(recovery.lost, node=self._node, now=self._now()))
        for lost in found:
            self._hang_up_legs(lost)
            settle = partial(recovery.settle_lost, call_id=lost.call.call_id, now=self._now(), node=self._node)
            if await self._database.write(settle):
                log.warning("a lost call was ended", call_id=lost.call.call_id, node=lost.call.node)

    def _hang_up_legs(self, lost: LostCall) -> None:
        for leg in lost.dialogs:
            try:
                self._hang_up(leg.dialog)
            except OffhookError as error:
                call_id = lost.call.call_id
                log.error("a lost leg cannot be hung up", call_id=call_id, leg=leg.leg, text=error.sentence)
