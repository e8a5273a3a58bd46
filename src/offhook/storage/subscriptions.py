"""The rows of subscriptions, each read together with its number."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Row, bindparam, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from offhook.domain.errors import NumberTaken
from offhook.domain.numbers import Number
from offhook.domain.subscriptions import Subscription, SubscriptionStatus
from offhook.storage.prepared import Prepared
from offhook.storage.schema import balances, numbers, subscriptions

NUMBER = (
    numbers.c.id,
    numbers.c.din,
    numbers.c.din_uid,
    numbers.c.country_code,
    numbers.c.prefix,
    numbers.c.monthly_cost,
    numbers.c.minute_cost,
    numbers.c.trunk,
    numbers.c.day_cost,
    numbers.c.allow_transfer,
    numbers.c.requires_verification,
)
SUBSCRIPTION = (
    subscriptions.c.id.label("subscription_id"),
    subscriptions.c.account_id,
    subscriptions.c.action_url,
    subscriptions.c.fallback_url,
    subscriptions.c.default_action,
    subscriptions.c.status,
    subscriptions.c.paid,
    subscriptions.c.subscribed_at,
    subscriptions.c.renews_at,
    subscriptions.c.ended_at,
    subscriptions.c.periods,
    subscriptions.c.grace_until,
    subscriptions.c.told_days,
)

_LIVING = (
    select(*NUMBER, *SUBSCRIPTION)
    .join_from(subscriptions, numbers, numbers.c.id == subscriptions.c.number_id)
    .where(subscriptions.c.account_id == bindparam("of_account"), subscriptions.c.ended_at.is_(None))
    .order_by(numbers.c.din)
)
_one = _LIVING.where(numbers.c.din_uid == bindparam("din_uid"))
_ONE = Prepared(_one)
_LOCK = Prepared(_one.with_for_update(of=subscriptions))
_ADD = Prepared(insert(subscriptions).returning(subscriptions.c.id))
_of_all = select(*NUMBER, *SUBSCRIPTION).join_from(subscriptions, numbers, numbers.c.id == subscriptions.c.number_id)
_DUE = Prepared(
    _of_all.where(
        subscriptions.c.ended_at.is_(None),
        subscriptions.c.renews_at <= bindparam("now"),
        tuple_(subscriptions.c.renews_at, subscriptions.c.id)
        > tuple_(bindparam("after", type_=subscriptions.c.renews_at.type), bindparam("after_id", type_=Integer)),
    )
    .order_by(subscriptions.c.renews_at, subscriptions.c.id)
    .limit(bindparam("limit", type_=Integer))
    # Another node that renews is busy with those that it has locked.
    .with_for_update(of=subscriptions, skip_locked=True)
)
_COMING = (
    subscriptions.c.ended_at.is_(None),
    subscriptions.c.renews_at > bindparam("now"),
    subscriptions.c.renews_at <= bindparam("until"),
)
_SHORT = (
    select(subscriptions.c.account_id)
    .join_from(subscriptions, numbers, numbers.c.id == subscriptions.c.number_id)
    .join(balances, balances.c.account_id == subscriptions.c.account_id)
    .where(*_COMING)
    .group_by(subscriptions.c.account_id, balances.c.available)
    .having(func.sum(numbers.c.monthly_cost) > balances.c.available)
    .order_by(subscriptions.c.account_id)
)
_COMING_OF = (
    _of_all.where(*_COMING, subscriptions.c.account_id == bindparam("of_account"))
    .order_by(subscriptions.c.renews_at, subscriptions.c.id)
    .with_for_update(of=subscriptions)
)
_LAST_END = (
    select(func.max(subscriptions.c.ended_at, type_=subscriptions.c.ended_at.type))
    .join_from(subscriptions, numbers, numbers.c.id == subscriptions.c.number_id)
    .where(numbers.c.din == bindparam("of_number"), subscriptions.c.ended_at <= bindparam("moment"))
)
_SAVED = (
    "action_url",
    "fallback_url",
    "default_action",
    "status",
    "renews_at",
    "ended_at",
    "paid",
    "periods",
    "grace_until",
    "told_days",
)
_SAVE = Prepared(
    update(subscriptions)
    .where(subscriptions.c.id == bindparam("subscription_id"))
    .values({name: bindparam("to_" + name) for name in _SAVED})
)


class Subscriptions:
    """See `service.ports.Subscriptions`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        account_id: int,
        number: Number,
        action_url: str | None,
        now: datetime,
        renews_at: datetime,
        api_user_id: int | None = None,
    ) -> Subscription:
        row = {
            "account_id": account_id,
            "number_id": number.id,
            "action_url": action_url,
            "status": SubscriptionStatus.ACTIVE.value,
            "paid": number.monthly_cost,
            "subscribed_at": now,
            "renews_at": renews_at,
            "api_user_id": api_user_id,
        }
        try:
            added = _ADD.value(self._connection, row)
        except IntegrityError:
            raise NumberTaken(number.din_uid) from None
        return Subscription(
            id=added,
            account_id=account_id,
            number=number,
            action_url=action_url,
            fallback_url=None,
            default_action=None,
            status=SubscriptionStatus.ACTIVE,
            subscribed_at=now,
            renews_at=renews_at,
            ended_at=None,
            paid=number.monthly_cost,
        )

    def living(self, account_id: int, din_uid: str) -> Subscription | None:
        row = _ONE.row(self._connection, {"of_account": account_id, "din_uid": din_uid})
        return None if row is None else read_subscription(row)

    def lock(self, account_id: int, din_uid: str) -> Subscription | None:
        row = _LOCK.row(self._connection, {"of_account": account_id, "din_uid": din_uid})
        return None if row is None else read_subscription(row)

    def all_living(self, account_id: int) -> list[Subscription]:
        return [read_subscription(row) for row in self._connection.execute(_LIVING, {"of_account": account_id})]

    def due(self, now: datetime, limit: int, after: tuple[datetime, int]) -> list[Subscription]:
        moment, last = after
        wanted = {"now": now, "limit": limit, "after": moment, "after_id": last}
        return [read_subscription(row) for row in _DUE.rows(self._connection, wanted)]

    def short_accounts(self, now: datetime, until: datetime) -> list[int]:
        return list(self._connection.execute(_SHORT, {"now": now, "until": until}).scalars())

    def coming(self, account_id: int, now: datetime, until: datetime) -> list[Subscription]:
        wanted = {"of_account": account_id, "now": now, "until": until}
        return [read_subscription(row) for row in self._connection.execute(_COMING_OF, wanted)]

    def last_end(self, din: str, before: datetime) -> datetime | None:
        found: datetime | None = self._connection.execute(_LAST_END, {"of_number": din, "moment": before}).scalar()
        return found

    def save(self, subscription: Subscription) -> None:
        saved = {"to_" + name: getattr(subscription, name) for name in _SAVED if name != "status"}
        _SAVE.send(
            self._connection, {"subscription_id": subscription.id, "to_status": subscription.status.value, **saved}
        )


def read_number(row: Row[*tuple[Any, ...]]) -> Number:
    """Read the columns `NUMBER`."""
    return Number(
        id=row.id,
        din=row.din,
        din_uid=row.din_uid,
        country_code=row.country_code,
        prefix=row.prefix,
        monthly_cost=row.monthly_cost,
        minute_cost=row.minute_cost,
        trunk=row.trunk or "",
        day_cost=row.day_cost,
        allow_transfer=row.allow_transfer,
        requires_verification=row.requires_verification,
    )


def read_subscription(row: Row[*tuple[Any, ...]]) -> Subscription:
    """Read the columns `NUMBER` and `SUBSCRIPTION` of one joined row."""
    return Subscription(
        id=row.subscription_id,
        account_id=row.account_id,
        number=read_number(row),
        action_url=row.action_url,
        fallback_url=row.fallback_url,
        default_action=row.default_action,
        status=SubscriptionStatus(row.status),
        subscribed_at=row.subscribed_at,
        renews_at=row.renews_at,
        ended_at=row.ended_at,
        paid=row.paid,
        periods=row.periods,
        grace_until=row.grace_until,
        told_days=row.told_days,
    )
