"""A call of ours that follows a script."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from offhook.cli.calling import Outcome as CallOutcome
from offhook.cli.calling import Wish, new_phone, outcome_of
from offhook.cli.dialogue.ladder import Ladder, rungs
from offhook.cli.dialogue.parties import Outcome, Verdict
from offhook.cli.dialogue.performance import Performance
from offhook.cli.dialogue.scripts import Play


@dataclass(frozen=True, slots=True)
class Dialled:
    """What came of the call, of each line, and the messages and happenings with their milliseconds."""

    call: CallOutcome
    lines: tuple[Outcome, ...]
    ladder: tuple[tuple[float, str], ...]

    @property
    def is_fine(self) -> bool:
        """Whether all lines passed."""
        return all(line.verdict is Verdict.PASSED for line in self.lines)


async def dial(wish: Wish, play: Play, tell: Callable[[Outcome], None], stop: asyncio.Event) -> Dialled:
    """Call, perform the script and return when it is over; `tell` hears of each line as soon as it is done.

    Set `stop` to end it from outside. Raises SetupError when there is no way to the gateway.
    """
    ladder = Ladder()
    phone = new_phone(wish, lambda data, goes_out: ladder.add(data, goes_out=goes_out, now=monotonic()))
    began = monotonic()
    try:
        phone.dial(wish.number, caller=wish.caller, to=wish.to)
        lines = await Performance(play, phone, caller=phone, began=began, stop=stop).run(tell)
    finally:
        phone.hang_up()
        await phone.close()
    happened = rungs(ladder.of(), phone.happenings, began)
    return Dialled(outcome_of(phone, began), lines, tuple(happened))
