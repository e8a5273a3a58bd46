"""What one call asks of the desk: its units of work, one after the other in the order in which they were wanted.

A desk that is away fails one wish and says so in the timeline; a call's end is tried again until it is recorded.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from offhook.domain.calls import Admission, Arrival, Ending, Reason, Refusal
from offhook.domain.routes import INSIDE, Routes, Unroutable
from offhook.domain.sip_messages import SipMessage
from offhook.engine.net.log import log
from offhook.engine.net.ports import Blank, Desk
from offhook.engine.net.timeline import Timeline
from offhook.errors import OffhookError

CLOSE_RETRY_S = 0.5
LONGEST_RETRY_S = 5.0


class Clerk:
    """Deals with the desk for one call.

    Its end is first tried again after `retry_s`, then each time twice as late, at most `LONGEST_RETRY_S`.
    """

    def __init__(self, desk: Desk, arrival: Arrival, timeline: Timeline, *, retry_s: float = CLOSE_RETRY_S) -> None:
        self._desk = desk
        self._arrival = arrival
        self._timeline = timeline
        self._retry_s = retry_s
        self._turn = asyncio.Lock()
        # False for a call that came while the desk was away: its record is made up for at its end.
        self._is_on_record = True

    async def admit(self) -> Admission | Refusal:
        """Put the call on record and ask whether it may come in."""
        arrival = self._arrival
        async with self._turn:
            try:
                return await self._desk.admit(arrival)
            except OffhookError as error:
                log.error("a call cannot be admitted", call_id=arrival.call_id, code=error.code, text=error.sentence)
                self._is_on_record = False
                return Refusal(arrival.call_id, Reason.DATABASE_AWAY, error.sentence)

    async def find_routes(self, leg: int, number: str) -> Routes | Unroutable:
        """Ask how a callee is reached; its first minute is held then."""
        came_inside = self._arrival.trunk == INSIDE
        async with self._turn:
            try:
                return await self._desk.find_routes(self._arrival.call_id, leg, number, came_inside=came_inside)
            except OffhookError as error:
                return Unroutable(Reason.DATABASE_AWAY, error.sentence)

    async def rings(self, leg: int, record: str) -> None:
        """Note that a callee is being called."""
        async with self._turn:
            try:
                await self._desk.rings(self._arrival.call_id, leg, record)
            except OffhookError as error:
                self._timeline.note("not-recorded", error.sentence, error.code)

    async def answered(self, leg: int, at: datetime, record: str | None) -> None:
        """Note that a leg was answered."""
        async with self._turn:
            try:
                await self._desk.answered(self._arrival.call_id, leg, at, record)
            except OffhookError as error:
                self._timeline.note("not-recorded", error.sentence, error.code)

    async def extend(self, leg: int, minute: int) -> bool | None:
        """Pay for a minute, which is named so that asking twice pays once; None when nobody can say."""
        async with self._turn:
            try:
                return await self._desk.extend(self._arrival.call_id, leg, minute)
            except OffhookError as error:
                # The call goes on until the minute that is paid for ends.
                self._timeline.note("hold-failed", error.sentence, error.code)
                return None

    async def give_back(self, leg: int) -> None:
        """Give back what is held for a callee that was never answered."""
        async with self._turn:
            try:
                await self._desk.give_back(self._arrival.call_id, leg)
            except OffhookError as error:
                # The call's end gives it back as well.
                self._timeline.note("not-recorded", error.sentence, error.code)

    async def begin_recording(self) -> Blank:
        """Make a place for a message. Raises `OffhookError`."""
        async with self._turn:
            return await self._desk.begin_recording(self._arrival.call_id)

    async def keep_recording(self, uid: str, seconds: float, size: int, code: str) -> str:
        """Keep a message; return where it can be fetched, nothing if the desk is away: then it is kept later."""
        async with self._turn:
            try:
                return await self._desk.keep_recording(uid, seconds, size, code)
            except OffhookError as error:
                self._timeline.note("not-recorded", error.sentence, error.code)
                return ""

    async def drop_recording(self, uid: str, code: str) -> None:
        """Give the place of a message back."""
        async with self._turn:
            try:
                await self._desk.drop_recording(uid, code)
            except OffhookError as error:
                self._timeline.note("not-recorded", error.sentence, error.code)

    async def close(self, ending: Ending, messages: Sequence[SipMessage] = ()) -> None:
        """Settle the call and keep its timeline and its SIP messages, as soon as the desk is there.

        Given up (cancelled), the call stays on record as running: whoever begins under this node's name, or
        declares the node dead, settles it.
        """
        async with self._turn:
            for attempt in count():
                try:
                    if not self._is_on_record:
                        await self._desk.admit(replace(self._arrival, refusal=Reason.DATABASE_AWAY))
                        self._is_on_record = True
                    await self._desk.close(ending, self._timeline.events, messages)
                except OffhookError as error:
                    call_id = ending.call_id
                    log.error("a call's end is not recorded yet", call_id=call_id, code=error.code, attempt=attempt)
                    await asyncio.sleep(min(self._retry_s * 2 ** min(attempt, 10), LONGEST_RETRY_S))
                else:
                    log.info("a call has ended", call_id=ending.call_id, status=ending.status, reason=ending.reason)
                    return
