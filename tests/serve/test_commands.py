"""The job that has a node's calls do what is wanted of them, over a real database that other nodes use too."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from offhook.domain.commands import Command, CommandStatus
from offhook.serve.commands import Commands
from offhook.service import commands
from stages import locked

HELLO = 'say en "Hello"'


class Node:
    """A node whose calls answer as a test says."""

    def __init__(self, house: House, name: str = "node-1", answer: str | None = "") -> None:
        self.told: list[tuple[str, str | None, str]] = []
        self.answer = answer
        self.job = Commands(house.database, name, tell=self._tell, now=lambda: NOW, look_every_s=0.01)

    def _tell(self, call_id: str, action: str | None, by: str) -> str | None:
        self.told.append((call_id, action, by))
        return self.answer


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"), busy_timeout_s=0.05)
    opened.subscribed()
    yield opened
    opened.close()


def want(house: House, call_id: str, action: str | None = HELLO) -> Command:
    return house.write(
        lambda work: commands.command(
            work, account_id=house.shop.id, call_id=call_id, command_id=house.fresh(), action=action, by="sid", now=NOW
        )
    )


def found(house: House, command: Command) -> Command:
    return house.read(lambda work: commands.find_command(work, house.shop.id, command.call_id, command.command_id))


async def until_done(house: House, command: Command) -> None:
    for _ in range(500):
        if found(house, command).status is not CommandStatus.ACCEPTED:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody did it")


async def test_a_node_finds_what_another_one_was_asked_for_and_leaves_what_is_not_its_own(house: House) -> None:
    here, there = Node(house, "node-1"), Node(house, "node-2")
    call_id = house.ring(node="node-1")
    first, last = want(house, call_id), want(house, call_id, None)
    for node in (here, there):
        node.job.start()
    await until_done(house, last)
    for node in (here, there):
        node.job.stop()
    assert here.told == [(call_id, HELLO, "sid"), (call_id, None, "sid")]
    assert there.told == []
    assert found(house, first).status is CommandStatus.DONE


async def test_what_a_call_refuses_is_noted_with_its_code(house: House) -> None:
    node = Node(house, answer="call-is-over")
    command = want(house, house.ring())
    await node.job.attend()
    assert (found(house, command).status, found(house, command).code) == (CommandStatus.REFUSED, "call-is-over")


async def test_a_call_that_cannot_be_told_yet_is_told_the_next_time(house: House) -> None:
    node = Node(house, answer=None)
    command = want(house, house.ring())
    await node.job.look()
    assert found(house, command).status is CommandStatus.ACCEPTED
    node.answer = ""
    await node.job.look()
    assert found(house, command).status is CommandStatus.DONE


async def test_two_that_look_at_once_tell_a_call_once(house: House) -> None:
    node = Node(house)
    want(house, house.ring())
    await asyncio.gather(*(node.job.attend() for _ in range(5)))
    assert len(node.told) == 1


async def test_a_call_is_told_once_even_if_the_database_cannot_note_it(house: House) -> None:
    node = Node(house)
    command = want(house, house.ring())
    with locked(house.path), capture_logs() as logs:
        for _ in range(3):
            await node.job.attend()
    assert [entry["log_level"] for entry in logs] == ["warning"] * 3
    await node.job.attend()
    assert found(house, command).status is CommandStatus.DONE
    assert len(node.told) == 1
