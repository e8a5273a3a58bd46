"""The search of the free numbers: for each set of filters a statement of its own, which is one walk along an index.

Numbers are found in the order of their digits, so that a page ends as soon as it is full. What no index narrows
(`contains`, prices outside a country) is looked for among the numbers that the other filters leave.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Integer, Tuple, bindparam, select, tuple_

from offhook.domain.numbers import Feature, Number, SearchFilters
from offhook.storage.offers import NAMES, offers_of, suits
from offhook.storage.prepared import Prepared, Values, together
from offhook.storage.schema import AFTER_DIGITS, BEFORE_DIGITS, numbers
from offhook.storage.subscriptions import NUMBER, read_number

EVERYWHERE = ("din",)
COUNTRY = ("region", "din")
OFFER = ("region", *NAMES, "din")
"""The columns of the indexes that are walked along. All but the last are the same for all numbers that are found."""

_TERMS = {
    "contains": numbers.c.din.contains(bindparam("contains")),
    "max_monthly_cost": numbers.c.monthly_cost <= bindparam("max_monthly_cost"),
    "max_minute_cost": numbers.c.minute_cost <= bindparam("max_minute_cost"),
    Feature.TRANSFER.value: numbers.c.allow_transfer.is_(True),
    Feature.VERIFICATION.value: numbers.c.requires_verification.is_(True),
}


def free_numbers(
    connection: Connection, filters: SearchFilters, now: datetime, limit: int, after: str | None
) -> list[Number]:
    """See `service.ports.Numbers.free`."""
    page = {"now": now, "limit": limit, **_bounds(filters.prefix, after)}
    walks = [
        (statement_of(path, tuple(terms)), {**page, **same, **terms})
        for path, same, terms in _walks(connection, filters)
    ]
    found = together(connection, *walks) if walks else []
    return [read_number(row) for row in islice(merge(*found, key=attrgetter("din")), limit)]


@cache
def statement_of(path: tuple[str, ...], terms: tuple[str, ...]) -> Prepared:
    """Return what walks along an index and looks for the terms, always the same statement: there are some dozens.

    The path is compared as a whole. Said column by column, PostgreSQL would at times walk along the digits of all
    countries, in the hope to meet enough numbers of the right one soon.
    """
    columns = [numbers.c[name] for name in path]

    def place(digits: str) -> Tuple:
        names = [*path[:-1], digits]
        return tuple_(*(bindparam(name, type_=column.type) for name, column in zip(names, columns, strict=True)))

    return Prepared(
        select(*NUMBER)
        .where(
            tuple_(*columns) >= place("first"),
            tuple_(*columns) < place("end"),
            numbers.c.free_from <= bindparam("now"),
            *(_TERMS[name] for name in terms),
        )
        .order_by(*columns)
        .limit(bindparam("limit", type_=Integer))
    )


def _walks(connection: Connection, filters: SearchFilters) -> Iterator[tuple[tuple[str, ...], Values, Values]]:
    """Return paths, what is the same all along each, and the terms that are looked for there."""
    contains = _given(contains=filters.contains)
    terms = _given(
        max_monthly_cost=filters.max_monthly_cost,
        max_minute_cost=filters.max_minute_cost,
        **{feature.value: True for feature in Feature if feature in filters.features},
    )
    if filters.region is None:
        yield EVERYWHERE, {}, contains | terms
        return
    country = {"region": filters.region}
    offers = offers_of(connection, filters.region) if terms else None
    if offers is None:
        yield COUNTRY, country, contains | terms
        return
    suitable = [offer for offer in offers if suits(offer, filters)]
    if len(suitable) == len(offers):
        # What all numbers of the country have need not be asked of each.
        yield COUNTRY, country, contains
        return
    for offer in suitable:
        yield OFFER, {**country, **offer.values()}, contains


def _bounds(prefix: str | None, after: str | None) -> Values:
    """Return the first digits to look at, and those before which to end."""
    begins = prefix or ""
    return {"first": max(begins, "" if after is None else after + BEFORE_DIGITS), "end": begins + AFTER_DIGITS}


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
