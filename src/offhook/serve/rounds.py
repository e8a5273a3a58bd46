"""What the jobs beside the calls do in common: their work every so often, whatever stood in its way the last time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from offhook.errors import OffhookError

log = structlog.get_logger("offhook.serve")


async def repeat(job: Callable[[], Awaitable[None]], every_s: float, *, or_else: str) -> None:
    """Do a job for ever, with so many seconds in between; `or_else` is logged when it raises OffhookError."""
    while True:
        try:
            await job()
        except OffhookError as error:
            log.warning(or_else, code=error.code, text=error.sentence)
        await asyncio.sleep(every_s)
