"""The process that delivers events, as its node keeps it: real processes over a real database and a real web server."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from offhook.domain.webhooks import KEPT_TRYING
from offhook.serve.couriers import Brief, Couriers, read_brief, write_brief
from offhook.service import notices, webhooks
from rawserver import RawServer, Reply, Request, raw_server

PATIENCE_S = 60.0


class Counted:
    def __init__(self) -> None:
        self.tried: list[str] = []
        self.waits: list[tuple[int, float]] = []

    def webhook_tried(self, outcome: str) -> None:
        self.tried.append(outcome)

    def webhooks_wait(self, waiting: int, oldest_s: float) -> None:
        self.waits.append((waiting, oldest_s))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return empty_file(tmp_path / "offhook.db")


@pytest.fixture
def house(url: str) -> Iterator[House]:
    opened = House(url)
    opened.subscribed()
    yield opened
    opened.close()


@pytest.fixture
async def hook(house: House) -> AsyncIterator[RawServer]:
    async def answer(_request: Request, reply: Reply) -> None:
        reply.respond()

    async with raw_server(answer) as server:
        house.write(lambda work: notices.set_contact(work, name="Shop", email=None, webhook_url=server.url("/events")))
        yield server


def brief(url: str) -> Brief:
    return Brief(url, (ip_network("127.0.0.0/8"),), frozenset(), "warning", "console")


@asynccontextmanager
async def couriers(house: House, url: str, counted: Counted) -> AsyncIterator[Couriers]:
    made = Couriers(house.database, brief(url), counted, now=lambda: NOW + timedelta(seconds=60))
    made.start()
    try:
        yield made
    finally:
        await made.stop()


async def until(is_so: Callable[[], object], what: str) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():  # noqa: ASYNC110 - what is waited for happens in other processes
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(f"waited in vain for {what}")


def test_a_brief_is_read_as_it_was_written() -> None:
    written = Brief(
        "postgresql://offhook:s3cret@db/offhook",
        (ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
        frozenset({ip_address("192.0.2.1"), ip_address("2001:db8::1")}),
        "info",
        "json",
    )
    assert read_brief(write_brief(written)) == written


async def test_the_process_begins_with_the_first_event_and_ends_with_its_node(
    house: House, url: str, hook: RawServer
) -> None:
    counted = Counted()
    async with couriers(house, url, counted) as made:
        await until(lambda: counted.waits, "a look at the outbox")
        before = made.pid
        house.ring()
        await until(lambda: counted.tried, "the event")
        assert counted.tried == ["delivered"]
        assert len(hook.requests) == 1
        pid = made.pid
    assert before is None
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert house.read(webhooks.backlog).waiting == 0


async def test_a_process_that_dies_is_started_again(house: House, url: str, hook: RawServer) -> None:
    counted = Counted()
    with capture_logs() as logged:
        async with couriers(house, url, counted) as made:
            house.ring()
            await until(lambda: counted.tried, "the first event")
            first = made.pid
            assert first is not None
            os.kill(first, signal.SIGKILL)
            await until(lambda: made.pid is None, "its death")
            house.ring()
            await until(lambda: len(counted.tried) >= 2, "the second event")
            assert made.pid not in (None, first)
    assert [one["status"] for one in logged if "started again" in one["event"]] == [-signal.SIGKILL]


async def test_what_waited_for_a_day_is_given_up_and_what_waits_is_told(
    house: House, url: str, hook: RawServer
) -> None:
    counted = Counted()
    made = Couriers(house.database, brief(url), counted, now=lambda: house_time)
    house.ring()
    (event,) = house.read(lambda work: webhooks.list_events(work, name="Shop", limit=1, undelivered=True))
    house_time = event.created_at + timedelta(seconds=7)
    await made.tidy()
    assert counted.waits == [(1, 7.0)]
    assert counted.tried == []
    house_time += KEPT_TRYING
    await made.tidy()
    assert counted.waits[1:] == [(0, 0.0)]
    assert counted.tried == ["given-up"]
    assert hook.requests == []
