"""The search of the free numbers: for each set of filters a statement of its own, which follows an index.

Numbers are found in the order of their digits, so that a page ends as soon as it is full. What no index narrows
(`contains`, prices outside a country) is looked for among the numbers that the other filters leave.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, bindparam, select

from offhook.domain.numbers import Feature, Number, SearchFilters
from offhook.storage.offers import AFTER_DIGITS, NAMES, offers_of, suits
from offhook.storage.prepared import Prepared, Row, Values
from offhook.storage.schema import numbers
from offhook.storage.subscriptions import NUMBER, read_number

_FREE = (
    select(*NUMBER)
    .where(numbers.c.free_from <= bindparam("now"))
    .order_by(numbers.c.din)
    .limit(bindparam("limit", type_=Integer))
)
_CONDITIONS: Mapping[str, ColumnElement[bool]] = {
    "region": numbers.c.region == bindparam("region"),
    "first": numbers.c.din >= bindparam("first"),
    "after": numbers.c.din > bindparam("after"),
    "end": numbers.c.din < bindparam("end"),
    "contains": numbers.c.din.contains(bindparam("contains")),
    "max_monthly_cost": numbers.c.monthly_cost <= bindparam("max_monthly_cost"),
    "max_minute_cost": numbers.c.minute_cost <= bindparam("max_minute_cost"),
    "transfer": numbers.c.allow_transfer.is_(True),
    "verification": numbers.c.requires_verification.is_(True),
    **{name: numbers.c[name] == bindparam(name) for name in NAMES},
}


def free_numbers(
    connection: Connection, filters: SearchFilters, now: datetime, limit: int, after: str | None
) -> list[Number]:
    """See `service.ports.Numbers.free`."""
    page, digits = {"now": now, "limit": limit}, _digits(filters, after)
    found = [_find(connection, {**digits, **terms}, page) for terms in _groups(connection, filters)]
    return [read_number(row) for row in islice(merge(*found, key=attrgetter("din")), limit)]


@cache
def statement_of(conditions: tuple[str, ...]) -> Prepared:
    """Return the statement with these conditions, always the same one: there are some hundred."""
    return Prepared(_FREE.where(*(_CONDITIONS[name] for name in conditions)))


def _find(connection: Connection, wanted: Values, page: Values) -> list[Row]:
    return statement_of(tuple(wanted)).rows(connection, {**wanted, **page})


def _groups(connection: Connection, filters: SearchFilters) -> list[Values]:
    """Return the terms, by the names of conditions, of groups that are together all that may be found."""
    terms = _terms(filters)
    offers = offers_of(connection, filters.region) if terms and filters.region is not None else None
    if offers is None:
        return [terms]
    suitable = [offer.values() for offer in offers if suits(offer, filters)]
    # What all numbers of the country have need not be asked of each.
    return [{}] if len(suitable) == len(offers) else suitable


def _digits(filters: SearchFilters, after: str | None) -> dict[str, Any]:
    """Return where a number must lie, and what it must contain, by the names of conditions."""
    prefix, lower = filters.prefix, {"after": after}
    # Of two lower bounds the higher alone: SQLite would begin at either.
    if prefix is not None and (after is None or after < prefix):
        lower = {"first": prefix}
    end = None if prefix is None else prefix + AFTER_DIGITS
    return _given({"region": filters.region, **lower, "end": end, "contains": filters.contains})


def _terms(filters: SearchFilters) -> dict[str, Any]:
    """Return what a number may cost and must have, by the names of conditions."""
    costs = {"max_monthly_cost": filters.max_monthly_cost, "max_minute_cost": filters.max_minute_cost}
    return _given({**costs, **{feature.value: True for feature in Feature if feature in filters.features}})


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
