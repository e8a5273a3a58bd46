"""Many calls under way at once, and the storage alone: our units, and beside them their bare statements."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from statistics import median
from time import perf_counter, process_time

import uvloop
from bench.rig.ledger import open_shops, opened, record_calls, subscribe_all
from bench.rig.stores import Store
from bench.rig.tape import OneByOne, Transaction, play_postgres, play_sqlite, recording

from offhook.serve.interpreter import share_interpreter
from offhook.storage import Database
from offhook.storage.postgres import CONNECTIONS

SHOPS, NUMBERS_EACH = 20, 5
ROUNDS = 3
UNITS = 3
"""Of a call: its admission, its answer, its end."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost: milliseconds of our CPU and of the database's processes, and how many were done a second."""

    own_ms: float
    server_ms: float
    a_second: float

    @property
    def whole_ms(self) -> float:
        return self.own_ms + self.server_ms


@dataclass(frozen=True, slots=True)
class Laid:
    """Our units, and the bare driver's statements beside them: the median of the rounds."""

    ours: Cost
    floor: Cost
    ratio: float


def measure(store: Store, calls: int, at_once: int) -> Laid:
    """Record calls, in turns with their bare statements, each time on a copy of the same database."""
    share_interpreter()
    url = store.fresh()
    with opened(url) as database:
        shops = open_shops(database, SHOPS, NUMBERS_EACH)
        subscribe_all(database, shops)
    # Neighbours in time call different accounts.
    dins = tuple(din for numbers in zip(*(shop.numbers for shop in shops), strict=True) for din, _ in numbers)
    rounds = [_round(store, url, dins, calls, at_once) for _ in range(ROUNDS)]
    ours, floors = zip(*rounds, strict=True)
    ratio = median(own.whole_ms / floor.whole_ms for own, floor in rounds)
    return Laid(_middle(ours), _middle(floors), ratio)


def _round(store: Store, url: str, dins: tuple[str, ...], calls: int, at_once: int) -> tuple[Cost, Cost]:
    with opened(store.copy(url)) as database:

        def record(count: int) -> None:
            uvloop.run(record_calls(database, at_once, count, dins))

        record(calls // 10)
        ours = _cost(store, partial(record, calls), calls)
    return ours, _cost(store, _floor(store, url, dins, calls, at_once), calls)


def _floor(store: Store, url: str, dins: tuple[str, ...], calls: int, at_once: int) -> Callable[[], None]:
    """Write the statements of so many calls down, and return what says them again to another copy."""
    with recording() as tape:
        if store.name == "SQLite":
            # One transaction for all units that came together, in the order in which they came.
            with opened(store.copy(url)) as database:
                tape.statements.clear()
                uvloop.run(record_calls(database, at_once, calls, dins))
            return partial(play_sqlite, store.copy(url), tape.transactions())
        # One transaction for each unit, and a call's are told apart best while there is one call at a time.
        with closing(OneByOne(store.copy(url))) as one_by_one:
            tape.statements.clear()
            uvloop.run(record_calls(Database(one_by_one), 1, calls, dins))
    return partial(play_postgres, store.copy(url), list(_by_call(tape.transactions())), CONNECTIONS)


def _by_call(transactions: list[Transaction]) -> Iterator[list[Transaction]]:
    units = iter(transactions)
    while call := list(islice(units, UNITS)):
        yield call


def _cost(store: Store, work: Callable[[], None], calls: int) -> Cost:
    own_s, server_s, began = process_time(), store.cpu_s(), perf_counter()
    work()
    seconds = perf_counter() - began
    return Cost((process_time() - own_s) / calls * 1000, (store.cpu_s() - server_s) / calls * 1000, calls / seconds)


def _middle(costs: tuple[Cost, ...]) -> Cost:
    return sorted(costs, key=lambda cost: cost.whole_ms)[len(costs) // 2]
