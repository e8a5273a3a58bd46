"""A node from its start to its end: the loop, the signals, the last calls."""

import asyncio
import gc
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress

import structlog
import uvloop

from offhook import logs
from offhook.config import Settings
from offhook.serve.house import House, open_house
from offhook.serve.interpreter import share_interpreter
from offhook.serve.pulse import NodeFenced

COLLECT_EVERY = 20_000

log = structlog.get_logger("offhook.serve")


def run(settings: Settings, *, ready: Callable[[House], None], stopping: Callable[[House], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` and `stopping` are told when. Raises SetupError.

    Calls that run then may go on for `drain_s`, or until a second signal.
    """
    logs.configure(settings.log_level, settings.log_format)
    share_interpreter()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, ready, stopping))


async def _run(settings: Settings, ready: Callable[[House], None], stopping: Callable[[House], None]) -> None:
    loop = asyncio.get_running_loop()
    asked_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked_to_stop.set)
    loop.set_exception_handler(_log_defect)
    async with open_house(settings) as house:
        _spare_collections()
        # How long the start kept the loop is no reason to refuse the first calls.
        house.switchboard.measure_load()
        ready(house)
        await _first_of(asked_to_stop.wait(), house.pulse.is_fenced.wait())
        # From the signal on a new call is told to come back.
        house.switchboard.drain()
        stopping(house)
        asked_to_stop.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(settings.drain_s):
                await _first_of(house.switchboard.idle(), asked_to_stop.wait(), house.pulse.is_fenced.wait())
    if house.pulse.is_fenced.is_set():
        raise NodeFenced(house.node)


def _spare_collections() -> None:
    """Let the cyclic collector leave alone what lives as long as the house, and look less often for the rest.

    Calls make few cycles; what they make is freed by its count. Searching the whole house for cycles took a
    tenth of the loop's time, in pauses of tens of milliseconds.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)


async def _first_of(*waits: Coroutine[object, object, object]) -> None:
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _log_defect(_loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """Keep the house standing: what escapes a callback is logged, and the loop goes on."""
    error = context.get("exception")
    log.error(str(context.get("message")), exc_info=error if isinstance(error, BaseException) else None)
