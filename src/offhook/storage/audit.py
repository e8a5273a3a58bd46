"""What an audit reads: each rule as one statement that returns the rows that break it.

The statements scan whole tables, on one moment of the database; running calls do not wait for them.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)

from offhook.domain.audit import Totals
from offhook.domain.credits import ADJUSTMENTS, CASH, REVENUE, PostingKind
from offhook.storage.prepared import Row
from offhook.storage.schema import balances, calls, legs, numbers, postings, subscriptions

MOST_ROWS = 100
"""More of one kind tell nothing new."""

_own = literal("account:") + cast(postings.c.account_id, String)
_hold = literal("hold:") + postings.c.call_id


def _added(name: ColumnElement[str]) -> ColumnElement[int]:
    """Return what a posting adds to the account of this name."""
    return case((postings.c.target == name, postings.c.amount), else_=0) - case(
        (postings.c.source == name, postings.c.amount), else_=0
    )


_to_available = _added(_own)
_to_held = case((postings.c.call_id.is_(None), 0), else_=_added(_hold))

AMOUNTS = select(postings.c.id, postings.c.amount, postings.c.source, postings.c.target).where(
    or_(postings.c.amount < 0, postings.c.source == postings.c.target)
)


def _is(kinds: tuple[PostingKind, ...], source: ColumnElement[str], target: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(
        postings.c.kind.in_([kind.value for kind in kinds]), postings.c.source == source, postings.c.target == target
    )


_K = PostingKind
_cash, _revenue, _adjustments = literal(CASH), literal(REVENUE), literal(ADJUSTMENTS)
SIDES = select(postings.c.id, postings.c.kind, postings.c.source, postings.c.target).where(
    not_(
        func.coalesce(
            or_(
                _is((_K.TOP_UP,), _cash, _own),
                _is((_K.SUBSCRIPTION, _K.RENEWAL, _K.RECORDING_STORAGE), _own, _revenue),
                _is((_K.REBATE,), _revenue, _own),
                _is((_K.CALL_HOLD, _K.HOLD_EXTENSION), _own, _hold),
                _is((_K.SETTLE, _K.TRANSFER_MINUTES), _hold, _revenue),
                _is((_K.RELEASE,), _hold, _own),
                _is((_K.ADJUSTMENT,), _own, _adjustments),
                _is((_K.ADJUSTMENT,), _adjustments, _own),
            ),
            literal_column("false"),
        )
    )
)

_sums = (
    select(
        postings.c.account_id,
        func.sum(_to_available).label("available"),
        func.sum(_to_held).label("held"),
    )
    .group_by(postings.c.account_id)
    .subquery()
)
_summed_available = func.coalesce(_sums.c.available, 0)
_summed_held = func.coalesce(_sums.c.held, 0)
BALANCES = (
    select(
        balances.c.account_id,
        balances.c.available,
        balances.c.held,
        _summed_available.label("summed_available"),
        _summed_held.label("summed_held"),
    )
    .select_from(balances.outerjoin(_sums, _sums.c.account_id == balances.c.account_id))
    .where(
        or_(
            balances.c.available != _summed_available,
            balances.c.held != _summed_held,
            balances.c.available < 0,
            balances.c.held < 0,
        )
    )
)

_change = _to_available + _to_held
_chained = select(
    postings.c.id,
    postings.c.balance,
    (
        func.coalesce(func.lag(postings.c.balance).over(partition_by=postings.c.account_id, order_by=postings.c.seq), 0)
        + _change
    ).label("expected"),
).subquery()
CHAIN = select(_chained).where(_chained.c.balance != _chained.c.expected)

_held_by_call = (
    select(postings.c.call_id, func.sum(_to_held).label("held"))
    .where(postings.c.call_id.is_not(None))
    .group_by(postings.c.call_id)
    .subquery()
)
_held_by_legs = (
    select(legs.c.call_id, func.sum(legs.c.held_minutes * legs.c.minute_cost).label("held"))
    .group_by(legs.c.call_id)
    .subquery()
)
_on_record = case(
    (
        calls.c.ended_at.is_(None),
        calls.c.held_minutes * calls.c.minute_cost + func.coalesce(_held_by_legs.c.held, 0),
    ),
    else_=0,
)
HOLDS = (
    select(
        _held_by_call.c.call_id,
        calls.c.status,
        _held_by_call.c.held,
        func.coalesce(_on_record, 0).label("on_record"),
    )
    .select_from(
        _held_by_call.outerjoin(calls, calls.c.call_id == _held_by_call.c.call_id).outerjoin(
            _held_by_legs, _held_by_legs.c.call_id == _held_by_call.c.call_id
        )
    )
    .where(_held_by_call.c.held != func.coalesce(_on_record, 0))
)
# Calls that should hold something and of which the ledger knows nothing at all.
UNHELD = (
    select(calls.c.call_id, calls.c.status, literal(0).label("held"), _on_record.label("on_record"))
    .select_from(
        calls.outerjoin(_held_by_call, _held_by_call.c.call_id == calls.c.call_id).outerjoin(
            _held_by_legs, _held_by_legs.c.call_id == calls.c.call_id
        )
    )
    .where(calls.c.ended_at.is_(None), _held_by_call.c.call_id.is_(None), _on_record != 0)
)

_charges = (
    select(
        postings.c.call_id,
        func.sum(postings.c.amount).label("charged"),
        func.sum(case((postings.c.kind == _K.SETTLE.value, 1), else_=0)).label("settled"),
    )
    .where(postings.c.kind.in_([_K.SETTLE.value, _K.TRANSFER_MINUTES.value]))
    .group_by(postings.c.call_id)
    .subquery()
)
_charged = func.coalesce(_charges.c.charged, 0)
_settled = func.coalesce(_charges.c.settled, 0)
SETTLEMENTS = (
    select(calls.c.call_id, calls.c.cost, _charged.label("charged"), _settled.label("settled"))
    .select_from(calls.outerjoin(_charges, _charges.c.call_id == calls.c.call_id))
    .where(or_(calls.c.cost != _charged, _settled > 1))
)

_living = (
    select(subscriptions.c.number_id, func.count().label("living"))
    .where(subscriptions.c.ended_at.is_(None))
    .group_by(subscriptions.c.number_id)
    .subquery()
)
_count = func.coalesce(_living.c.living, 0)
NUMBERS = (
    select(numbers.c.din, _count.label("living"), numbers.c.free_from)
    .select_from(numbers.outerjoin(_living, _living.c.number_id == numbers.c.id))
    .where(
        or_(
            _count > 1,
            and_(_count == 1, numbers.c.free_from.is_not(None)),
            and_(_count == 0, numbers.c.free_from.is_(None)),
        )
    )
)

_TOTALS = select(
    func.count().label("postings"),
    *(func.coalesce(func.sum(_added(literal(name))), 0).label(name) for name in (CASH, REVENUE, ADJUSTMENTS)),
)
_CUSTOMERS = select(
    func.count().label("accounts"),
    func.coalesce(func.sum(balances.c.available), 0).label("available"),
    func.coalesce(func.sum(balances.c.held), 0).label("held"),
)
_RUNNING = select(func.count()).where(calls.c.ended_at.is_(None))
_PERIODS = (
    select(numbers.c.din, subscriptions.c.subscribed_at, subscriptions.c.renews_at, subscriptions.c.periods)
    .join_from(subscriptions, numbers, numbers.c.id == subscriptions.c.number_id)
    .where(subscriptions.c.ended_at.is_(None))
)
STATEMENTS: dict[str, Select[*tuple[object, ...]]] = {
    "amounts": AMOUNTS,
    "sides": SIDES,
    "balances": BALANCES,
    "chain": CHAIN,
    "holds": HOLDS,
    "unheld": UNHELD,
    "settlements": SETTLEMENTS,
    "numbers": NUMBERS,
}


class Books:
    """See `service.ports.Books`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def broken(self, name: str) -> list[Row]:
        return list(self._connection.execute(STATEMENTS[name].limit(MOST_ROWS)))

    def periods(self) -> Iterator[tuple[str, datetime, datetime, int]]:
        # Asked of this one execution alone: set on the connection, it would stay there for all that follow.
        for row in self._connection.execute(_PERIODS, execution_options={"yield_per": 1000}):
            yield row.din, row.subscribed_at, row.renews_at, row.periods

    def totals(self) -> Totals:
        sums = self._connection.execute(_TOTALS).one()
        customers = self._connection.execute(_CUSTOMERS).one()
        return Totals(
            postings=sums.postings,
            cash=int(sums.cash),
            revenue=int(sums.revenue),
            adjustments=int(sums.adjustments),
            available=int(customers.available),
            held=int(customers.held),
        )

    def counts(self) -> tuple[int, int]:
        accounts = self._connection.execute(_CUSTOMERS).one().accounts
        return accounts, int(self._connection.execute(_RUNNING).scalar_one())
