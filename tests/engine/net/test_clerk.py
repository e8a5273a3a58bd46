"""What a call asks of a desk that may be away."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest

from call_machine import ARRIVAL, FREE, ROUTES
from offhook.domain.calls import Admission, Arrival, Ending, Reason, Refusal, Status, TimelineEvent
from offhook.domain.routes import INSIDE, Routes, Unroutable
from offhook.domain.sip_messages import SipMessage
from offhook.engine.net.clerk import Clerk
from offhook.engine.net.ports import Blank
from offhook.engine.net.timeline import Timeline
from offhook.errors import OffhookError

END = Ending("c-1", Status.COMPLETED, None, ARRIVAL.at, None, 0.0)


class Desk:
    """A desk that is away as long as `away` is above zero: each wish takes one off."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.done: list[str] = []
        self.came_inside = False
        self.refusal: Reason | None = None

    def _do(self, what: str) -> None:
        if self.away:
            self.away -= 1
            raise OffhookError("the database is away")
        self.done.append(what)

    async def admit(self, arrival: Arrival) -> Admission | Refusal:
        self._do("admit")
        self.refusal = arrival.refusal
        return FREE

    async def find_routes(self, call_id: str, leg: int, number: str, *, came_inside: bool) -> Routes | Unroutable:
        self._do(f"routes {call_id} {leg} {number}")
        self.came_inside = came_inside
        return ROUTES

    async def rings(self, call_id: str, leg: int, dialog: str) -> None:
        self._do(f"rings {call_id} {leg} {dialog}")

    async def answered(self, call_id: str, leg: int, at: datetime, dialog: str | None) -> None:
        self._do(f"answered {call_id} {leg} {at:%H} {dialog}")

    async def extend(self, call_id: str, leg: int, minute: int) -> bool:
        self._do(f"extend {call_id} {leg} {minute}")
        return True

    async def give_back(self, call_id: str, leg: int) -> None:
        self._do(f"give back {call_id} {leg}")

    async def begin_recording(self, call_id: str) -> Blank:
        self._do(f"begin recording {call_id}")
        return Blank("m-1", "/m-1.wav")

    async def keep_recording(self, uid: str, seconds: float, size: int, code: str) -> str:
        self._do(f"keep {uid} {seconds} {size} {code}")
        return f"https://offhook.example/{uid}"

    async def drop_recording(self, uid: str, code: str) -> None:
        self._do(f"drop {uid} {code}")

    async def close(self, ending: Ending, events: Sequence[TimelineEvent], messages: Sequence[SipMessage]) -> None:
        self._do(f"close {ending.call_id} {len(events)}")


def _clerk(desk: Desk, arrival: Arrival = ARRIVAL) -> tuple[Clerk, Timeline]:
    timeline = Timeline(lambda: 0.0)
    return Clerk(desk, arrival, timeline), timeline


async def test_every_wish_reaches_the_desk() -> None:
    desk = Desk()
    made, _ = _clerk(desk, replace(ARRIVAL, trunk=INSIDE))
    assert await made.admit() == FREE
    assert await made.find_routes(2, "81312345678") == ROUTES
    await made.rings(2, "invite")
    await made.answered(2, ARRIVAL.at, "dialog")
    assert await made.extend(2, 3)
    await made.give_back(3)
    await made.close(END)
    assert desk.came_inside
    assert desk.done == [
        "admit",
        "routes c-1 2 81312345678",
        "rings c-1 2 invite",
        "answered c-1 2 05 dialog",
        "extend c-1 2 3",
        "give back c-1 3",
        "close c-1 0",
    ]


async def test_a_desk_that_is_away_refuses_and_is_told_of_in_the_timeline() -> None:
    desk = Desk(away=6)
    made, timeline = _clerk(desk)
    refusal = await made.admit()
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.DATABASE_AWAY
    assert await made.find_routes(2, "1") == Unroutable(Reason.DATABASE_AWAY, "the database is away")
    await made.rings(2, "invite")
    await made.answered(1, ARRIVAL.at, None)
    assert await made.extend(1, 2) is None
    await made.give_back(2)
    assert [event.kind for event in timeline.events] == ["not-recorded", "not-recorded", "hold-failed", "not-recorded"]
    # What came while the desk was away is put on record before it is closed.
    await made.close(END)
    assert (desk.done, desk.refusal) == (["admit", "close c-1 4"], Reason.DATABASE_AWAY)


async def test_a_calls_end_is_tried_again_until_it_is_recorded() -> None:
    desk = Desk(away=9)
    await Clerk(desk, ARRIVAL, Timeline(lambda: 0.0), retry_s=0.0001).close(END)
    assert (desk.done, desk.away) == (["close c-1 0"], 0)


async def test_a_calls_end_can_be_given_up() -> None:
    desk = Desk(away=10**9)
    closing = asyncio.create_task(Clerk(desk, ARRIVAL, Timeline(lambda: 0.0), retry_s=0.0001).close(END))
    await asyncio.sleep(0.01)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert desk.done == []
