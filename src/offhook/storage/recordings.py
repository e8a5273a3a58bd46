"""The rows of recordings."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    insert,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from offhook.domain.recordings import Recording, RecordingFilters, RecordingStatus
from offhook.storage.schema import UtcTime, calls, recordings

MOST_UNFINISHED = 100
"""So many are looked after at once; the next look finds the next."""

_COLUMNS = tuple(recordings.c.keys())
_ADD = insert(recordings).returning(recordings.c.id)
_this = recordings.c.uid == bindparam("of_uid")
_GET = select(recordings).where(_this)
# SQLite has no such words, and needs none: whoever writes has the file for itself.
_LOCK = _GET.with_for_update()
_PLACE = select(recordings.c.started_at, recordings.c.id).where(_this)
_CHANGING = (
    *("status", "code", "rate", "channels", "size", "duration_ms"),
    *("ended_at", "heard_at", "deleted_at", "kept_until", "charged_until", "periods"),
)
_SAVE = (
    update(recordings)
    .where(_this)
    .values({name: bindparam("to_" + name, type_=recordings.c[name].type) for name in _CHANGING})
)
_UNFINISHED = (
    select(recordings)
    .join(calls, calls.c.call_id == recordings.c.call_id)
    .where(
        recordings.c.status == literal(RecordingStatus.RECORDING.value, literal_execute=True),
        calls.c.ended_at < bindparam("ended_before", type_=UtcTime()),
    )
    .order_by(recordings.c.id)
    .limit(MOST_UNFINISHED)
)
# Written out, so that both databases see that their partial indexes have all of it.
_is_kept = and_(
    recordings.c.status == literal(RecordingStatus.STORED.value, literal_execute=True),
    recordings.c.deleted_at.is_(None),
)
_at, _id = recordings.c.charged_until, recordings.c.id
_DUE = (
    select(recordings)
    .where(
        _is_kept,
        _at <= bindparam("now", type_=UtcTime()),
        _at < recordings.c.kept_until,
        or_(
            _at > bindparam("after_at", type_=UtcTime()),
            and_(_at == bindparam("after_at", type_=UtcTime()), _id > bindparam("after_id")),
        ),
    )
    .order_by(_at, _id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_EXPIRED = (
    select(recordings)
    .where(_is_kept, recordings.c.kept_until <= bindparam("now", type_=UtcTime()))
    .order_by(recordings.c.kept_until, _id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_STORED_AT = (
    select(recordings)
    .where(_is_kept, recordings.c.node == bindparam("of_node"), _id > bindparam("after_id"))
    .order_by(_id)
    .limit(bindparam("limit"))
)


class Recordings:
    """See `service.ports.Recordings`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, recording: Recording) -> Recording:
        row = {**asdict(recording), "status": recording.status.value}
        del row["id"]
        return replace(recording, id=int(self._connection.execute(_ADD, row).scalar_one()))

    def get(self, uid: str) -> Recording | None:
        row = self._connection.execute(_GET, {"of_uid": uid}).one_or_none()
        return None if row is None else _recording(row)

    def lock(self, uid: str) -> Recording | None:
        row = self._connection.execute(_LOCK, {"of_uid": uid}).one_or_none()
        return None if row is None else _recording(row)

    def save(self, recording: Recording) -> None:
        kept = {"to_" + name: getattr(recording, name) for name in _CHANGING}
        self._connection.execute(_SAVE, {**kept, "to_status": recording.status.value, "of_uid": recording.uid})

    def page(
        self, account_id: int | None, filters: RecordingFilters, limit: int, before: str | None
    ) -> list[Recording]:
        statement = select(recordings).where(*_like(filters))
        if account_id is not None:
            statement = statement.where(recordings.c.account_id == account_id)
        if before is not None:
            last = self._connection.execute(_PLACE, {"of_uid": before}).one_or_none()
            if last is None:
                return []
            place = tuple_(recordings.c.started_at, recordings.c.id)
            statement = statement.where(
                place < tuple_(literal(last.started_at, UtcTime()), literal(last.id, recordings.c.id.type))
            )
        newest_first = statement.order_by(recordings.c.started_at.desc(), recordings.c.id.desc()).limit(limit)
        return [_recording(row) for row in self._connection.execute(newest_first)]

    def unfinished(self, ended_before: datetime) -> list[Recording]:
        return [_recording(row) for row in self._connection.execute(_UNFINISHED, {"ended_before": ended_before})]

    def due(self, now: datetime, limit: int, after: tuple[datetime, int]) -> list[Recording]:
        wanted = {"now": now, "limit": limit, "after_at": after[0], "after_id": after[1]}
        return [_recording(row) for row in self._connection.execute(_DUE, wanted)]

    def expired(self, now: datetime, limit: int) -> list[Recording]:
        return [_recording(row) for row in self._connection.execute(_EXPIRED, {"now": now, "limit": limit})]

    def of_uids(self, uids: Collection[str]) -> list[Recording]:
        rows = self._connection.execute(select(recordings).where(recordings.c.uid.in_(uids)))
        return [_recording(row) for row in rows]

    def stored_at(self, node: str, after: int, limit: int) -> list[Recording]:
        wanted = {"of_node": node, "after_id": after, "limit": limit}
        return [_recording(row) for row in self._connection.execute(_STORED_AT, wanted)]


def _like(filters: RecordingFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(recordings.c.started_at >= filters.since)
    if filters.until is not None:
        conditions.append(recordings.c.started_at < filters.until)
    if filters.din is not None:
        conditions.append(recordings.c.din == filters.din)
    if filters.is_heard is not None:
        heard_at = recordings.c.heard_at
        conditions.append(heard_at.is_not(None) if filters.is_heard else heard_at.is_(None))
    if not filters.with_deleted:
        conditions.append(recordings.c.deleted_at.is_(None))
    return conditions


def _recording(row: Row[*tuple[Any, ...]]) -> Recording:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Recording(**{**values, "status": RecordingStatus(row.status)})
