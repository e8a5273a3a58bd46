"""The rows of notices: an outbox that every node empties."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, insert, literal, or_, select, update

from offhook.domain.notices import GIVEN_UP_AFTER, LEASE, LOW_CREDIT_EVERY, Contact, Notice, NoticeKind, Way
from offhook.storage.schema import accounts, notices

_CONTACT = select(accounts.c.email, accounts.c.webhook_url).where(accounts.c.id == bindparam("of_account"))
_SET_CONTACT = update(accounts).where(accounts.c.id == bindparam("of_account"))
_TELL_LOW = (
    update(accounts)
    .where(
        accounts.c.id == bindparam("of_account"),
        or_(accounts.c.low_credit_told_at.is_(None), accounts.c.low_credit_told_at <= bindparam("before")),
    )
    .values(low_credit_told_at=bindparam("now"))
)
_COLUMNS = (
    *("fact", "account_id", "kind", "way", "target", "subject", "text", "data"),
    *("created_at", "next_at", "call_id", "expires_at"),
)
# One statement: a fact is told once by each way, whoever else tells it.
_ADD = insert(notices).from_select(
    _COLUMNS,
    select(*(bindparam(f"to_{name}", type_=notices.c[name].type) for name in _COLUMNS)).where(
        ~exists(select(literal(1)).where(notices.c.fact == bindparam("to_fact")))
    ),
)
WITH_ACCOUNT = select(notices, accounts.c.name.label("account")).join_from(
    notices, accounts, accounts.c.id == notices.c.account_id
)
_DUE = (
    select(notices.c.id)
    # Webhooks have deliverers of their own.
    .where(notices.c.way == Way.EMAIL.value, notices.c.next_at <= bindparam("now"))
    .order_by(notices.c.next_at, notices.c.id)
    .limit(bindparam("limit"))
    # Another node delivers those that it has locked.
    .with_for_update(skip_locked=True)
)
_OF = (
    WITH_ACCOUNT.where(notices.c.account_id == bindparam("of_account"))
    .order_by(notices.c.id.desc())
    .limit(bindparam("limit"))
)
_this = notices.c.id == bindparam("notice_id")
_GET = WITH_ACCOUNT.where(_this)
# What was delivered stays so: a slower node that failed with it has nothing to say any more.
_FINISH = update(notices).where(_this, notices.c.sent_at.is_(None))


class Notices:
    """See `service.ports.Notices`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def contact(self, account_id: int) -> Contact:
        row = self._connection.execute(_CONTACT, {"of_account": account_id}).one()
        return Contact(row.email or "", row.webhook_url or "")

    def set_contact(self, account_id: int, contact: Contact) -> None:
        kept = _SET_CONTACT.values(email=contact.email or None, webhook_url=contact.webhook_url or None)
        self._connection.execute(kept, {"of_account": account_id})

    def tell_low(self, account_id: int, now: datetime) -> bool:
        wanted = {"of_account": account_id, "now": now, "before": now - LOW_CREDIT_EVERY}
        return self._connection.execute(_TELL_LOW, wanted).rowcount == 1

    def add(
        self,
        account_id: int,
        kind: NoticeKind,
        way: Way,
        target: str,
        *,
        fact: str,
        subject: str,
        text: str,
        data: Mapping[str, object],
        now: datetime,
    ) -> None:
        row = {
            "to_fact": f"{fact}:{way.value}",
            "to_account_id": account_id,
            "to_kind": kind.value,
            "to_way": way.value,
            "to_target": target,
            "to_subject": subject,
            "to_text": text,
            "to_data": dict(data),
            "to_created_at": now,
            "to_next_at": now,
            # What tells of a call has its place among the call's other events.
            "to_call_id": data.get("call_id"),
            "to_expires_at": now + GIVEN_UP_AFTER,
        }
        self._connection.execute(_ADD, row)

    def claim(self, now: datetime, limit: int) -> list[Notice]:
        due = list(self._connection.execute(_DUE, {"now": now, "limit": limit}).scalars())
        if not due:
            return []
        leased = update(notices).where(notices.c.id.in_(due))
        self._connection.execute(leased.values(next_at=now + LEASE, attempts=notices.c.attempts + 1))
        rows = self._connection.execute(WITH_ACCOUNT.where(notices.c.id.in_(due)).order_by(notices.c.id))
        return [read_notice(row) for row in rows]

    def get(self, notice_id: int) -> Notice | None:
        row = self._connection.execute(_GET, {"notice_id": notice_id}).one_or_none()
        return None if row is None else read_notice(row)

    def finish(self, notice_id: int, *, next_at: datetime | None, sent_at: datetime | None, error: str | None) -> None:
        self._connection.execute(
            _FINISH.values(next_at=next_at, sent_at=sent_at, error=error), {"notice_id": notice_id}
        )

    def of(self, account_id: int, limit: int) -> list[Notice]:
        rows = self._connection.execute(_OF, {"of_account": account_id, "limit": limit})
        return [read_notice(row) for row in rows]


def read_notice(row: Row[*tuple[Any, ...]]) -> Notice:
    """Read a row of notices, with its account's name."""
    return Notice(
        id=row.id,
        account=row.account,
        kind=NoticeKind(row.kind),
        way=Way(row.way),
        target=row.target,
        subject=row.subject,
        text=row.text,
        data=row.data,
        created_at=row.created_at,
        attempts=row.attempts,
        next_at=row.next_at,
        sent_at=row.sent_at,
        error=row.error,
        fact=row.fact.rpartition(":")[0],
        call_id=row.call_id,
    )
