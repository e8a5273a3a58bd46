"""The job that writes down how trunks fare, over a real database."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from offhook.domain.trunk_states import Kind, Observed, TrunkState
from offhook.serve.trunk_states import TrunkStates
from offhook.service import nodes, trunk_states

UP = Observed("tokyo", Kind.GATEWAY, True, "10.0.0.1:5060 answered 200 OK")
DOWN = Observed("tokyo", Kind.GATEWAY, False, "10.0.0.1:5060 nobody answered within 8 s")


class Node:
    """A node with a trunk, and the job that tells of it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.seconds = 0
        self.observed: list[Observed] = []
        self.job = TrunkStates(
            house.database,
            "node-1",
            observed=lambda: self.observed,
            now=lambda: NOW + timedelta(seconds=self.seconds),
            write_every_s=0.01,
        )

    def shown(self) -> list[TrunkState]:
        found = self.house.read(lambda work: trunk_states.list_states(work, now=NOW))
        return found.get("tokyo", [])

    async def write(self, *observed: Observed) -> None:
        self.observed = list(observed)
        self.seconds += 1
        await self.job.write()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    opened.add_trunk("tokyo")
    opened.write(lambda work: nodes.begin(work, node="node-1", now=NOW))
    yield opened
    opened.close()


def at(second: int, one: Observed) -> TrunkState:
    return TrunkState("node-1", one.trunk, one.kind, one.is_up, one.text, NOW + timedelta(seconds=second))


async def test_it_is_told_since_when_a_trunk_is_up_whatever_else_is_said_of_it(house: House) -> None:
    node = Node(house)
    await node.write(UP)
    assert node.shown() == [at(1, UP)]
    other = Observed("tokyo", Kind.GATEWAY, True, "10.0.0.2:5060 answered 200 OK")
    await node.write(other)
    assert node.shown() == [at(1, other)]
    await node.write(DOWN)
    assert node.shown() == [at(3, DOWN)]
    await node.write()
    assert node.shown() == []


async def test_what_a_predecessor_of_its_name_knew_is_taken_away_first(house: House) -> None:
    house.write(lambda work: trunk_states.keep(work, node="node-1", states=[at(0, UP)], now=NOW))
    node = Node(house)
    assert node.shown() == [at(0, UP)]
    await node.write()
    assert node.shown() == []


async def test_nothing_is_written_where_nothing_has_changed(house: House) -> None:
    node = Node(house)
    await node.write(UP)
    house.write(lambda work: work.trunk_states.replace("node-1", []))
    await node.write(UP)
    assert node.shown() == []


async def test_a_database_that_was_away_is_told_what_is_so_then(house: House) -> None:
    node = Node(house)
    node.observed = [UP]
    house.write(lambda work: work.connection.exec_driver_sql("ALTER TABLE trunk_states RENAME TO away"))
    with capture_logs() as logs:
        node.job.start()
        await asyncio.sleep(0.05)
    house.write(lambda work: work.connection.exec_driver_sql("ALTER TABLE away RENAME TO trunk_states"))
    for _ in range(500):
        await asyncio.sleep(0.01)
        if node.shown():
            break
    node.job.stop()
    assert {entry["code"] for entry in logs} == {"database-away"}
    assert node.shown() == [at(0, UP)]
