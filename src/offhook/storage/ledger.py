"""The rows of the ledger. Rows are only ever added; each account's balance is kept in step."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, update

from offhook.domain.credits import LedgerLine, Posting, PostingKind, effect
from offhook.domain.errors import NotEnoughCredit
from offhook.storage.prepared import Prepared, Row
from offhook.storage.schema import balances, postings

_available = balances.c.available + bindparam("available_change")
_held = balances.c.held + bindparam("held_change")
_known = select(postings.c.seq).where(postings.c.id == bindparam("posting_id"))
_KNOWN = Prepared(_known)

# The balance moves first: on PostgreSQL this locks the account's row before anything is written.
_MOVE = Prepared(
    update(balances)
    .where(balances.c.account_id == bindparam("of_account"), _available >= 0, _held >= 0, ~_known.exists())
    .values(available=_available, held=_held)
    .returning((balances.c.available + balances.c.held).label("balance"))
)
_ADD = Prepared(insert(postings))
# Neither has an answer that must be waited for: the CHECKs refuse what is not covered, a known fact changes nothing.
_SHIFT = Prepared(
    update(balances)
    .where(balances.c.account_id == bindparam("of_account"), ~_known.exists())
    .values(available=_available, held=_held)
)
_GIVEN = ("id", "at", "kind", "source", "target", "amount", "account_id", "din", "call_id", "text")
_WRITE = Prepared(
    insert(postings).from_select(
        (*_GIVEN, "balance"),
        select(
            *(bindparam("to_" + name, type_=postings.c[name].type) for name in _GIVEN),
            balances.c.available + balances.c.held,
        ).where(balances.c.account_id == bindparam("of_account"), ~_known.exists()),
    )
)
_balance = select(balances.c.available, balances.c.held).where(balances.c.account_id == bindparam("of_account"))
_BALANCE = Prepared(_balance)
# SQLite has no such words, and needs none: whoever writes has the file for itself.
LOCK = Prepared(_balance.with_for_update())
_LENGTH = select(func.coalesce(func.max(postings.c.seq), 0)).where(postings.c.account_id == bindparam("of_account"))
_LINES = (
    select(postings)
    .where(postings.c.account_id == bindparam("of_account"))
    .order_by(postings.c.seq.desc())
    .limit(bindparam("limit"))
)
_OF_CALL = select(postings).where(postings.c.call_id == bindparam("of_call")).order_by(postings.c.seq)
# A cursor that belongs to nobody, or to another account, is before everything.
_OLDER = _LINES.where(
    postings.c.seq
    < select(postings.c.seq)
    .where(postings.c.id == bindparam("posting_id"), postings.c.account_id == bindparam("of_account"))
    .scalar_subquery()
)


class Ledger:
    """See `service.ports.Ledger`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def post(self, posting: Posting) -> bool:
        change = effect(posting)
        moved = _MOVE.value(
            self._connection,
            {
                "of_account": posting.account_id,
                "available_change": change.available,
                "held_change": change.held,
                "posting_id": posting.id,
            },
        )
        if moved is None:
            if _KNOWN.value(self._connection, {"posting_id": posting.id}) is None:
                raise NotEnoughCredit(posting.amount)
            return False
        _ADD.send(self._connection, {**_given(posting), "balance": moved})
        return True

    def post_covered(self, posting: Posting) -> None:
        change = effect(posting)
        of_account, posting_id = posting.account_id, posting.id
        _SHIFT.send(
            self._connection,
            {
                "of_account": of_account,
                "available_change": change.available,
                "held_change": change.held,
                "posting_id": posting_id,
            },
        )
        written = {"to_" + name: value for name, value in _given(posting).items()}
        _WRITE.send(self._connection, {**written, "of_account": of_account, "posting_id": posting_id})

    def lock(self, account_id: int) -> tuple[int, int]:
        row = LOCK.row(self._connection, {"of_account": account_id})
        return row.available, row.held

    def balance(self, account_id: int) -> tuple[int, int]:
        row = _BALANCE.row(self._connection, {"of_account": account_id})
        return row.available, row.held

    def lines(
        self,
        account_id: int,
        limit: int,
        before: str | None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[LedgerLine]:
        statement = _LINES if before is None else _OLDER
        if since is not None:
            statement = statement.where(postings.c.at >= since)
        if until is not None:
            statement = statement.where(postings.c.at < until)
        wanted = {"of_account": account_id, "limit": limit, "posting_id": before}
        return [_line(row) for row in self._connection.execute(statement, wanted)]

    def lines_of_call(self, call_id: str) -> list[LedgerLine]:
        return [_line(row) for row in self._connection.execute(_OF_CALL, {"of_call": call_id})]

    def length(self, account_id: int) -> int:
        return int(self._connection.execute(_LENGTH, {"of_account": account_id}).scalar_one())


def _given(posting: Posting) -> dict[str, object]:
    return {
        "id": posting.id,
        "at": posting.at,
        "kind": posting.kind.value,
        "source": posting.source,
        "target": posting.target,
        "amount": posting.amount,
        "account_id": posting.account_id,
        "din": posting.din,
        "call_id": posting.call_id,
        "text": posting.text,
    }


def _line(row: Row) -> LedgerLine:
    posting = Posting(
        id=row.id,
        at=row.at,
        kind=PostingKind(row.kind),
        source=row.source,
        target=row.target,
        amount=row.amount,
        account_id=row.account_id,
        din=row.din,
        call_id=row.call_id,
        text=row.text,
    )
    change = effect(posting)
    return LedgerLine(posting, change=change.available + change.held, balance=row.balance)
