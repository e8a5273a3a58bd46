"""A node's heartbeat and its recovery of lost calls, over a real database and with a clock of the test."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from offhook.domain.calls import Status
from offhook.errors import ProtocolError
from offhook.serve.pulse import NodeFenced, Pulse
from offhook.service import nodes

NODE, OTHER = "node-1", "node-2"
AT_ONCE = 0.0


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    opened.subscribed()
    yield opened
    opened.close()


class Clock:
    """A clock that shows what it is told."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


async def until(fact: Callable[[], bool]) -> None:
    """Let the pulse go on until a fact is true: it does everything in its own tasks and tells nobody."""
    async with asyncio.timeout(10):
        while not fact():  # noqa: ASYNC110
            await asyncio.sleep(0)


def begin(house: House, node: str) -> None:
    house.write(partial(nodes.begin, node=node, now=NOW))


async def test_a_start_hangs_up_and_settles_what_the_predecessor_left(house: House) -> None:
    begin(house, NODE)
    spoken, ringing = house.ring(), house.ring()
    house.answer(spoken, dialog="caller")
    house.answer(spoken, dialog="callee", leg=2)
    hung_up: list[str] = []
    pulse = Pulse(house.database, NODE, now=Clock(), hang_up=hung_up.append)
    await pulse.begin()
    await pulse.recover()
    pulse.stop()
    assert hung_up == ["caller", "callee"]
    assert [house.call(call_id).reason for call_id in (spoken, ringing)] == ["node-lost"] * 2
    assert house.credit().held == 0


async def test_a_leg_that_cannot_be_hung_up_keeps_no_call_from_its_end(house: House) -> None:
    begin(house, NODE)
    first, second = house.ring(), house.ring()
    house.answer(first, dialog="broken")
    house.answer(second, dialog=json.dumps({"call_id": "x"}))
    hung_up: list[str] = []

    def hang_up(dialog: str) -> None:
        if dialog == "broken":
            raise ProtocolError("this is no dialog")
        hung_up.append(dialog)

    pulse = Pulse(house.database, NODE, now=Clock(), hang_up=hang_up)
    with capture_logs() as logged:
        await pulse.begin()
        await pulse.recover()
    pulse.stop()
    assert len(hung_up) == 1
    assert [house.call(call_id).status for call_id in (first, second)] == [Status.FAILED] * 2
    assert [line["text"] for line in logged if line["log_level"] == "error"] == ["this is no dialog"]


async def test_a_heart_beats(house: House) -> None:
    clock = Clock()
    pulse = Pulse(house.database, NODE, now=clock, hang_up=print, heartbeat_s=AT_ONCE)
    await pulse.begin()
    await pulse.recover()
    clock.turn(5)
    await until(lambda: house.read(lambda work: work.nodes.seen_at(NODE)) == clock.at)
    assert not pulse.is_fenced.is_set()
    pulse.stop()


async def test_a_node_whose_name_was_taken_is_fenced(house: House) -> None:
    pulse = Pulse(house.database, NODE, now=Clock(), hang_up=print, heartbeat_s=AT_ONCE)
    await pulse.begin()
    await pulse.recover()
    begin(house, NODE)
    async with asyncio.timeout(10):
        await pulse.is_fenced.wait()
    pulse.stop()
    assert NODE in NodeFenced(NODE).sentence


async def test_calls_of_a_node_that_dies_later_are_ended_too(house: House) -> None:
    clock, hung_up = Clock(), list[str]()
    pulse = Pulse(house.database, NODE, now=clock, hang_up=hung_up.append, look_every_s=AT_ONCE)
    begin(house, OTHER)
    await pulse.begin()
    await pulse.recover()
    call_id, own = house.ring(node=OTHER), house.ring(node=NODE)
    house.answer(call_id, dialog="caller")
    clock.turn(nodes.DEAD_AFTER_S + 1)
    await until(lambda: house.call(call_id).ended_at is not None)
    pulse.stop()
    assert hung_up == ["caller"]
    assert house.call(call_id).reason == "node-lost"
    assert house.call(own).status is Status.RINGING


async def test_a_database_that_is_away_stops_neither_heart_nor_eyes(house: House) -> None:
    pulse = Pulse(house.database, NODE, now=Clock(), hang_up=print, heartbeat_s=AT_ONCE, look_every_s=AT_ONCE)
    await pulse.begin()
    await pulse.recover()
    with capture_logs() as logged:
        house.close()
        await until(lambda: len({line["event"] for line in logged}) == 2)
        logged.clear()
        await until(lambda: len({line["event"] for line in logged}) == 2)
    pulse.stop()
    assert {line["code"] for line in logged} == {"database-away"}
    assert not pulse.is_fenced.is_set()
