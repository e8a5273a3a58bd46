"""The rows of the pool of numbers."""

from collections.abc import Collection
from datetime import datetime
from itertools import chain, repeat
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from offhook.domain.numbers import NewNumber, Number, PoolNumber, PoolState, SearchFilters, state_of
from offhook.domain.subscriptions import Dialled
from offhook.storage.prepared import Prepared
from offhook.storage.schema import accounts, api_users, hosted_rules, numbers, subscriptions
from offhook.storage.searches import free_numbers
from offhook.storage.signings import SIGNING, read_signing
from offhook.storage.subscriptions import NUMBER, SUBSCRIPTION, read_number, read_subscription

FEW = 16
MANY = 500
"""Numbers that one statement looks for. Any SQLite takes 999 parameters in one."""

_BY_UID = Prepared(select(*NUMBER).where(numbers.c.din_uid == bindparam("din_uid")))
# Who subscribed the number; nobody in particular did before there were several users.
_subscriber = api_users.alias("subscriber")
_FIRST_NICKNAME = (
    select(api_users.c.nickname)
    .where(api_users.c.account_id == accounts.c.id)
    .order_by(api_users.c.id)
    .limit(1)
    .scalar_subquery()
)
_DIALLED = Prepared(
    select(
        *NUMBER,
        *SUBSCRIPTION,
        *SIGNING,
        accounts.c.language,
        accounts.c.webhook_url,
        func.coalesce(_subscriber.c.nickname, _FIRST_NICKNAME).label("nickname"),
        hosted_rules.c.document,
    )
    .select_from(
        numbers.outerjoin(
            subscriptions,
            (subscriptions.c.number_id == numbers.c.id) & subscriptions.c.ended_at.is_(None),
        )
        .outerjoin(accounts, accounts.c.id == subscriptions.c.account_id)
        .outerjoin(_subscriber, _subscriber.c.id == subscriptions.c.api_user_id)
        .outerjoin(hosted_rules, hosted_rules.c.subscription_id == subscriptions.c.id)
    )
    .where(numbers.c.din == bindparam("din"))
)


def _places(size: int) -> tuple[str, ...]:
    return tuple(f"din_{place}" for place in range(size))


def _known(size: int) -> Prepared:
    """Return the statement that looks for so many numbers: an unknown one that is dialled is near to hundreds."""
    wanted = [bindparam(place, type_=numbers.c.din.type) for place in _places(size)]
    return Prepared(select(numbers.c.din).where(numbers.c.din.in_(wanted)))


_KNOWN = {size: _known(size) for size in (FEW, MANY)}
_TAKE = Prepared(
    update(numbers)
    .where(
        numbers.c.id == bindparam("number_id"),
        (numbers.c.free_from <= bindparam("now"))
        # Whose reservation has ended finds the number free like everybody else.
        | (numbers.c.free_from.is_not(None) & (numbers.c.reserved_by == bindparam("of_account"))),
    )
    .values(free_from=None, reserved_by=None)
)
_GIVE_BACK = Prepared(
    update(numbers).where(numbers.c.id == bindparam("number_id")).values(free_from=bindparam("from_then"))
)
# Whose a number is: of who subscribes it, else of who has it reserved.
_POOL = (
    select(
        *NUMBER,
        numbers.c.free_from,
        numbers.c.reserved_by,
        subscriptions.c.renews_at,
        accounts.c.name.label("account"),
    )
    .select_from(
        numbers.outerjoin(
            subscriptions, (subscriptions.c.number_id == numbers.c.id) & subscriptions.c.ended_at.is_(None)
        ).outerjoin(accounts, accounts.c.id == func.coalesce(subscriptions.c.account_id, numbers.c.reserved_by))
    )
    .where(numbers.c.din > bindparam("after"), numbers.c.din.contains(bindparam("contains")))
    .order_by(numbers.c.din)
    .limit(bindparam("limit"))
)


class Numbers:
    """See `service.ports.Numbers`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, numbers_: Collection[NewNumber], now: datetime) -> None:
        rows = [_row(number, now) for number in numbers_]
        if rows:
            self._connection.execute(insert(numbers), rows)

    def known(self, dins: Collection[str]) -> set[str]:
        wanted, found = list(dins), set[str]()
        size = FEW if len(wanted) <= FEW else MANY
        for start in range(0, len(wanted), size):
            batch = wanted[start : start + size]
            # The last ones are filled up: to look twice for one number costs nothing, another statement would.
            places = _places(size)
            values = dict(zip(places, chain(batch, repeat(batch[0])), strict=False))
            found.update(row.din for row in _KNOWN[size].rows(self._connection, values))
        return found

    def by_uid(self, din_uid: str) -> Number | None:
        row = _BY_UID.row(self._connection, {"din_uid": din_uid})
        return None if row is None else read_number(row)

    def dialled(self, din: str) -> Dialled | None:
        row = _DIALLED.row(self._connection, {"din": din})
        if row is None:
            return None
        if row.subscription_id is None:
            return Dialled(read_number(row), None)
        return Dialled(
            read_number(row),
            read_subscription(row),
            row.nickname or "",
            row.language,
            row.document,
            webhook_url=row.webhook_url or "",
            signing=read_signing(row),
        )

    def free(self, filters: SearchFilters, now: datetime, limit: int, after: str | None) -> list[Number]:
        return free_numbers(self._connection, filters, now, limit, after)

    def pool(self, contains: str, now: datetime, limit: int, after: str) -> list[PoolNumber]:
        values = {"contains": contains, "limit": limit, "after": after}
        return [_read_pool_number(row, now) for row in self._connection.execute(_POOL, values)]

    def take(self, number_id: int, account_id: int, now: datetime) -> bool:
        return _TAKE.run(self._connection, {"number_id": number_id, "of_account": account_id, "now": now}) == 1

    def give_back(self, number_id: int, free_from: datetime) -> None:
        _GIVE_BACK.send(self._connection, {"number_id": number_id, "from_then": free_from})


def _read_pool_number(row: Row[*tuple[Any, ...]], now: datetime) -> PoolNumber:
    number = read_number(row)
    state = state_of(row.free_from, is_reserved=row.reserved_by is not None, now=now)
    match state:
        case PoolState.FREE:
            return PoolNumber(number, state)
        case PoolState.SUBSCRIBED:
            return PoolNumber(number, state, row.renews_at, row.account or "")
    return PoolNumber(number, state, row.free_from, row.account or "")


def _row(number: NewNumber, now: datetime) -> dict[str, object]:
    return {
        "din": number.din,
        "din_uid": number.din_uid,
        "region": number.region,
        "country_code": number.country_code,
        "prefix": number.prefix,
        "monthly_cost": number.monthly_cost,
        "minute_cost": number.minute_cost,
        "trunk": number.trunk or None,
        "day_cost": number.day_cost,
        "allow_transfer": number.allow_transfer,
        "requires_verification": number.requires_verification,
        "free_from": now,
        "created_at": now,
    }
