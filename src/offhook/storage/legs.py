"""The rows of answered legs: kept while their call runs, gone when it ends."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select

from offhook.domain.recovery import LegDialog
from offhook.storage.schema import UtcTime, calls, legs

_this = (legs.c.call_id == bindparam("of_call"), legs.c.leg == bindparam("number"))
# One statement: a leg of a running call, unless it is kept already.
_KEEP = insert(legs).from_select(
    ["call_id", "leg", "dialog", "answered_at"],
    select(
        calls.c.call_id,
        bindparam("number", type_=legs.c.leg.type),
        bindparam("dialog", type_=legs.c.dialog.type),
        bindparam("at", type_=UtcTime),
    ).where(
        calls.c.call_id == bindparam("of_call"),
        calls.c.ended_at.is_(None),
        ~select(literal_column("1")).select_from(legs).where(*_this).exists(),
    ),
)
_OF = (
    select(legs.c.leg, legs.c.dialog, legs.c.answered_at)
    .where(legs.c.call_id == bindparam("of_call"))
    .order_by(legs.c.leg)
)
_DROP = delete(legs).where(legs.c.call_id == bindparam("of_call"))


class Legs:
    """See `service.ports.Legs`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, call_id: str, leg: int, dialog: str, answered_at: datetime) -> None:
        self._connection.execute(_KEEP, {"of_call": call_id, "number": leg, "dialog": dialog, "at": answered_at})

    def of(self, call_id: str) -> tuple[LegDialog, ...]:
        return tuple(LegDialog(*row) for row in self._connection.execute(_OF, {"of_call": call_id}))

    def drop(self, call_id: str) -> None:
        self._connection.execute(_DROP, {"of_call": call_id})
