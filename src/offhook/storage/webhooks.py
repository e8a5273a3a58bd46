"""The events of webhooks: rows of the outbox that waits for whoever delivers them, by their targets."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, delete, exists, func, insert, literal, select, update

from offhook.domain.notices import Notice, NoticeKind, Way
from offhook.domain.webhooks import KEPT_TRYING, LEASE, Backlog, Event, Outcome, fact_of
from offhook.storage.calls import read_call
from offhook.storage.notices import WITH_ACCOUNT, read_notice
from offhook.storage.prepared import Prepared, together
from offhook.storage.schema import accounts, calls, notices
from offhook.storage.signings import SIGNING, read_signing

BATCH = 500
_GIVEN = ("fact", "kind", "data", "created_at", "next_at", "expires_at")
_OF_EVENT = ("way", "subject", "text", *_GIVEN)
_given = (
    literal(Way.WEBHOOK.value, notices.c.way.type),
    literal("", notices.c.subject.type),
    literal("", notices.c.text.type),
    *(bindparam(f"to_{name}", type_=notices.c[name].type) for name in _GIVEN),
)
_TELL_FIRST = Prepared(insert(notices))
# Each one statement, and nothing is written for an account without a webhook.
_TELL_ANSWERED = Prepared(
    insert(notices).from_select(
        ("account_id", "call_id", "target", *_OF_EVENT),
        select(calls.c.account_id, calls.c.call_id, accounts.c.webhook_url, *_given)
        .join_from(calls, accounts, accounts.c.id == calls.c.account_id)
        .where(
            calls.c.call_id == bindparam("of_call"),
            calls.c.ended_at.is_(None),
            accounts.c.webhook_url.is_not(None),
            ~exists(select(literal(1)).where(notices.c.fact == bindparam("to_fact"))),
        ),
    )
)
_TELL_LAST = Prepared(
    insert(notices).from_select(
        ("account_id", "call_id", "target", *_OF_EVENT),
        select(
            accounts.c.id, bindparam("of_call", type_=notices.c.call_id.type), accounts.c.webhook_url, *_given
        ).where(accounts.c.id == bindparam("of_account"), accounts.c.webhook_url.is_not(None)),
    )
)

_waiting = (notices.c.way == literal(Way.WEBHOOK.value), notices.c.next_at.is_not(None))
# From one target to the next, each by a look into the index: however many events wait, targets are few.
_first = select(func.min(notices.c.target).label("target")).where(*_waiting).cte("walk", recursive=True)
_walk = _first.union_all(
    select(
        select(func.min(notices.c.target)).where(*_waiting, notices.c.target > _first.c.target).scalar_subquery()
    ).where(_first.c.target.is_not(None))
)
_soonest = select(func.min(notices.c.next_at)).where(*_waiting, notices.c.target == _walk.c.target).scalar_subquery()
_TARGETS = select(_walk.c.target).where(_walk.c.target.is_not(None), _soonest <= bindparam("now"))
_earlier = notices.alias("earlier")
_DUE = Prepared(
    select(notices.c.id)
    .where(
        *_waiting,
        notices.c.target == bindparam("of_target"),
        notices.c.next_at <= bindparam("now"),
        # A call's events go out in their order: one waits for all before it.
        ~exists(
            select(literal(1)).where(
                _earlier.c.call_id == notices.c.call_id,
                _earlier.c.id < notices.c.id,
                _earlier.c.next_at.is_not(None),
                _earlier.c.way == literal(Way.WEBHOOK.value),
            )
        ),
    )
    .order_by(notices.c.next_at, notices.c.id)
    .limit(bindparam("limit", type_=Integer))
    # Another node delivers those that it has locked.
    .with_for_update(of=notices, skip_locked=True)
)
_EVENTS = (
    select(
        notices,
        accounts.c.name.label("account"),
        *SIGNING,
    )
    .join_from(notices, accounts, accounts.c.id == notices.c.account_id)
    .order_by(notices.c.id)
)
_OF_CALL = frozenset({NoticeKind.CALL_INCOMING, NoticeKind.CALL_ANSWERED, NoticeKind.CALL_ENDED})
_FAIL = update(notices).where(notices.c.id == bindparam("of_id"), notices.c.sent_at.is_(None))
_PUT_BEHIND = update(notices).where(
    notices.c.call_id == bindparam("of_call"),
    notices.c.id > bindparam("of_id"),
    notices.c.way == literal(Way.WEBHOOK.value),
    notices.c.next_at < bindparam("to_next_at"),
)


class Webhooks:
    """See `service.ports.Webhooks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tell_first(self, kind: NoticeKind, account_id: int, call_id: str, target: str, now: datetime) -> None:
        row = {name.removeprefix("to_"): value for name, value in _event(kind, call_id, {}, now).items()}
        whose = {"account_id": account_id, "call_id": call_id, "target": target}
        _TELL_FIRST.send(self._connection, {**whose, "way": Way.WEBHOOK.value, "subject": "", "text": "", **row})

    def tell_answered(self, call_id: str, at: datetime) -> None:
        told = _event(NoticeKind.CALL_ANSWERED, call_id, {}, at)
        _TELL_ANSWERED.send(self._connection, {"of_call": call_id, **told})

    def tell_last(
        self, kind: NoticeKind, account_id: int, call_id: str, data: Mapping[str, object], now: datetime
    ) -> None:
        told = _event(kind, call_id, data, now)
        _TELL_LAST.send(self._connection, {"of_account": account_id, "of_call": call_id, **told})

    def targets(self, now: datetime) -> list[str]:
        return list(self._connection.execute(_TARGETS, {"now": now}).scalars())

    def claim(self, shares: Mapping[str, int], now: datetime) -> list[int]:
        asked = [(_DUE, {"of_target": target, "now": now, "limit": limit}) for target, limit in shares.items()]
        due = [row.id for rows in together(self._connection, *asked) for row in rows] if asked else []
        if due:
            leased = update(notices).where(notices.c.id.in_(due))
            self._connection.execute(leased.values(next_at=now + LEASE, attempts=notices.c.attempts + 1))
        return due

    def claimed(self, ids: Collection[int], now: datetime) -> list[Event]:
        rows = self._connection.execute(_EVENTS.where(notices.c.id.in_(ids))).all()
        told = {row.call_id for row in rows if NoticeKind(row.kind) in _OF_CALL}
        found = self._connection.execute(select(calls).where(calls.c.call_id.in_(told))).all() if told else []
        by_id = {one.call_id: one for one in found}
        return [_event_of(row, by_id, now) for row in rows]

    def delivered(self, ids: Collection[int], now: datetime) -> None:
        sent = update(notices).where(notices.c.id.in_(ids), notices.c.sent_at.is_(None))
        self._connection.execute(sent.values(sent_at=now, next_at=None, error=None))

    def failed(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            event = outcome.event
            self._connection.execute(_FAIL.values(next_at=outcome.next_at, error=outcome.error), {"of_id": event.id})
            if event.call_id is not None and outcome.next_at is not None:
                behind = {"of_call": event.call_id, "of_id": event.id, "to_next_at": outcome.next_at}
                self._connection.execute(_PUT_BEHIND.values(next_at=bindparam("to_next_at")), behind)

    def close(self, target: str, error: str) -> None:
        self._connection.execute(update(accounts).where(accounts.c.webhook_url == target).values(webhook_url=None))
        waiting = update(notices).where(*_waiting, notices.c.target == target)
        self._connection.execute(waiting.values(next_at=None, error=error))

    def expire(self, now: datetime, error: str) -> int:
        late = update(notices).where(*_waiting, notices.c.expires_at <= now)
        return self._connection.execute(late.values(next_at=None, error=func.coalesce(notices.c.error, error))).rowcount

    def forget(self, delivered_before: datetime, created_before: datetime) -> int:
        done = (
            select(notices.c.id)
            .where(
                notices.c.way == Way.WEBHOOK.value,
                notices.c.next_at.is_(None),
                (notices.c.sent_at < delivered_before) | (notices.c.created_at < created_before),
            )
            .order_by(notices.c.id)
            .limit(BATCH)
        )
        old = list(self._connection.execute(done).scalars())
        return self._connection.execute(delete(notices).where(notices.c.id.in_(old))).rowcount if old else 0

    def backlog(self) -> Backlog:
        counted = select(func.count().label("waiting"), func.min(notices.c.created_at).label("oldest_at"))
        row = self._connection.execute(counted.where(*_waiting)).one()
        return Backlog(row.waiting, row.oldest_at)

    def of(self, account_id: int | None, limit: int, *, undelivered: bool) -> list[Notice]:
        wanted = WITH_ACCOUNT.where(notices.c.way == Way.WEBHOOK.value).order_by(notices.c.id.desc()).limit(limit)
        if account_id is not None:
            wanted = wanted.where(notices.c.account_id == account_id)
        if undelivered:
            wanted = wanted.where(notices.c.sent_at.is_(None))
        return [read_notice(row) for row in self._connection.execute(wanted)]

    def retry(self, account_id: int, target: str, now: datetime) -> int:
        undelivered = update(notices).where(
            notices.c.account_id == account_id, notices.c.way == Way.WEBHOOK.value, notices.c.sent_at.is_(None)
        )
        again = {"target": target, "next_at": now, "expires_at": now + KEPT_TRYING, "attempts": 0}
        return self._connection.execute(undelivered.values(again)).rowcount

    def redirect(self, account_id: int, target: str) -> None:
        waiting = update(notices).where(*_waiting, notices.c.account_id == account_id, notices.c.target != target)
        if target:
            self._connection.execute(waiting.values(target=target))
        else:
            self._connection.execute(waiting.values(next_at=None, error="the account has no webhook any more"))


def _event(kind: NoticeKind, call_id: str, data: Mapping[str, object], at: datetime) -> dict[str, object]:
    return {
        "to_fact": f"{fact_of(kind, call_id)}:{Way.WEBHOOK.value}",
        "to_kind": kind.value,
        "to_data": dict(data),
        "to_created_at": at,
        "to_next_at": at,
        "to_expires_at": at + KEPT_TRYING,
    }


def _event_of(row: Row[*tuple[Any, ...]], found: Mapping[str, Row[*tuple[Any, ...]]], now: datetime) -> Event:
    kind = NoticeKind(row.kind)
    return Event(
        id=row.id,
        fact=row.fact.rpartition(":")[0],
        kind=kind,
        account=row.account,
        target=row.target,
        subject=row.subject,
        text=row.text,
        data=row.data,
        created_at=row.created_at,
        expires_at=row.expires_at or row.created_at + KEPT_TRYING,
        attempts=row.attempts,
        call_id=row.call_id,
        call=read_call(found[row.call_id]) if kind in _OF_CALL else None,
        secrets=read_signing(row).secrets(now),
    )
