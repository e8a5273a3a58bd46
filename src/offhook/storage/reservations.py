"""Reservations, which have no rows of their own: they stand in the numbers' rows.

A reserved number is free from the end of its reservation on, and names its holder. So nobody has to end what has
ended: the number's row says it is free, to everybody at the same moment.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select, update

from offhook.domain.reservations import Reservation
from offhook.storage.prepared import Prepared, Row
from offhook.storage.schema import numbers
from offhook.storage.subscriptions import NUMBER, read_number

_IS_LIVING = (numbers.c.reserved_by == bindparam("holder"), numbers.c.free_from > bindparam("now"))
_BEGIN = Prepared(
    update(numbers)
    .where(numbers.c.id == bindparam("number_id"), numbers.c.free_from <= bindparam("now"))
    .values(free_from=bindparam("until"), reserved_by=bindparam("holder"))
)
_END = Prepared(
    update(numbers)
    .where(numbers.c.id == bindparam("number_id"), *_IS_LIVING)
    .values(free_from=bindparam("now"), reserved_by=None)
)
_COUNT = Prepared(select(func.count().label("living")).select_from(numbers).where(*_IS_LIVING))
_living = select(*NUMBER, numbers.c.free_from).where(*_IS_LIVING).order_by(numbers.c.free_from, numbers.c.din)
_LIVING = Prepared(_living)
_ONE = Prepared(_living.where(numbers.c.din_uid == bindparam("din_uid")))


class Reservations:
    """See `service.ports.Reservations`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, account_id: int, number_id: int, now: datetime, until: datetime) -> bool:
        values = {"number_id": number_id, "holder": account_id, "now": now, "until": until}
        return _BEGIN.run(self._connection, values) == 1

    def end(self, account_id: int, number_id: int, now: datetime) -> bool:
        return _END.run(self._connection, {"number_id": number_id, "holder": account_id, "now": now}) == 1

    def count(self, account_id: int, now: datetime) -> int:
        return int(_COUNT.value(self._connection, {"holder": account_id, "now": now}))

    def living(self, account_id: int, din_uid: str, now: datetime) -> Reservation | None:
        row = _ONE.row(self._connection, {"holder": account_id, "din_uid": din_uid, "now": now})
        return None if row is None else _read(row)

    def all_living(self, account_id: int, now: datetime) -> list[Reservation]:
        return [_read(row) for row in _LIVING.rows(self._connection, {"holder": account_id, "now": now})]


def _read(row: Row) -> Reservation:
    return Reservation(read_number(row), row.free_from)
