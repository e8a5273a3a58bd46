"""The process that delivers events to webhooks (`python -m`, not imported), so that no call waits for it.

The first line of its standard input is its `Brief`, and when that closes it ends. For each attempt it writes a line:
what came of it.
"""

import asyncio
import os
import signal
import sys
from random import random
from typing import BinaryIO

import structlog
import uvloop

from offhook import logs
from offhook.actionserver.guard import Guard
from offhook.actionserver.sessions import open_session
from offhook.actionserver.webhooks import LIMITS, Webhooks
from offhook.errors import OffhookError
from offhook.serve.clock import utc_now
from offhook.serve.couriers import Brief, read_brief
from offhook.serve.interpreter import share_interpreter
from offhook.serve.webhooks import Courier, Deliveries
from offhook.storage import open_database

log = structlog.get_logger("offhook.serve")


class _Tally:
    """Tells each attempt to whoever started us."""

    def __init__(self, told: BinaryIO) -> None:
        self._told = told

    def webhook_tried(self, outcome: str) -> None:
        self._told.write(outcome.encode() + b"\n")
        self._told.flush()


def niceness(database: str) -> int:
    """Return how far to stand back: calls go first, but whoever has a file locked must not wait for a core."""
    return 5 if database.startswith("sqlite") else 19


async def deliver(brief: Brief, orders: BinaryIO, told: BinaryIO) -> None:
    """Deliver what is due until `orders` closes. Raises SetupError, DatabaseAway."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(orders.fileno(), ended.set)
    # What the disk has not seen of it is delivered again.
    database = open_database(brief.database, is_lasting=False)
    try:
        async with open_session(Guard(brief.allowed, brief.own), LIMITS) as session:
            courier = Courier(Webhooks(session), now=utc_now)
            deliveries = Deliveries(database, courier.deliver, _Tally(told), now=utc_now, chance=random)
            deliveries.start()
            await ended.wait()
            await deliveries.stop()
    finally:
        loop.remove_reader(orders.fileno())
        database.close()


def main() -> None:
    """Read the brief and deliver."""
    # When to end is told by the pipe alone; a terminal sends its signals to every process.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    line = sys.stdin.buffer.readline()
    if not line:
        # The node was stopped while it started us.
        return
    brief = read_brief(line)
    os.nice(niceness(brief.database))
    share_interpreter()
    logs.configure(brief.log_level, brief.log_format)
    try:
        uvloop.run(deliver(brief, sys.stdin.buffer, sys.stdout.buffer))
    except BrokenPipeError:
        # The node is gone; so are we.
        return
    except OffhookError as error:
        log.warning("events cannot be delivered now", code=error.code, text=error.sentence)
        sys.exit(1)


if __name__ == "__main__":
    main()
