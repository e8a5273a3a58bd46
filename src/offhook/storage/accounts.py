"""The rows of accounts, and the balance that each account starts with."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from offhook.domain.accounts import Account
from offhook.domain.errors import AccountNameTaken
from offhook.storage.schema import accounts, balances

_COLUMNS = (
    accounts.c.id,
    accounts.c.name,
    accounts.c.created_at,
    accounts.c.language,
    func.coalesce(accounts.c.trunk, "").label("trunk"),
    func.coalesce(accounts.c.country, "").label("country"),
    accounts.c.destinations,
    accounts.c.is_verified,
)
_BY_ID = select(*_COLUMNS).where(accounts.c.id == bindparam("id"))
_BY_NAME = select(*_COLUMNS).where(accounts.c.name == bindparam("name"))
_ALL = select(*_COLUMNS).order_by(accounts.c.name)
_SETTLE_IN = update(accounts).where(accounts.c.id == bindparam("account_id"))
_ROUTE = update(accounts).where(accounts.c.id == bindparam("account_id")).values(trunk=bindparam("to_trunk"))
_VERIFY = update(accounts).where(accounts.c.id == bindparam("account_id")).values(is_verified=bindparam("to_verified"))


class Accounts:
    """See `service.ports.Accounts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, name: str, language: str, now: datetime) -> Account:
        row = {"name": name, "language": language, "created_at": now}
        try:
            added = self._connection.execute(insert(accounts).returning(accounts.c.id), row).scalar_one()
        except IntegrityError:
            raise AccountNameTaken(name) from None
        self._connection.execute(insert(balances), {"account_id": added, "available": 0, "held": 0})
        return Account(id=added, name=name, created_at=now, language=language)

    def settle_in(self, account_id: int, country: str, destinations: Collection[str]) -> None:
        kept = _SETTLE_IN.values(country=country or None, destinations=list(destinations) or None)
        self._connection.execute(kept, {"account_id": account_id})

    def route(self, account_id: int, trunk: str) -> None:
        self._connection.execute(_ROUTE, {"account_id": account_id, "to_trunk": trunk or None})

    def verify(self, account_id: int, is_verified: bool) -> None:
        self._connection.execute(_VERIFY, {"account_id": account_id, "to_verified": is_verified})

    def by_id(self, account_id: int) -> Account | None:
        row = self._connection.execute(_BY_ID, {"id": account_id}).one_or_none()
        return None if row is None else _account(row)

    def by_name(self, name: str) -> Account | None:
        row = self._connection.execute(_BY_NAME, {"name": name}).one_or_none()
        return None if row is None else _account(row)

    def all(self) -> list[Account]:
        return [_account(row) for row in self._connection.execute(_ALL)]


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        language=row.language,
        trunk=row.trunk,
        country=row.country,
        destinations=tuple(row.destinations or ()),
        is_verified=row.is_verified,
    )
