"""Telling: how long callers wait for the answer of a real `offhook serve` while it delivers events to webhooks.

README.md says how to read the figures.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import uvloop
from bench.rig.action_server import HOST, ActionServer
from bench.rig.callers import Plan, Told, call
from bench.rig.children import Child
from bench.rig.hooks import Hooks
from bench.rig.ledger import opened, record_calls
from bench.rig.platform import Platform
from bench.rig.processes import machine
from bench.rig.stores import Store, open_stores
from bench.rig.tables import NONE, quantile, show
from bench.webhooks import LOOK_EVERY_S, Row, furnished
from sqlalchemy import select, update

from offhook.service import notices, trunks, webhooks
from offhook.storage import Database, Work
from offhook.storage.schema import notices as rows

CALLS_A_SECOND = 20
AT_ONCE = 64
TALK_S = 0.2
SAID = 'say en "Hello. This sentence is longer than the caller will listen to it."'
WARM_UP_S = SETTLE_S = 2.0
MUCH_LATER = timedelta(hours=1)
WARM_UP_CALL, PLAN_CALLS = 10_000_000, 100_000
"""Calls of different plans have different numbers."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument(
        "--events", type=int, default=12_000, help="events that are due while calls come, in each round"
    )
    parser.add_argument("--rounds", type=int, default=4, help="rounds of calls, with and without them in turns")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long calls come in each turn")
    parser.add_argument("--origins", type=int, default=20, help="customers' servers")
    options = parser.parse_args()
    print(machine())
    with open_stores() as stores:
        measured = [row for store in stores for row in _beside(store, options)]
    show(
        f"from INVITE to answer, {CALLS_A_SECOND} calls a second",
        ("", "p50 ms", "p90", "p99", "events/s"),
        measured,
    )


def _beside(store: Store, options: argparse.Namespace) -> list[Row]:
    """Let calls come in turns to an account without a webhook, and to one with it while a backlog of events leaves."""
    with ExitStack() as stack:
        hooks = stack.enter_context(Hooks(options.origins))
        server = stack.enter_context(ActionServer({"/say": SAID}))
        trunk = stack.enter_context(Child(call))
        url, dins = furnished(store, hooks.urls, f"{server.origin}/say")
        with opened(url) as database:
            quiet, told = dins[0], dins[1:]
            database.write_now(partial(notices.set_contact, name="Bench 0", email=None, webhook_url=None))
            uvloop.run(record_calls(database, AT_ONCE, options.rounds * options.events // 3, told, is_told=True))
            database.write_now(partial(_wait_until, due=datetime.now(UTC) + MUCH_LATER))
            add = partial(trunks.add_trunk, name="bench", sources=(f"{HOST}/32",), send=None, now=datetime.now(UTC))
            database.write_now(add)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            settings = {"OFFHOOK_DATABASE": url}
            platform = stack.enter_context(Platform(folder, {}, os.sched_getaffinity(0), settings))
            plan = Plan(quiet, platform.sip[1], 0, options.seconds, CALLS_A_SECOND, hang_up_after_s=TALK_S)
            _take(trunk, replace(plan, seconds=WARM_UP_S, first_call=WARM_UP_CALL))
            alone: list[tuple[float, ...]] = []
            meanwhile: list[tuple[float, ...]] = []
            seconds, events = 0.0, 0
            for number in range(options.rounds):
                plan = replace(plan, first_call=number * 2 * PLAN_CALLS)
                alone.append(_answered(_take(trunk, plan)))
                database.write_now(partial(_wait_until, due=datetime.now(UTC), most=options.events))
                began, before = perf_counter(), hooks.taken().events
                plan = replace(plan, number=told[0], first_call=plan.first_call + PLAN_CALLS)
                meanwhile.append(_answered(_take(trunk, plan)))
                seconds, events = seconds + perf_counter() - began, events + hooks.taken().events - before
                plan = replace(plan, number=quiet)
                if not database.read_now(partial(webhooks.are_due, now=datetime.now(UTC))):
                    print("nothing waited any more before the calls were done: give more --events")
                database.write_now(partial(_wait_until, due=datetime.now(UTC) + MUCH_LATER))
                uvloop.run(_nothing_is_due(database))
    pairs = list(zip(alone, meanwhile, strict=True))
    ratios = [median(busy[place] / idle[place] for idle, busy in pairs) for place in range(3)]
    return [
        (f"{store.name}, no webhook", *_medians(alone), NONE),
        (f"{store.name}, meanwhile", *_medians(meanwhile), f"{events / seconds:.0f}"),
        ("ratio", *(f"{ratio:.2f}" for ratio in ratios), NONE),
    ]


def _wait_until(work: Work, due: datetime, most: int | None = None) -> None:
    """Let events be due at a time: all that wait, or so many of the oldest."""
    waiting = select(rows.c.id).where(rows.c.next_at.is_not(None)).order_by(rows.c.id).limit(most)
    work.connection.execute(update(rows).where(rows.c.id.in_(waiting)).values(next_at=due))


async def _nothing_is_due(database: Database) -> None:
    # What was under way is noted by then.
    await asyncio.sleep(SETTLE_S)
    is_due = True
    while is_due:
        await asyncio.sleep(LOOK_EVERY_S)
        is_due = await database.read(partial(webhooks.are_due, now=datetime.now(UTC)))


def _take(trunk: Child, plan: Plan) -> Told:
    trunk.pipe.send(plan)
    told = trunk.pipe.recv()
    assert isinstance(told, Told)
    for failure, count in told.failures.items():
        print(f"{count} calls: {failure}")
    return told


def _answered(told: Told) -> tuple[float, ...]:
    return tuple(quantile(told.invite_to_answer_ms, part) for part in (0.5, 0.9, 0.99))


def _medians(rounds: Sequence[tuple[float, ...]]) -> Row:
    return tuple(f"{median(column):.2f}" for column in zip(*rounds, strict=True))


if __name__ == "__main__":
    main()
