"""Searches of a pool as customers do them, each beside its own statements, said by the bare driver."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

import psycopg
from bench.rig.ledger import opened
from bench.rig.tape import OneByOne, Statement, recording
from sqlalchemy import Row, make_url, select

from offhook.domain.credits import CREDIT
from offhook.domain.numbers import Feature, Number, SearchFilters
from offhook.service import numbers
from offhook.storage import Database, Work, open_database
from offhook.storage.schema import numbers as table

PAGE = 101
"""A page of 100, and the one that tells whether there is another."""
SAMPLE = 997
"""Every so-manieth number is one that a customer may have in mind."""
SEED = 1
Target = Row[Any]
Ask = Callable[[Work], list[Number]]
VERIFICATION = frozenset({Feature.VERIFICATION})
TRANSFER = frozenset({Feature.TRANSFER})
SEARCHES: dict[str, Callable[[Target], SearchFilters]] = {
    "anything": lambda _: SearchFilters(),
    "country": lambda t: SearchFilters(region=t.region),
    "prefix, the country code": lambda t: SearchFilters(prefix=t.country_code),
    "prefix, 3 digits more": lambda t: SearchFilters(prefix=t.din[: len(t.country_code) + 3]),
    "prefix, 7 digits": lambda t: SearchFilters(prefix=t.din[:7]),
    "country and prefix": lambda t: SearchFilters(region=t.region, prefix=t.din[: len(t.country_code) + 2]),
    "country and month's price": lambda t: SearchFilters(region=t.region, max_monthly_cost=t.monthly_cost),
    "the same, too low for all": lambda t: SearchFilters(region=t.region, max_monthly_cost=CREDIT),
    "country and minute's price": lambda t: SearchFilters(region=t.region, max_minute_cost=t.minute_cost),
    "country and transfer": lambda t: SearchFilters(region=t.region, features=TRANSFER),
    "country and verification": lambda t: SearchFilters(region=t.region, features=VERIFICATION),
    "country, prefix, price, transfer": lambda t: SearchFilters(
        region=t.region, prefix=t.din[: len(t.country_code) + 2], max_monthly_cost=t.monthly_cost, features=TRANSFER
    ),
    "prefix (3 more) and price": lambda t: SearchFilters(
        prefix=t.din[: len(t.country_code) + 3], max_monthly_cost=t.monthly_cost
    ),
    "prefix (3 more) and 3 digits": lambda t: SearchFilters(
        prefix=t.din[: len(t.country_code) + 3], contains=t.din[-3:]
    ),
    "country and 3 digits": lambda t: SearchFilters(region=t.region, contains=t.din[-3:]),
    "country and 5 digits": lambda t: SearchFilters(region=t.region, contains=t.din[-5:]),
    "3 digits": lambda t: SearchFilters(contains=t.din[-3:]),
    "5 digits": lambda t: SearchFilters(contains=t.din[-5:]),
    "month's price": lambda t: SearchFilters(max_monthly_cost=t.monthly_cost),
    "the same, too low for any": lambda _: SearchFilters(max_monthly_cost=CREDIT),
    "verification": lambda _: SearchFilters(features=VERIFICATION),
}
"""What a customer who has a number like this in mind asks for."""
DEEP = ("anything", "country", "prefix, the country code", "country and month's price")
"""Of these a page somewhere in the middle is asked for too."""


@dataclass(frozen=True, slots=True)
class Told:
    """One kind of search: how many numbers each found, and how long it took, ours and bare."""

    name: str
    found: list[int]
    ours_ms: list[float]
    bare_ms: list[float]


def measure(url: str, now: datetime, most: int, seconds: float) -> Iterator[Told]:
    """Do searches of every kind: at most so many, and for at most so long."""
    with opened(url) as database, _recorder(url) as write_down, _driver(url) as say:
        targets = database.read_now(lambda work: work.connection.execute(select(table)).all()[::SAMPLE])
        kinds = {name: (search, False) for name, search in SEARCHES.items()}
        kinds |= {f"{name}, a page in the middle": (SEARCHES[name], True) for name in DEEP}
        for name, (search, is_deep) in kinds.items():
            told, began = Told(name, [], [], []), perf_counter()
            for target in Random(SEED).choices(targets, k=most):
                ask = partial(
                    numbers.search, filters=search(target), now=now, limit=PAGE, after=target.din if is_deep else None
                )
                # It is done once before, so that both find its pages in memory.
                statements = write_down(ask)
                told.bare_ms.append(_ms(partial(say, statements)))
                told.ours_ms.append(_ms(partial(database.read_now, ask)))
                told.found.append(len(database.read_now(ask)))
                if perf_counter() - began > seconds:
                    break
            yield told


def _ms(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


@contextmanager
def _recorder(url: str) -> Iterator[Callable[[Ask], list[Statement]]]:
    """Return what does a search and returns its statements."""
    with recording() as tape:
        is_file = url.startswith("sqlite")
        database = open_database(url) if is_file else Database(OneByOne(url))
        # What is written down is decided when a connection is opened.
        database.read_now(lambda work: work.version.current())

    def write_down(ask: Ask) -> list[Statement]:
        tape.statements.clear()
        database.read_now(ask)
        return [statement for statement in tape.statements if statement[0].startswith(("SELECT", "WITH"))]

    with closing(database):
        yield write_down


@contextmanager
def _driver(url: str) -> Iterator[Callable[[list[Statement]], None]]:
    """Return what says statements by the bare driver, which keeps them prepared."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        assert parts.database is not None, "it is a file"
        with closing(sqlite3.connect(parts.database)) as file:
            yield lambda statements: _drain(file.execute(*statement).fetchall() for statement in statements)
        return
    place = parts.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(place, autocommit=True, options="-c timezone=UTC") as connection:
        yield lambda statements: _drain(
            connection.execute(text, values, prepare=True).fetchall() for text, values in statements
        )


def _drain(work: Iterator[object]) -> None:
    for _ in work:
        pass
