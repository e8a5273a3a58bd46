"""The rows of limits, with what was counted for each."""

from sqlalchemy import Connection, bindparam, case, delete, insert, or_, select, update

from offhook.domain.limits import Limit
from offhook.storage.prepared import Prepared, Row
from offhook.storage.schema import limits

_COLUMNS = (
    limits.c.owner,
    limits.c.calls_at_once,
    limits.c.calls_per_minute,
    limits.c.spend_per_day,
    limits.c.minute,
    limits.c.calls,
    limits.c.day,
    limits.c.spent,
)
_both = or_(
    limits.c.owner == bindparam("of_account", type_=limits.c.owner.type),
    limits.c.owner == bindparam("of_number", type_=limits.c.owner.type),
)
OF = Prepared(select(*_COLUMNS).where(_both).order_by(limits.c.owner))
_minute = bindparam("this_minute", type_=limits.c.minute.type)
_COUNT = Prepared(
    update(limits)
    .where(_both, limits.c.calls_per_minute.is_not(None))
    .values(calls=case((limits.c.minute == _minute, limits.c.calls + 1), else_=1), minute=_minute)
)
_day = bindparam("this_day", type_=limits.c.day.type)
_amount = bindparam("amount", type_=limits.c.spent.type)
_before = case((limits.c.day == _day, limits.c.spent), else_=0)
# What yesterday held may come back today.
_after = case((_before + _amount > 0, _before + _amount), else_=0)
_SPEND = Prepared(update(limits).where(_both, limits.c.spend_per_day.is_not(None)).values(spent=_after, day=_day))
_GET = select(*_COLUMNS).where(limits.c.owner == bindparam("of_owner"))
_DROP = delete(limits).where(limits.c.owner == bindparam("of_owner"))
_ALL = select(*_COLUMNS).order_by(limits.c.owner)


class Limits:
    """See `service.ports.Limits`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, account: str, number: str) -> list[Limit]:
        return [read_limit(row) for row in OF.rows(self._connection, {"of_account": account, "of_number": number})]

    def count(self, account: str, number: str, minute: int) -> None:
        _COUNT.send(self._connection, {"of_account": account, "of_number": number, "this_minute": minute})

    def spend(self, account: str, number: str, amount: int, day: int) -> None:
        _SPEND.send(self._connection, {"of_account": account, "of_number": number, "amount": amount, "this_day": day})

    def get(self, owner: str) -> Limit | None:
        row = self._connection.execute(_GET, {"of_owner": owner}).one_or_none()
        return None if row is None else read_limit(row)

    def all(self) -> list[Limit]:
        return [read_limit(row) for row in self._connection.execute(_ALL)]

    def set(self, limit: Limit) -> None:
        allowed = {
            "calls_at_once": limit.calls_at_once,
            "calls_per_minute": limit.calls_per_minute,
            "spend_per_day": limit.spend_per_day,
        }
        changed = self._connection.execute(update(limits).where(limits.c.owner == limit.owner).values(allowed))
        if not changed.rowcount:
            self._connection.execute(insert(limits), {"owner": limit.owner, **allowed})

    def drop(self, owner: str) -> None:
        self._connection.execute(_DROP, {"of_owner": owner})


def read_limit(row: Row) -> Limit:
    """Read a row of limits."""
    return Limit(
        owner=row.owner,
        calls_at_once=row.calls_at_once,
        calls_per_minute=row.calls_per_minute,
        spend_per_day=row.spend_per_day,
        minute=row.minute,
        calls=row.calls,
        day=row.day,
        spent=row.spent,
    )
