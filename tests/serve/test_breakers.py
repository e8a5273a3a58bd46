"""The job that writes down which action servers are left alone, over a real database."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from offhook.domain.breakers import Breaker, BreakerState, Tripped
from offhook.serve.breakers import BreakerStates
from offhook.service import breakers, nodes


class Node:
    """A node with one account, and the job that tells of its breakers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.seconds = 0.0
        self.tripped: list[Tripped] = []
        self.job = BreakerStates(
            house.database,
            "node-1",
            tripped=lambda: self.tripped,
            now=lambda: NOW + timedelta(seconds=self.seconds),
            write_every_s=0.01,
        )

    def shown(self) -> list[BreakerState]:
        return self.house.read(partial(breakers.list_breakers, account_id=self.house.shop.id, now=NOW))

    async def write(self, *tripped: Tripped) -> None:
        self.tripped = list(tripped)
        await self.job.write()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    opened.write(partial(nodes.begin, node="node-1", now=NOW))
    yield opened
    opened.close()


def tripped(house: House) -> Tripped:
    return Tripped(house.shop.id, "https://a.example", Breaker.OPEN, 10.0, "timeout", "it kept us waiting")


async def test_what_is_told_is_when_it_is_asked_again_and_that_stands_while_time_passes(house: House) -> None:
    node, one = Node(house), tripped(house)
    await node.write(one)
    expected = BreakerState(
        "node-1", house.shop.id, one.origin, Breaker.OPEN, NOW + timedelta(seconds=10), one.code, one.text
    )
    assert node.shown() == [expected]
    # Another writes there: what has not changed is not written again.
    house.write(lambda work: work.breakers.replace("node-1", []))
    node.seconds = 4.2
    await node.write(replace(one, rest_s=5.9))
    assert node.shown() == []
    node.seconds = 12.0
    await node.write(replace(one, state=Breaker.HALF_OPEN, rest_s=0.0))
    assert node.shown() == [replace(expected, state=Breaker.HALF_OPEN)]
    await node.write(replace(one, rest_s=20.0))
    assert node.shown() == [replace(expected, retry_at=NOW + timedelta(seconds=32))]
    await node.write()
    assert node.shown() == []


async def test_a_database_that_was_away_is_told_what_is_so_then(house: House) -> None:
    node = Node(house)
    node.tripped = [tripped(house)]
    house.write(lambda work: work.connection.exec_driver_sql("ALTER TABLE breakers RENAME TO away"))
    with capture_logs() as logs:
        node.job.start()
        await asyncio.sleep(0.05)
    house.write(lambda work: work.connection.exec_driver_sql("ALTER TABLE away RENAME TO breakers"))
    for _ in range(500):
        await asyncio.sleep(0.01)
        if node.shown():
            break
    node.job.stop()
    assert {entry["code"] for entry in logs} == {"database-away"}
    assert [one.origin for one in node.shown()] == ["https://a.example"]
