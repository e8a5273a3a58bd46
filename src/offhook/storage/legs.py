"""The rows of legs: kept while their call runs, gone when it ends."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, case, delete, func, insert, literal_column, select, update

from offhook.domain.calls import Call
from offhook.domain.legs import Leg
from offhook.storage.calls import LOCK, read_call
from offhook.storage.prepared import Prepared, Row, together
from offhook.storage.schema import calls, legs

_this = (legs.c.call_id == bindparam("of_call"), legs.c.leg == bindparam("number"))
_KEPT = ("call_id", "leg", "dialog", "answered_at", "callee", "held_minutes", "minute_cost")
# One statement: a leg of a running call, unless it is kept already.
_KEEP = Prepared(
    insert(legs).from_select(
        _KEPT,
        select(
            calls.c.call_id,
            bindparam("number", type_=legs.c.leg.type),
            *(bindparam("to_" + name, type_=legs.c[name].type) for name in _KEPT[2:]),
        ).where(
            calls.c.call_id == bindparam("of_call"),
            calls.c.ended_at.is_(None),
            ~select(literal_column("1")).select_from(legs).where(*_this).exists(),
        ),
    )
)
_RINGS = Prepared(update(legs).where(*_this, legs.c.answered_at.is_(None)).values(dialog=bindparam("to_dialog")))
# The first answer stands, and nothing is left to be canceled then.
_ANSWERED = Prepared(
    update(legs)
    .where(*_this)
    .values(
        answered_at=func.coalesce(legs.c.answered_at, bindparam("at", type_=legs.c.answered_at.type)),
        dialog=case(
            (legs.c.answered_at.is_(None), bindparam("to_dialog", type_=legs.c.dialog.type)),
            else_=func.coalesce(legs.c.dialog, bindparam("to_dialog", type_=legs.c.dialog.type)),
        ),
    )
)
_HELD = Prepared(update(legs).where(*_this).values(held_minutes=bindparam("minutes")))
_columns = (
    legs.c.leg,
    legs.c.callee,
    legs.c.held_minutes,
    legs.c.minute_cost,
    legs.c.answered_at,
    legs.c.dialog,
)
_GET = Prepared(select(*_columns).where(*_this))
_OF = Prepared(select(*_columns).where(legs.c.call_id == bindparam("of_call")).order_by(legs.c.leg))
_DROP = Prepared(delete(legs).where(legs.c.call_id == bindparam("of_call")).returning(*_columns))


class Legs:
    """See `service.ports.Legs`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, call_id: str, leg: Leg) -> None:
        _KEEP.send(
            self._connection,
            {
                "of_call": call_id,
                "number": leg.leg,
                "to_dialog": leg.dialog,
                "to_answered_at": leg.answered_at,
                "to_callee": leg.callee,
                "to_held_minutes": leg.held_minutes,
                "to_minute_cost": leg.minute_cost,
            },
        )

    def rings(self, call_id: str, leg: int, dialog: str) -> None:
        _RINGS.send(self._connection, {"of_call": call_id, "number": leg, "to_dialog": dialog})

    def answered(self, call_id: str, leg: int, at: datetime, dialog: str | None) -> bool:
        noted = _ANSWERED.run(self._connection, {"of_call": call_id, "number": leg, "at": at, "to_dialog": dialog})
        return noted == 1

    def held(self, call_id: str, leg: int, minutes: int) -> None:
        _HELD.send(self._connection, {"of_call": call_id, "number": leg, "minutes": minutes})

    def get(self, call_id: str, leg: int) -> Leg | None:
        row = _GET.row(self._connection, {"of_call": call_id, "number": leg})
        return None if row is None else _leg(row)

    def of(self, call_id: str) -> tuple[Leg, ...]:
        return tuple(_leg(row) for row in _OF.rows(self._connection, {"of_call": call_id}))

    def take(self, call_id: str) -> tuple[Call | None, tuple[Leg, ...]]:
        wanted = {"of_call": call_id}
        locked, dropped = together(self._connection, (LOCK, wanted), (_DROP, wanted))
        legs_of_call = sorted(map(_leg, dropped), key=lambda leg: leg.leg)
        return read_call(locked[0]) if locked else None, tuple(legs_of_call)


def _leg(row: Row) -> Leg:
    return Leg(
        leg=row.leg,
        callee=row.callee,
        held_minutes=row.held_minutes,
        minute_cost=row.minute_cost,
        answered_at=row.answered_at,
        dialog=row.dialog,
    )
