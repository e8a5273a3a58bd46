"""The rows of the call log."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, literal, select, tuple_, update

from offhook.domain.calls import Call, Caller, CallFilters, Status, TimelineEvent
from offhook.domain.errors import CallNotFound
from offhook.domain.sip_messages import SipMessage
from offhook.storage import timelines
from offhook.storage.prepared import Prepared, Row
from offhook.storage.schema import UtcTime, calls

_ADD = Prepared(insert(calls))
_one = select(calls).where(calls.c.call_id == bindparam("of_call"))
_GET = Prepared(_one)
_PLACE = select(calls.c.started_at, calls.c.seq).where(calls.c.call_id == bindparam("of_call"))
# SQLite has no such words, and needs none: whoever writes has the file for itself.
LOCK = Prepared(_one.with_for_update())
RUNNING = Prepared(
    select(
        func.count().filter(calls.c.number_id == bindparam("of_number")).label("of_number"),
        func.count().label("of_account"),
    ).where(calls.c.ended_at.is_(None), calls.c.account_id == bindparam("of_account"))
)
_living = (calls.c.call_id == bindparam("of_call"), calls.c.ended_at.is_(None))
_ANSWERED = Prepared(
    update(calls)
    .where(*_living)
    .values(
        status=Status.IN_PROGRESS.value, answered_at=func.coalesce(calls.c.answered_at, bindparam("at", type_=UtcTime))
    )
)
_HELD = Prepared(update(calls).where(*_living).values(held_minutes=bindparam("minutes")))
_END = Prepared(
    update(calls)
    .where(*_living)
    .values(
        {
            name: bindparam("to_" + name)
            for name in ("status", "reason", "answered_at", "ended_at", "duration_s", "cost", "node")
        }
    )
)
_LOSE = (
    update(calls)
    .where(calls.c.node == bindparam("of_node"), calls.c.ended_at.is_(None), calls.c.lost_at.is_(None))
    .values(lost_at=func.coalesce(bindparam("seen_at", type_=UtcTime), calls.c.answered_at, calls.c.started_at))
)
_is_lost = (calls.c.ended_at.is_(None), calls.c.lost_at.is_not(None))
# Ordered by SQL, SQLite would read the whole log in that order rather than the index of running calls.
_LOST = select(calls).where(*_is_lost)
_LOST_AT = select(calls.c.lost_at).where(calls.c.call_id == bindparam("of_call"), *_is_lost)


class Calls:
    """See `service.ports.Calls`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, call: Call, number_id: int | None) -> None:
        _ADD.send(
            self._connection,
            {
                "call_id": call.call_id,
                "account_id": call.account_id,
                "number_id": number_id,
                "api_user": call.api_user,
                "trunk": call.trunk,
                "source": call.source,
                "direction": call.direction,
                "caller": call.caller.number,
                "caller_raw": call.caller.raw,
                "caller_name": call.caller.name,
                "anonymous": call.caller.anonymous,
                "recipient": call.recipient,
                "action_url": call.action_url,
                "status": call.status.value,
                "reason": call.reason,
                "started_at": call.started_at,
                "answered_at": call.answered_at,
                "ended_at": call.ended_at,
                "duration_s": call.duration_s,
                "minute_cost": call.minute_cost,
                "held_minutes": call.held_minutes,
                "cost": call.cost,
                "node": call.node,
                "charged_from": call.charged_from,
            },
        )

    def get(self, call_id: str) -> Call | None:
        row = _GET.row(self._connection, {"of_call": call_id})
        return None if row is None else read_call(row)

    def lock(self, call_id: str) -> Call | None:
        row = LOCK.row(self._connection, {"of_call": call_id})
        return None if row is None else read_call(row)

    def answered(self, call_id: str, at: datetime) -> None:
        _ANSWERED.send(self._connection, {"of_call": call_id, "at": at})

    def held(self, call_id: str, minutes: int) -> None:
        _HELD.send(self._connection, {"of_call": call_id, "minutes": minutes})

    def end(
        self,
        call_id: str,
        *,
        status: Status,
        reason: str | None,
        answered_at: datetime | None,
        ended_at: datetime,
        duration_s: int,
        cost: int,
        node: str,
    ) -> None:
        _END.send(
            self._connection,
            {
                "of_call": call_id,
                "to_status": status.value,
                "to_reason": reason,
                "to_answered_at": answered_at,
                "to_ended_at": ended_at,
                "to_duration_s": duration_s,
                "to_cost": cost,
                "to_node": node,
            },
        )

    def lose(self, node: str, seen_at: datetime | None) -> None:
        self._connection.execute(_LOSE, {"of_node": node, "seen_at": seen_at})

    def lost(self) -> list[tuple[Call, datetime]]:
        rows = sorted(self._connection.execute(_LOST), key=lambda row: row.seq)
        return [(read_call(row), row.lost_at) for row in rows]

    def lost_at(self, call_id: str) -> datetime | None:
        return self._connection.execute(_LOST_AT, {"of_call": call_id}).scalar()

    def page(self, account_id: int | None, filters: CallFilters, limit: int, before: str | None) -> list[Call]:
        statement = select(calls).where(*_like(filters))
        if account_id is not None:
            statement = statement.where(calls.c.account_id == account_id)
        if before is not None:
            # Looked up first: beside a subquery PostgreSQL would read all newer calls again, by each page.
            last = self._connection.execute(_PLACE, {"of_call": before}).one_or_none()
            if last is None:
                return []
            place = tuple_(calls.c.started_at, calls.c.seq)
            statement = statement.where(
                place < tuple_(literal(last.started_at, UtcTime()), literal(last.seq, calls.c.seq.type))
            )
        newest_first = statement.order_by(calls.c.started_at.desc(), calls.c.seq.desc()).limit(limit)
        return [read_call(row) for row in self._connection.execute(newest_first)]

    def close_timeline(self, call_id: str, events: Sequence[TimelineEvent], messages: Sequence[SipMessage]) -> None:
        timelines.close(self._connection, call_id, events, messages)

    def note(self, call_id: str, events: Sequence[TimelineEvent]) -> None:
        # Parts are numbered, so nobody else may add one meanwhile.
        if self.lock(call_id) is None:
            raise CallNotFound(call_id)
        timelines.note(self._connection, call_id, events)

    def timeline(self, call_id: str) -> list[TimelineEvent]:
        return timelines.read(self._connection, call_id)

    def messages(self, call_id: str) -> list[SipMessage]:
        return timelines.read_messages(self._connection, call_id)


def _like(filters: CallFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(calls.c.started_at >= filters.since)
    if filters.until is not None:
        conditions.append(calls.c.started_at < filters.until)
    if filters.recipient is not None:
        conditions.append(calls.c.recipient == filters.recipient)
    if filters.caller is not None:
        conditions.append(calls.c.caller == filters.caller)
    if filters.status is not None:
        conditions.append(calls.c.status == filters.status.value)
    if filters.reason is not None:
        conditions.append(calls.c.reason == filters.reason)
    return conditions


def read_call(row: Row) -> Call:
    """Read a row of calls."""
    return Call(
        call_id=row.call_id,
        account_id=row.account_id,
        api_user=row.api_user,
        trunk=row.trunk,
        source=row.source,
        direction=row.direction,
        caller=Caller(row.caller, row.caller_raw, row.caller_name, row.anonymous),
        recipient=row.recipient,
        action_url=row.action_url,
        status=Status(row.status),
        reason=row.reason,
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        duration_s=row.duration_s,
        minute_cost=row.minute_cost,
        held_minutes=row.held_minutes,
        cost=row.cost,
        node=row.node,
        charged_from=row.charged_from,
    )
