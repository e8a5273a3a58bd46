"""Subscriptions that are all due at once, renewed while calls come.

Their rows are written in bulk, with a ledger that the audit finds right before and after.
"""

import asyncio
import gc
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter, process_time

import uvloop
from bench.rig.ledger import ENOUGH, FIRST_DIN, admit, finish, opened, record_calls
from bench.rig.stores import Store
from sqlalchemy import Connection, insert

from offhook.domain.credits import CREDIT, Posting, PostingKind, charge, effect, payment
from offhook.domain.subscriptions import PERIOD, SubscriptionStatus
from offhook.domain.terms import TERMS
from offhook.service import audit, renewals
from offhook.storage import Database
from offhook.storage.schema import accounts, balances, numbers, postings, subscriptions

NUMBERS_EACH = 50
MONTHLY = 650 * CREDIT
DUE_SINCE = timedelta(days=1)
"""They fell due over so long, all their periods but the coming one are charged, and none is due twice."""
QUIET_S = 5.0
WARM_UP, WARM_UP_AT_ONCE = 200, 16
SEED = 7
ROWS = 5000


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many were renewed in how long, CPU of all processes for each, and how long each admission waited."""

    renewed: int
    seconds: float
    cpu_ms: float
    quiet_ms: list[float]
    renewing_ms: list[float]


def measure(store: Store, count: int, rate: float) -> Renewed:
    """Renew so many, while calls are admitted at a rate; first the calls alone."""
    with opened(store.fresh()) as database:
        now = datetime.now(UTC)
        database.write_now(lambda work: _furnish(work.connection, count, now))
        _prove(database)
        # What the furnishing left behind is no part of a server's memory, and would be looked through meanwhile.
        gc.collect()
        gc.freeze()
        renewed = uvloop.run(_renew(store, database, count, rate, now))
        _prove(database)
    return renewed


async def _renew(store: Store, database: Database, count: int, rate: float, now: datetime) -> Renewed:
    # Statements are compiled, and connections opened, when they are first wanted.
    await record_calls(database, WARM_UP_AT_ONCE, WARM_UP, (str(FIRST_DIN),))
    async with _calls(database, count, rate) as quiet:
        await asyncio.sleep(QUIET_S)
    cpu_s, began = process_time() + store.cpu_s(), perf_counter()
    async with _calls(database, count, rate) as waited:
        renewed = await _renew_all(database, now)
    seconds = perf_counter() - began
    cpu_s = process_time() + store.cpu_s() - cpu_s
    return Renewed(renewed, seconds, cpu_s / renewed * 1000, quiet, waited)


async def _renew_all(database: Database, now: datetime) -> int:
    """Do what the job of `offhook serve` does."""
    renewed, mark = 0, renewals.FIRST
    while True:
        batch = await database.write(partial(renewals.renew_due, now=now, terms=TERMS, after=mark))
        renewed += batch.renewed
        if batch.mark is None:
            return renewed
        mark = batch.mark


@asynccontextmanager
async def _calls(database: Database, count: int, rate: float) -> AsyncIterator[list[float]]:
    """Let calls come to any of the numbers at a rate, and tell how long each admission took (ms)."""
    chosen = random.Random(SEED)
    waited_ms: list[float] = []
    running: set[asyncio.Task[None]] = set()

    async def call() -> None:
        began = perf_counter()
        call_id = await admit(database, str(FIRST_DIN + chosen.randrange(count)))
        waited_ms.append((perf_counter() - began) * 1000)
        await finish(database, call_id)

    async def come() -> None:
        due = perf_counter()
        while True:
            running.add(task := asyncio.create_task(call()))
            task.add_done_callback(running.discard)
            due += 1 / rate
            await asyncio.sleep(due - perf_counter())

    coming = asyncio.create_task(come())
    try:
        yield waited_ms
    finally:
        coming.cancel()
        await asyncio.gather(*running)


def _furnish(connection: Connection, count: int, now: datetime) -> None:
    """Write accounts with numbers that were subscribed 30 days and up to one more ago, each paid once."""
    chosen = random.Random(SEED)
    since = [now - PERIOD - chosen.random() * DUE_SINCE for _ in range(count)]
    owners = [number // NUMBERS_EACH + 1 for number in range(count)]
    began = min(since)
    of_accounts = [
        {"id": owner, "name": f"Bench {owner}", "language": "en", "created_at": began} for owner in sorted(set(owners))
    ]
    of_numbers = [
        {
            "id": number + 1,
            "din": str(FIRST_DIN + number),
            "din_uid": f"uid{number}",
            "region": "JP",
            "country_code": "81",
            "prefix": "",
            "monthly_cost": MONTHLY,
            "minute_cost": CREDIT,
            "free_from": None,
            "created_at": began,
        }
        for number in range(count)
    ]
    of_subscriptions = [
        {
            "id": number + 1,
            "account_id": owner,
            "number_id": number + 1,
            "status": SubscriptionStatus.ACTIVE.value,
            "paid": MONTHLY,
            "subscribed_at": at,
            "renews_at": at + PERIOD,
        }
        for number, (owner, at) in enumerate(zip(owners, since, strict=True))
    ]
    left: Counter[int] = Counter()
    of_postings = list(_postings(since, owners, left))
    of_balances = [{"account_id": owner, "available": available, "held": 0} for owner, available in left.items()]
    for table, rows in (
        (accounts, of_accounts),
        (balances, of_balances),
        (numbers, of_numbers),
        (subscriptions, of_subscriptions),
        (postings, of_postings),
    ):
        for start in range(0, len(rows), ROWS):
            connection.execute(insert(table), rows[start : start + ROWS])


def _postings(since: list[datetime], owners: list[int], left: Counter[int]) -> Iterator[dict[str, object]]:
    """Write each account's top-up and the first period of each of its subscriptions; `left` is what it then has."""
    for number, (owner, at) in enumerate(zip(owners, since, strict=True)):
        if owner not in left:
            yield _row(payment(owner, ENOUGH, fact=f"payment:{owner}", at=at, text="credit"), left)
        din = str(FIRST_DIN + number)
        fact, text = f"subscription:{number + 1}:1", f"{din}: {PERIOD.days} days"
        yield _row(charge(owner, MONTHLY, kind=PostingKind.SUBSCRIPTION, fact=fact, at=at, din=din, text=text), left)


def _row(posting: Posting, left: Counter[int]) -> dict[str, object]:
    left[posting.account_id] += effect(posting).available
    return {**asdict(posting), "kind": posting.kind.value, "balance": left[posting.account_id]}


def _prove(database: Database) -> None:
    findings = database.read_now(audit.verify).findings
    assert not findings, findings
