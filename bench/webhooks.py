"""Webhooks: what it costs a call to be told of, and how many events a second leave.

README.md says how to read the figures.
"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_network
from multiprocessing.connection import Connection
from random import random
from statistics import median
from time import perf_counter, process_time

import uvloop
from bench.rig.children import Child
from bench.rig.hooks import Hooks
from bench.rig.ledger import admit, finish, open_shops, opened, record_calls, subscribe_all
from bench.rig.processes import cpu_s, machine
from bench.rig.stores import Store, open_stores
from bench.rig.tables import show
from bench.rig.timing import yardstick_us

from offhook.actionserver.guard import Guard
from offhook.actionserver.sessions import open_session
from offhook.actionserver.webhooks import LIMITS, Webhooks
from offhook.serve.courier_process import niceness
from offhook.serve.interpreter import share_interpreter
from offhook.serve.webhooks import Courier, Deliveries
from offhook.service import notices, signing, webhooks
from offhook.storage import Database

SHOPS, NUMBERS_EACH = 20, 5
ALONE = 200
"""Admissions one after the other, whose wait is told."""
LATER = timedelta(minutes=1)
"""All calls have ended by then: `record_calls` says that each took a few seconds."""
LOOK_EVERY_S = 0.1
NOWHERE = "http://127.0.0.1:9/events"
Row = tuple[str, ...]


class Quiet:
    """Counts nothing."""

    def webhook_tried(self, outcome: str) -> None:
        """Pass over it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--parts", nargs="+", default=["calls", "events"], help="which of the two")
    parser.add_argument("--calls", type=int, default=300, help="calls of a round, without and with webhooks in turns")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of calls")
    parser.add_argument("--at-once", type=int, default=64, help="calls under way at any time")
    parser.add_argument("--events", type=int, default=6000, help="events that wait to be delivered")
    parser.add_argument("--origins", type=int, default=20, help="customers' servers")
    parser.add_argument("--nodes", type=int, default=2, help="nodes that deliver, each a process")
    options = parser.parse_args()
    share_interpreter()
    print(machine())
    print(f"\nyardstick, send() and recv() of one RTP packet: {yardstick_us():.1f} us")
    with open_stores() as stores:
        rows = [row for store in stores for row in _calls(store, options)] if "calls" in options.parts else []
        heads = ("", "calls/s", "CPU", "ours", "server", "set-up p50 ms")
        show(f"calls, {options.at_once} at once; CPU in ms a call; set-ups alone", heads, rows)
        delivered = [_delivered(store, options) for store in stores] if "events" in options.parts else []
        heads_of_events = ("", "events/s", "CPU", "ours", "server", "again", "out of order")
        show(
            f"events to {options.origins} origins by {options.nodes} nodes; CPU in ms an event",
            heads_of_events,
            delivered,
        )


def _calls(store: Store, options: argparse.Namespace) -> list[Row]:
    """Record calls of accounts without and with a webhook in turns, on databases of the same content."""
    kinds = (False, True)
    rounds: dict[bool, list[tuple[float, ...]]] = {is_told: [] for is_told in kinds}
    databases = {is_told: furnished(store, [NOWHERE] if is_told else []) for is_told in kinds}
    for number in range(options.rounds):
        for is_told in kinds if number % 2 else reversed(kinds):
            url, dins = databases[is_told]
            with opened(url) as database:
                rounds[is_told].append(_round(store, database, dins, options, is_told))
    figures = {is_told: [median(column) for column in zip(*rounds[is_told], strict=True)] for is_told in kinds}
    names = {False: f"{store.name}, no webhook", True: f"{store.name}, webhook"}
    rows: list[Row] = [(names[is_told], *_words(figures[is_told])) for is_told in kinds]
    ratios = [
        median(told[place] / plain[place] for plain, told in zip(rounds[False], rounds[True], strict=True))
        for place in (0, 1, 4)
    ]
    rows.append(("ratio", f"{ratios[0]:.2f}", f"{ratios[1]:.2f}", "", "", f"{ratios[2]:.2f}"))
    return rows


def _words(figures: Sequence[float]) -> Row:
    a_second, *cpu_ms, wait_ms = figures
    return (f"{a_second:.0f}", *(f"{ms:.2f}" for ms in cpu_ms), f"{wait_ms:.2f}")


def _round(
    store: Store, database: Database, dins: tuple[str, ...], options: argparse.Namespace, is_told: bool
) -> tuple[float, ...]:
    record = partial(record_calls, database, options.at_once, dins=dins, is_told=is_told)
    uvloop.run(record(calls=options.calls // 10))
    own_s, server_s, began = process_time(), store.cpu_s(), perf_counter()
    uvloop.run(record(calls=options.calls))
    seconds = perf_counter() - began
    own_ms = (process_time() - own_s) / options.calls * 1000
    server_ms = (store.cpu_s() - server_s) / options.calls * 1000
    wait_ms = median(uvloop.run(_alone(database, dins, is_told)))
    return options.calls / seconds, own_ms + server_ms, own_ms, server_ms, wait_ms


async def _alone(database: Database, dins: tuple[str, ...], is_told: bool) -> list[float]:
    waited_ms: list[float] = []
    for number in range(ALONE):
        began = perf_counter()
        call_id = await admit(database, dins[number % len(dins)])
        waited_ms.append((perf_counter() - began) * 1000)
        await finish(database, call_id, is_told=is_told)
    return waited_ms


def furnished(store: Store, urls: Sequence[str], action_url: str | None = None) -> tuple[str, tuple[str, ...]]:
    """Make a database of some accounts, each with the next of the webhooks, and return its URL and numbers."""
    url = store.fresh()
    with opened(url) as database:
        shops = open_shops(database, SHOPS, NUMBERS_EACH)
        subscribe_all(database, shops, action_url)
        for number in range(SHOPS if urls else 0):
            hook = urls[number % len(urls)]
            name, secret = f"Bench {number}", f"the-secret-of-{number:06}"
            database.write_now(partial(notices.set_contact, name=name, email=None, webhook_url=hook))
            rotate = partial(signing.rotate_secret, account_id=shops[number].account_id, secret=secret)
            database.write_now(partial(rotate, now=datetime.now(UTC)))
    return url, tuple(din for numbers in zip(*(shop.numbers for shop in shops), strict=True) for din, _ in numbers)


def _delivered(store: Store, options: argparse.Namespace) -> Row:
    with Hooks(options.origins) as hooks:
        url, dins = furnished(store, hooks.urls)
        with opened(url) as database:
            calls = options.events // 3
            uvloop.run(record_calls(database, options.at_once, calls, dins, is_told=True))
            with ExitStack() as stack:
                nodes = [stack.enter_context(Child(_node, url)) for _ in range(options.nodes)]
                for node in nodes:
                    node.pipe.recv()
                own_s, server_s, began = _cpu_s(nodes), store.cpu_s(), perf_counter()
                for node in nodes:
                    node.pipe.send(None)
                uvloop.run(until_nothing_waits(database))
                seconds = perf_counter() - began
                own_ms = (_cpu_s(nodes) - own_s) / options.events * 1000
                server_ms = (store.cpu_s() - server_s) / options.events * 1000
        taken = hooks.taken()
    return (
        store.name,
        f"{taken.events / seconds:.0f}",
        *(f"{ms:.2f}" for ms in (own_ms + server_ms, own_ms, server_ms)),
        f"{taken.again}",
        f"{taken.out_of_order}",
    )


def _cpu_s(nodes: Sequence[Child]) -> float:
    return sum(cpu_s(node.pid) for node in nodes)


def _node(pipe: Connection, url: str) -> None:
    os.nice(niceness(url))
    with opened(url, is_lasting=False) as database:
        uvloop.run(_deliver(pipe, database))


async def _deliver(pipe: Connection, database: Database) -> None:
    """Deliver as a node does, until somebody ends this process."""
    async with open_session(Guard((ip_network("127.0.0.0/8"),), ()), LIMITS) as session:
        courier = Courier(Webhooks(session), now=lambda: datetime.now(UTC))
        job = Deliveries(database, courier.deliver, Quiet(), now=lambda: datetime.now(UTC) + LATER, chance=random)
        pipe.send(None)
        pipe.recv()
        job.start()
        await asyncio.Event().wait()


async def until_nothing_waits(database: Database) -> None:
    waiting = 1
    while waiting:
        await asyncio.sleep(LOOK_EVERY_S)
        waiting = (await database.read(webhooks.backlog)).waiting


if __name__ == "__main__":
    main()
