"""The job that writes strangers down, over a real database and the door's own list."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from offhook.domain.strangers import MOST_STRANGERS
from offhook.engine.net.log import Throttled
from offhook.engine.net.trunks import Trunks
from offhook.serve.strangers import Strangers
from offhook.service import strangers

INVITE = b"INVITE sip:815012345678@192.0.2.1 SIP/2.0\r\nVia: x\r\n"


class Node:
    """A door and its job, by one clock."""

    def __init__(self, house: House, write_every_s: float = 0.0) -> None:
        self.clock = 0.0
        self.house = house
        self.door = Trunks(Throttled(lambda: self.clock), lambda: self.clock)
        self.job = Strangers(
            house.database,
            "node-1",
            remembered=self.door.strangers,
            now=lambda: NOW + timedelta(seconds=self.clock),
            clock=lambda: self.clock,
            write_every_s=write_every_s,
        )

    def knock(self, address: str, times: int = 1, data: bytes = INVITE) -> None:
        for _ in range(times):
            self.door.permits(data, address, 5060)

    def counts(self) -> dict[str, int]:
        return {one.address: one.count for one in self.house.read(strangers.list_strangers)}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    yield opened
    opened.close()


async def test_what_was_heard_is_written_with_its_times_of_day(house: House) -> None:
    node = Node(house)
    node.clock = 10.0
    node.knock("203.0.113.1")
    node.clock = 30.0
    node.knock("203.0.113.1", 2)
    node.clock = 31.0
    await node.job.write()
    (stranger,) = house.read(strangers.list_strangers)
    assert (stranger.first_at, stranger.last_at) == (NOW + timedelta(seconds=10), NOW + timedelta(seconds=30))
    assert (stranger.first_line, stranger.count) == ("INVITE sip:815012345678@192.0.2.1 SIP/2.0", 3)


async def test_every_message_counts_once_however_often_it_is_written(house: House) -> None:
    node = Node(house)
    for times in (3, 0, 2):
        node.knock("203.0.113.1", times)
        await node.job.write()
    assert node.counts() == {"203.0.113.1": 5}


async def test_nothing_is_written_where_nobody_knocked(house: House) -> None:
    node = Node(house)
    node.knock("203.0.113.1")
    await node.job.write()
    house.close()
    await node.job.write()
    node.knock("203.0.113.1")
    with pytest.raises(Exception, match="closed"):
        await node.job.write()


async def test_a_source_that_was_forgotten_meanwhile_counts_on(house: House) -> None:
    node = Node(house)
    node.knock("203.0.113.1", 5)
    await node.job.write()
    for number in range(MOST_STRANGERS):
        node.clock += 1.0
        node.knock(f"198.51.100.{number}")
    node.clock += 1.0
    node.knock("203.0.113.1", 2)
    await node.job.write()
    assert node.counts()["203.0.113.1"] == 7
    assert len(node.counts()) == MOST_STRANGERS


async def test_a_database_that_was_away_loses_nothing_but_time(house: House) -> None:
    node = Node(house)
    node.knock("203.0.113.1")
    house.write(lambda work: work.connection.exec_driver_sql("ALTER TABLE strangers RENAME TO away"))
    with capture_logs() as logs:
        node.job.start()
        await asyncio.sleep(0.05)
        node.job.stop()
    assert {entry["code"] for entry in logs} == {"database-away"}
    assert len(logs) > 2
    house.write(lambda work: work.connection.exec_driver_sql("ALTER TABLE away RENAME TO strangers"))
    node.knock("203.0.113.1")
    await node.job.write()
    assert node.counts() == {"203.0.113.1": 2}


async def test_the_job_goes_on_by_itself_until_it_is_stopped(house: House) -> None:
    node = Node(house, write_every_s=0.01)
    node.job.start()
    await asyncio.sleep(0.03)
    node.knock("203.0.113.1")
    for _ in range(500):
        await asyncio.sleep(0.01)
        if node.counts():
            break
    assert node.counts() == {"203.0.113.1": 1}
    node.job.stop()
