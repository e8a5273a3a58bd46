"""Numbers taken and given back: through a real `offhook serve` by others' HTTP, and the storage alone."""

import asyncio
import os
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import uvloop
from bench.rig.children import Child
from bench.rig.ledger import TOKEN, Shop, open_shops, opened
from bench.rig.platform import Platform
from bench.rig.processes import cpu_s
from bench.rig.renters import Plan, Rented, Renter, rent
from bench.rig.stores import Store

from offhook.service import audit, subscriptions
from offhook.storage import Database

SHOPS, NUMBERS_EACH = 20, 4
CUSTOMERS = 2
"""Processes, each with half of the connections."""
API_RATE = {"OFFHOOK_API_RATE": "100000"}
"""The limit that is raised: requests a second of one API user."""
WARM_UP_S = 1.0


@dataclass(frozen=True, slots=True)
class Pairs:
    """How many pairs of subscribe and cancel were done a second; milliseconds of CPU a pair, ours and the server's."""

    a_second: float
    own_ms: float
    server_ms: float
    waited_ms: list[float]


def measure_served(store: Store, seconds: float) -> Pairs:
    """Let customers take and give back through a platform's API."""
    url = store.fresh()
    with opened(url) as database:
        shops = open_shops(database, SHOPS, NUMBERS_EACH)
    renters = [Renter(shop.sid, TOKEN, uid) for shop in shops for _, uid in shop.numbers]
    settings = {"OFFHOOK_DATABASE": url, **API_RATE}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        customers = [stack.enter_context(Child(rent)) for _ in range(CUSTOMERS)]
        platform = stack.enter_context(Platform(folder, {}, os.sched_getaffinity(0), settings))

        def let(for_s: float) -> list[Rented]:
            for place, customer in enumerate(customers):
                customer.pipe.send(Plan(platform.http, renters[place::CUSTOMERS], for_s))
            return [customer.pipe.recv() for customer in customers]

        let(WARM_UP_S)
        own_s, server_s = cpu_s(platform.pid), store.cpu_s()
        told = let(seconds)
        own_s, server_s = cpu_s(platform.pid) - own_s, store.cpu_s() - server_s
    _prove(url)
    pairs = sum(one.pairs for one in told)
    waited_ms = [ms for one in told for ms in one.waited_ms]
    rate = sum(one.pairs / one.seconds for one in told)
    return Pairs(rate, own_s / pairs * 1000, server_s / pairs * 1000, waited_ms)


def measure_storage(store: Store, pairs: int, at_once: int) -> Pairs:
    """Take and give back by the use cases alone, so many at once."""
    url = store.fresh()
    with opened(url) as database:
        shops = open_shops(database, SHOPS, NUMBERS_EACH)
        uvloop.run(_take_turns(database, shops, at_once, pairs // 10))
        own_s, server_s, began = process_time(), store.cpu_s(), perf_counter()
        waited_ms = uvloop.run(_take_turns(database, shops, at_once, pairs))
        seconds = perf_counter() - began
        own_s, server_s = process_time() - own_s, store.cpu_s() - server_s
    _prove(url)
    return Pairs(pairs / seconds, own_s / pairs * 1000, server_s / pairs * 1000, waited_ms)


async def _take_turns(database: Database, shops: list[Shop], at_once: int, pairs: int) -> list[float]:
    left = iter(range(pairs))
    waited_ms: list[float] = []
    every = [
        (shop.account_id, uid) for place in range(NUMBERS_EACH) for shop in shops for _, uid in [shop.numbers[place]]
    ]
    assert at_once <= len(every), "each has a number of its own"

    async def take_turns(account_id: int, din_uid: str) -> None:
        for _ in left:
            for verb in (subscriptions.subscribe, subscriptions.cancel):
                began = perf_counter()
                await database.write(partial(verb, account_id=account_id, din_uid=din_uid, now=datetime.now(UTC)))
                waited_ms.append((perf_counter() - began) * 1000)

    await asyncio.gather(*(take_turns(account_id, uid) for account_id, uid in every[:at_once]))
    return waited_ms


def _prove(url: str) -> None:
    with opened(url) as database:
        findings = database.read_now(audit.verify).findings
    assert not findings, findings
