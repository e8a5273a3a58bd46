"""Calls to our own phone that each follow the same script."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import monotonic

from offhook.cli.dialogue.ladder import Ladder, rungs
from offhook.cli.dialogue.parties import Outcome, Verdict
from offhook.cli.dialogue.performance import Performance
from offhook.cli.dialogue.scripts import Play
from offhook.cli.listening import listen
from offhook.config.values import HostPort
from offhook.engine.net.happenings import Happening
from offhook.engine.net.manners import Manners
from offhook.engine.net.received_call import ReceivedCall

ONLY_RINGS = Manners(answers_after_s=None)
"""What the phone does by itself: the script says the rest."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One call that is over: what came of each line, and the messages and happenings with their milliseconds."""

    call: ReceivedCall
    lines: tuple[Outcome, ...]
    ladder: tuple[tuple[float, str], ...]

    @property
    def is_fine(self) -> bool:
        """Whether all lines passed."""
        return all(line.verdict is Verdict.PASSED for line in self.lines)


Tell = Callable[[ReceivedCall, Outcome], None]


class Answerers:
    """Perform one script in each call that comes; `over` gets each call when it is, and None when we are to stop."""

    def __init__(self, play: Play, tell: Tell) -> None:
        self.ladder = Ladder()
        self.over: asyncio.Queue[asyncio.Task[Taken] | None] = asyncio.Queue()
        self._play = play
        self._tell = tell
        self._stop = asyncio.Event()
        self._tasks: set[asyncio.Task[Taken]] = set()

    def hear(self, call: ReceivedCall, _happening: Happening) -> None:
        """Take what the phone tells: the first that it tells of a call is that it comes in."""
        if len(call.happenings) == 1:
            task = asyncio.get_running_loop().create_task(self._perform(call))
            self._tasks.add(task)
            task.add_done_callback(self._put)

    def stop(self) -> None:
        """End all calls, and say so."""
        self._stop.set()
        self.over.put_nowait(None)

    async def finish(self) -> None:
        """Wait until all calls that are on are over."""
        self._stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _put(self, task: "asyncio.Task[Taken]") -> None:
        self._tasks.discard(task)
        self.over.put_nowait(task)

    async def _perform(self, call: ReceivedCall) -> Taken:
        began = monotonic()
        performance = Performance(self._play, call, called=call, began=began, stop=self._stop)
        lines = await performance.run(partial(self._tell, call))
        happened = rungs(self.ladder.of(call.request.values("Call-ID")[0].strip()), call.happenings, began)
        return Taken(call, lines, tuple(happened))


async def take_calls(
    place: HostPort,
    play: Play,
    *,
    calls: int | None,
    ready: Callable[[HostPort], None],
    tell: Tell,
    end: Callable[[Taken], None],
) -> bool:
    """Take so many calls at an IP address, or until SIGTERM or SIGINT; return whether all lines of all calls passed.

    `tell` hears of each line, `end` of each call that is over. Raises SetupError when the port is taken.
    """
    answerers = Answerers(play, tell)
    phone = listen(
        place,
        ONLY_RINGS,
        answerers.hear,
        lambda data, goes_out: answerers.ladder.add(data, goes_out=goes_out, now=monotonic()),
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, answerers.stop)
    is_fine, left = True, calls
    try:
        ready(HostPort(phone.host, phone.port))
        while left != 0 and (task := await answerers.over.get()) is not None:
            taken = task.result()
            end(taken)
            is_fine = is_fine and taken.is_fine
            left = None if left is None else left - 1
        await answerers.finish()
    finally:
        await phone.close()
    while not answerers.over.empty():
        if (task := answerers.over.get_nowait()) is not None:
            end(task.result())
            is_fine = is_fine and task.result().is_fine
    return is_fine
