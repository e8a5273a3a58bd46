"""The rows of the table of rates."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from offhook.domain.numbers import LONGEST_DIN
from offhook.domain.tariffs import Rate, RateKind, prefixes
from offhook.storage.prepared import Prepared, Row
from offhook.storage.schema import rates

_COLUMNS = (rates.c.prefix, rates.c.minute_cost, rates.c.kind, rates.c.name)
_places = [f"prefix_{place}" for place in range(LONGEST_DIN)]
_FIND = Prepared(
    select(*_COLUMNS)
    .where(rates.c.prefix.in_([bindparam(place, type_=rates.c.prefix.type) for place in _places]))
    .order_by(func.length(rates.c.prefix).desc())
    .limit(1)
)
_ALL = select(*_COLUMNS).order_by(rates.c.prefix)


class Rates:
    """See `service.ports.Rates`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, number: str) -> Rate | None:
        found = prefixes(number)
        # Shorter numbers have fewer prefixes, and a statement that is compiled once takes as many every time.
        padded = found + [number] * (LONGEST_DIN - len(found))
        row = _FIND.row(self._connection, dict(zip(_places, padded, strict=True)))
        return None if row is None else _rate(row)

    def all(self) -> list[Rate]:
        return [_rate(row) for row in self._connection.execute(_ALL)]

    def replace(self, table: Collection[Rate]) -> None:
        self._connection.execute(delete(rates))
        rows = [
            {"prefix": rate.prefix, "minute_cost": rate.minute_cost, "kind": rate.kind.value, "name": rate.name}
            for rate in table
        ]
        if rows:
            self._connection.execute(insert(rates), rows)


def _rate(row: Row) -> Rate:
    return Rate(row.prefix, row.minute_cost, RateKind(row.kind), row.name)
