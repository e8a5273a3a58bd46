"""The job of renewals over a real database, with a calendar of the test."""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from house import NOW, House, empty_file
from offhook.domain.subscriptions import PERIOD
from offhook.domain.terms import Terms
from offhook.serve.renewals import Renewals
from offhook.service import notices

DAY = timedelta(days=1)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(empty_file(tmp_path / "offhook.db"))
    opened.write(lambda work: notices.set_contact(work, name="Shop", email="shop@example.com", webhook_url=None))
    yield opened
    opened.close()


def job(house: House, at: datetime) -> Renewals:
    return Renewals(house.database, now=lambda: at, terms=Terms(), renew_every_s=0.0, tell_every_s=0.0)


def periods(house: House) -> list[int]:
    return [one.periods for one in house.read(lambda work: work.subscriptions.all_living(house.shop.id))]


async def test_everything_that_is_due_is_renewed_however_many_batches_it_takes(house: House) -> None:
    for number in range(60):
        house.subscribed(f"8150{number:08}", monthly="1")
    with capture_logs() as logs:
        await job(house, NOW + PERIOD).renew()
    assert periods(house) == [2] * 60
    assert sum(entry["renewed"] for entry in logs) == 60


async def test_accounts_that_cannot_pay_are_told(house: House) -> None:
    house.subscribed(monthly="600")
    await job(house, NOW + PERIOD - DAY).tell()
    assert len(house.read(lambda work: notices.list_notices(work, house.shop.id, 10))) == 1


async def test_the_job_goes_on_by_itself_until_it_is_stopped(house: House) -> None:
    house.subscribed(monthly="1")
    at = NOW
    running = Renewals(house.database, now=lambda: at, terms=Terms(), renew_every_s=0.01, tell_every_s=0.01)
    running.start()
    await asyncio.sleep(0.05)
    assert periods(house) == [1]
    at = NOW + PERIOD
    for _ in range(500):
        await asyncio.sleep(0.01)
        if periods(house) == [2]:
            break
    assert periods(house) == [2]
    running.stop()


async def test_a_database_that_is_away_does_not_end_the_job(house: House) -> None:
    house.close()
    with capture_logs() as logs:
        running = job(house, NOW)
        running.start()
        await asyncio.sleep(0.05)
        running.stop()
    assert {entry["code"] for entry in logs} == {"database-away"}
    assert len(logs) > 2
