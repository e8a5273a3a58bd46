"""Webhooks' events beside the calls: a process of its own delivers them, and here it is started and counted.

It is started with the first event that is due, so that a node whose customers have no webhook does not pay for it.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Protocol

import structlog

from offhook import lifeline
from offhook.domain.webhooks import Backlog
from offhook.serve.rounds import repeat
from offhook.service import webhooks
from offhook.service.ports import Database

LOOK_EVERY_S = 0.5
"""How long the first event may wait for its process to be started."""
RESTART_AFTER_S = 2.0
TIDY_EVERY_S = 15.0
GOODBYE_S = 5.0
"""So long it may take to note what it has delivered."""
CANNOT = "events cannot be looked after now"

log = structlog.get_logger("offhook.serve")


class Observer(Protocol):
    """Counts what became of attempts, and what waits."""

    def webhook_tried(self, outcome: str) -> None: ...

    def webhooks_wait(self, waiting: int, oldest_s: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Brief:
    """What the process must know: where the events are, which addresses it may go to and which it may not."""

    database: str
    allowed: tuple[IPv4Network | IPv6Network, ...]
    own: frozenset[IPv4Address | IPv6Address]
    log_level: str
    log_format: str


def write_brief(brief: Brief) -> bytes:
    """Write it in a line; the database's URL may hold a password, which no command line should."""
    fields = (brief.database, [*map(str, brief.allowed)], [*map(str, brief.own)], brief.log_level, brief.log_format)
    return json.dumps(fields).encode() + b"\n"


def read_brief(line: bytes) -> Brief:
    """Read what `write_brief` wrote."""
    database, allowed, own, level, form = json.loads(line)
    return Brief(database, tuple(map(ip_network, allowed)), frozenset(map(ip_address, own)), level, form)


class Couriers:
    """Keeps a process that delivers while there is something to deliver, and the outbox tidy."""

    def __init__(self, database: Database, brief: Brief, observer: Observer, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._brief = brief
        self._observer = observer
        self._now = now
        self._process: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int | None:
        """The process that delivers, if there is one."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Begin."""
        jobs = ((self._look, LOOK_EVERY_S), (self.tidy, TIDY_EVERY_S))
        self._tasks = [asyncio.create_task(repeat(job, every_s, or_else=CANNOT)) for job, every_s in jobs]

    async def stop(self) -> None:
        """End; what is on its way is sent again when its lease ends."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def tidy(self) -> None:
        """Give up what has waited too long, forget what is old, and tell what waits. Raises DatabaseAway."""
        for _ in range(await self._database.write(partial(webhooks.tidy, now=self._now()))):
            self._observer.webhook_tried("given-up")
        self._show(await self._database.read(webhooks.backlog))
        # Batch by batch, so that calls wait for no more than one.
        while await self._database.write(partial(webhooks.forget, now=self._now())):
            pass

    def _show(self, backlog: Backlog) -> None:
        oldest_s = (self._now() - backlog.oldest_at).total_seconds() if backlog.oldest_at else 0.0
        self._observer.webhooks_wait(backlog.waiting, max(0.0, oldest_s))

    async def _look(self) -> None:
        """Have delivered what is due, for as long as the process lives."""
        # Reading costs nobody anything.
        if not await self._database.read(partial(webhooks.are_due, now=self._now())):
            return
        try:
            process = self._process = await _spawn(self._brief)
        except OSError as error:
            log.warning("the process that delivers events cannot be started now", text=str(error))
            return
        try:
            await self._count(process)
            log.warning("the process that delivers events has ended and is started again", status=await process.wait())
        finally:
            self._process = None
            await _dismiss(process)
        await asyncio.sleep(RESTART_AFTER_S)

    async def _count(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None, "it was started with a pipe"
        while line := await process.stdout.readline():
            self._observer.webhook_tried(line.decode().strip())


async def _spawn(brief: Brief) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *lifeline.command("offhook.serve.courier_process"), stdin=pipe, stdout=pipe
    )
    assert process.stdin is not None, "it was started with a pipe"
    process.stdin.write(write_brief(brief))
    return process


async def _dismiss(process: asyncio.subprocess.Process) -> None:
    """Let it note what it has delivered, and end it."""
    assert process.stdin is not None, "it was started with a pipe"
    process.stdin.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
