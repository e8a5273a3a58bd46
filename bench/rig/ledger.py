"""The desk's three units of work for one call, on a fresh SQLite file, as many calls at once as wanted."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from uuid import uuid4

from offhook.domain.calls import Admission, Arrival, Caller, Ending, Status, TimelineEvent
from offhook.domain.credits import CREDIT
from offhook.service import accounts, desk, numbers, subscriptions
from offhook.storage import Database, open_database

DIN = "815012345678"
CALLER = Caller("819012345678", "+819012345678")
LIMITS = desk.Limits(calls_per_number=100_000, calls_per_account=100_000)
ENOUGH = 100_000_000 * CREDIT
EVENTS = tuple(TimelineEvent(float(n), "asked", "the action server was asked", None, {"status": 200}) for n in range(8))


@asynccontextmanager
async def open_ledger() -> AsyncIterator[Database]:
    """Open a database with one subscribed number and enough credit."""
    now, tokens = datetime.now(UTC), (f"{number:014d}" for number in count())
    row = {"din": DIN, "country_code": "81", "prefix": "", "monthly_cost": "650", "minute_cost": "1"}
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            account = await database.write(
                partial(accounts.create_account, name="Bench", credit=ENOUGH, sid="sid", token="token", now=now)
            )
            await database.write(partial(numbers.import_numbers, rows=[row], now=now, fresh=lambda: next(tokens)))
            found = await database.read(lambda work: work.numbers.dialled(DIN))
            assert found is not None, "it was imported"
            uid = found.number.din_uid
            await database.write(partial(subscriptions.subscribe, account_id=account.id, din_uid=uid, now=now))
            yield database
        finally:
            database.close()


async def record_calls(database: Database, at_once: int, calls: int) -> None:
    """Admit, answer and close so many calls."""
    left = iter(range(calls))

    async def one_after_the_other() -> None:
        for _ in left:
            await _record(database)

    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))


async def _record(database: Database) -> None:
    now = datetime.now(UTC)
    arrival = Arrival(str(uuid4()), now, "bench", "127.0.0.1:5060", (DIN,), CALLER)
    admission = await database.write(partial(desk.admit, arrival=arrival, now=now, limits=LIMITS))
    assert isinstance(admission, Admission), "there is credit, and nothing is at its limit"
    await database.write(partial(desk.answered, call_id=arrival.call_id, at=now))
    ending = Ending(arrival.call_id, Status.COMPLETED, None, now + timedelta(seconds=7), now, 7.0)
    await database.write(partial(desk.close, ending=ending, events=EVENTS, node="bench"))
