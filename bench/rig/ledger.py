"""The desk's three units of work for one call, on a database of some accounts, as many calls at once as wanted."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle
from pathlib import Path
from uuid import uuid4

from offhook.domain.calls import Admission, Arrival, Caller, Ending, Status, TimelineEvent
from offhook.domain.credits import CREDIT
from offhook.service import accounts, desk, numbers, subscriptions
from offhook.storage import Database, Work, open_database

FIRST_DIN = 815012345678
CALLER = Caller("819012345678", "+819012345678")
LIMITS = desk.Limits(calls_per_number=100_000, calls_per_account=100_000)
ENOUGH = 100_000_000 * CREDIT
EVENTS = tuple(TimelineEvent(float(n), "asked", "the action server was asked", None, {"status": 200}) for n in range(8))
TOKEN = "token"
DIALOG = json.dumps(
    {
        "tag": "6f1d0a52c7b84e39",
        "call_id": "0b6e7a52-1c0f-4a5e-9a59-8a7d1f0c2b3d@192.0.2.1",
        "local": "sip:815012345678@192.0.2.2:5060",
        "local_address": "<sip:815012345678@192.0.2.2>",
        "remote_address": '"A caller" <sip:819012345678@192.0.2.1>',
        "remote_tag": "as58f4f201",
        "remote_target": "sip:819012345678@192.0.2.1:5060",
        "route_set": ["<sip:192.0.2.1;lr>"],
        "local_cseq": 1,
    }
)
"""As long as the engine's own: it is kept while the call is up."""


@dataclass(frozen=True, slots=True)
class Shop:
    """An account with its numbers: (din, din_uid)."""

    account_id: int
    sid: str
    numbers: tuple[tuple[str, str], ...]


@contextmanager
def opened(url: str, *, is_lasting: bool = True) -> Iterator[Database]:
    """Open a database for as long as the context lasts."""
    database = open_database(url, is_lasting=is_lasting)
    try:
        yield database
    finally:
        database.close()


@asynccontextmanager
async def open_ledger() -> AsyncIterator[Database]:
    """Open a database with one subscribed number (the first) and enough credit."""
    with tempfile.TemporaryDirectory() as folder, opened(f"sqlite:///{Path(folder) / 'bench.db'}") as database:
        await asyncio.to_thread(subscribe_all, database, open_shops(database, 1, 1))
        yield database


def open_shops(database: Database, count: int, numbers_each: int) -> list[Shop]:
    """Make accounts with enough credit, and give each its share of new numbers, which nobody subscribes yet."""
    shops = [database.write_now(partial(_open_shop, number=number)) for number in range(count)]
    dins = [str(FIRST_DIN + number) for number in range(count * numbers_each)]
    fresh = (f"{number:014d}" for number in range(len(dins)))
    rows = [{"din": din, "country_code": "81", "prefix": "", "monthly_cost": "650", "minute_cost": "1"} for din in dins]
    now = datetime.now(UTC)
    report = database.write_now(partial(numbers.import_numbers, rows=rows, now=now, fresh=lambda: next(fresh)))
    assert report.added == len(dins), report.problems

    def uids(work: Work) -> list[str]:
        found = [work.numbers.dialled(din) for din in dins]
        return [dialled.number.din_uid for dialled in found if dialled is not None]

    pairs = list(zip(dins, database.read_now(uids), strict=True))
    return [
        Shop(account_id, sid, tuple(pairs[place * numbers_each : (place + 1) * numbers_each]))
        for place, (account_id, sid) in enumerate(shops)
    ]


def subscribe_all(database: Database, shops: list[Shop], action_url: str | None = None) -> None:
    """Let each account subscribe its numbers."""
    subscribe = partial(subscriptions.subscribe, action_url=action_url, now=datetime.now(UTC))
    for shop in shops:
        for _, uid in shop.numbers:
            database.write_now(partial(subscribe, account_id=shop.account_id, din_uid=uid))


async def record_calls(
    database: Database, at_once: int, calls: int, dins: tuple[str, ...] = (str(FIRST_DIN),), *, is_told: bool = False
) -> None:
    """Admit, answer and close so many calls, each to the next number; `is_told` if its account has a webhook."""
    left = iter(range(calls))
    dialled = cycle(dins)

    async def one_after_the_other() -> None:
        for _ in left:
            await finish(database, await admit(database, next(dialled)), is_told=is_told)

    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))


async def admit(database: Database, din: str) -> str:
    """Admit a call that must be admitted, and return its id."""
    now = datetime.now(UTC)
    arrival = Arrival(str(uuid4()), now, "bench", "127.0.0.1:5060", (din,), CALLER)
    admission = await database.write(partial(desk.admit, arrival=arrival, now=now, limits=LIMITS))
    assert isinstance(admission, Admission), "there is credit, and nothing is at its limit"
    return arrival.call_id


async def finish(database: Database, call_id: str, *, is_told: bool = False) -> None:
    """Answer and close an admitted call, as a node does that knows whether its account has a webhook."""
    now = datetime.now(UTC)
    await database.write(partial(desk.answered, call_id=call_id, at=now, dialog=DIALOG, is_told=is_told))
    ending = Ending(call_id, Status.COMPLETED, None, now + timedelta(seconds=7), now, 7.0)
    await database.write(partial(desk.close, ending=ending, events=EVENTS, node="bench", is_told=is_told))


def _open_shop(work: Work, number: int) -> tuple[int, str]:
    name, sid, now = f"Bench {number}", f"sid{number}", datetime.now(UTC)
    return accounts.create_account(work, name=name, credit=ENOUGH, sid=sid, token=TOKEN, now=now).id, sid
