"""Offers: the few combinations of prices and features at which a country's numbers come.

Numbers that may not cost more than so much would be looked for in vain among all that cost more. Those of one
offer stand together in an index, by their digits: each offer that suits gives its first ones, and a page of a
search is merged from those.
"""

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, literal, select, tuple_

from offhook.domain.numbers import Feature, SearchFilters
from offhook.storage.prepared import Prepared, Values
from offhook.storage.schema import AFTER_DIGITS, numbers

MOST = 24
"""A country with more offers is searched number by number."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the numbers of a group have in common, under the names of their columns; costs are micro-credits."""

    monthly_cost: int
    minute_cost: int
    allow_transfer: bool
    requires_verification: bool

    def values(self) -> Values:
        """Return what its numbers' columns hold."""
        return asdict(self)


NAMES = tuple(Offer.__dataclass_fields__)


def offers_of(connection: Connection, region: str) -> list[Offer] | None:
    """Return the offers of a country's numbers that nobody subscribes; None if there are too many."""
    rows = walk().rows(connection, {"region": region})
    return [Offer(*row) for row in rows] if len(rows) <= MOST else None


def suits(offer: Offer, filters: SearchFilters) -> bool:
    """Tell whether the numbers of an offer cost and have what the filters say."""
    return (
        (filters.max_monthly_cost is None or offer.monthly_cost <= filters.max_monthly_cost)
        and (filters.max_minute_cost is None or offer.minute_cost <= filters.max_minute_cost)
        and (offer.allow_transfer or Feature.TRANSFER not in filters.features)
        and (offer.requires_verification or Feature.VERIFICATION not in filters.features)
    )


@cache
def walk() -> Prepared:
    """Return the statement that goes from each offer to the first number of the next, `MOST` times."""
    here, there = numbers.alias("here"), numbers.alias("there")
    own, others = ([table.c[name] for name in NAMES] for table in (numbers, there))
    first = (
        select(numbers.c.id)
        .where(numbers.c.region == bindparam("region"), numbers.c.free_from.is_not(None))
        .order_by(*own, numbers.c.din)
        .limit(1)
        .scalar_subquery()
    )
    steps = select(first.label("id"), literal(1).label("place")).cte("steps", recursive=True)

    def of_step(name: str) -> ColumnElement[Any]:
        column = here.c[name]
        found = select(column).where(here.c.id == steps.c.id).correlate(steps).scalar_subquery()
        # SQLite compares with the whole of the offer by the index only if no part of it is a bare query.
        return func.coalesce(found, literal(column.type.python_type(), column.type))

    # Each value by itself, and the country once more as it was asked: joined with the step's number, PostgreSQL would
    # sort all that follows. And SQLite begins at what is equal, whatever the sign says: so that is the offer's end.
    end_of_offer = [*map(of_step, NAMES), literal(AFTER_DIGITS)]
    following = (
        select(there.c.id)
        .where(
            there.c.region == bindparam("region"),
            there.c.free_from.is_not(None),
            tuple_(*others, there.c.din) > tuple_(*end_of_offer),
        )
        .order_by(*others, there.c.din)
        .limit(1)
        .scalar_subquery()
    )
    steps = steps.union_all(select(following, steps.c.place + 1).where(steps.c.id.is_not(None), steps.c.place <= MOST))
    return Prepared(select(*own).join_from(steps, numbers, numbers.c.id == steps.c.id).order_by(steps.c.place))
