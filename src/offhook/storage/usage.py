"""What numbers were used for, added up by one statement from the rows of calls and of subscriptions' postings."""

from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from offhook.domain.credits import MINUTE_S, PostingKind
from offhook.domain.usage import Days, UsageLine
from offhook.storage.schema import UtcTime, calls, postings, subscriptions


class utc_day(FunctionElement[str]):  # noqa: N801 (as SQLAlchemy names functions)
    """The day of a moment in UTC, written like 2026-11-23."""

    name = "utc_day"
    type = Text()
    inherit_cache = True


# The zone of a connection must not count.
@compiles(utc_day, "postgresql")
def _in_postgresql(element: utc_day, compiler: SQLCompiler, **how: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **how)} AT TIME ZONE 'UTC', 'YYYY-MM-DD')"


# A moment is kept as a text in UTC, whose date stands first.
@compiles(utc_day, "sqlite")
def _in_sqlite(element: utc_day, compiler: SQLCompiler, **how: Any) -> str:
    return f"substr({compiler.process(element.clauses, **how)}, 1, 10)"


_none = literal_column("0", Integer)
_account = bindparam("of_account", type_=calls.c.account_id.type)
_since, _until = bindparam("since", type_=UtcTime()), bindparam("until", type_=UtcTime())

_talked = calls.c.ended_at.is_not(None) & calls.c.answered_at.is_not(None)
_begun_minutes = case((calls.c.duration_s > MINUTE_S, (calls.c.duration_s + (MINUTE_S - 1)) // MINUTE_S), else_=1)
_call_day = utc_day(calls.c.started_at)
_of_calls = (
    select(
        _call_day.label("day"),
        calls.c.recipient.label("din"),
        func.count().label("calls"),
        func.sum(case((_talked, _begun_minutes), else_=0)).label("minutes"),
        func.sum(calls.c.duration_s).label("seconds"),
        func.sum(calls.c.cost).label("cost"),
        _none.label("subscription_cost"),
    )
    .where(calls.c.account_id == _account, calls.c.started_at >= _since, calls.c.started_at < _until)
    .group_by(_call_day, calls.c.recipient)
)

# A subscription's postings are found by the names of their facts, one a period. The index of an account's
# postings would do too, and lead past all those of its calls since the first day.
_first_periods = select(
    subscriptions.c.id, subscriptions.c.periods, literal_column("1", Integer).label("period")
).where(subscriptions.c.account_id == _account)
_periods = _first_periods.cte("periods", recursive=True)
_periods = _periods.union_all(
    select(_periods.c.id, _periods.c.periods, _periods.c.period + 1).where(_periods.c.period < _periods.c.periods)
)
_named = literal("subscription:") + cast(_periods.c.id, Text) + ":"
_facts = union_all(
    select((_named + cast(_periods.c.period, Text)).label("fact")),
    select((_named + "rebate").label("fact")).where(_periods.c.period == 1),
).subquery("facts")
_posting_day = utc_day(postings.c.at)
_charged = case((postings.c.kind == PostingKind.REBATE.value, -postings.c.amount), else_=postings.c.amount)
_of_subscriptions = (
    select(
        _posting_day.label("day"),
        postings.c.din,
        _none.label("calls"),
        _none.label("minutes"),
        _none.label("seconds"),
        _none.label("cost"),
        func.sum(_charged).label("subscription_cost"),
    )
    .join_from(_facts, postings, postings.c.id == _facts.c.fact)
    .where(postings.c.account_id == _account, postings.c.at >= _since, postings.c.at < _until)
    .group_by(_posting_day, postings.c.din)
)

_both = union_all(_of_calls, _of_subscriptions).subquery("used")
_sums = ("calls", "minutes", "seconds", "cost", "subscription_cost")
LINES = (
    select(_both.c.day, _both.c.din, *(func.sum(_both.c[name]).label(name) for name in _sums))
    .group_by(_both.c.day, _both.c.din)
    .order_by(_both.c.day, _both.c.din)
)


class Usage:
    """See `service.ports.Usage`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lines(self, account_id: int, days: Days) -> list[UsageLine]:
        wanted = {"of_account": account_id, "since": days.begin, "until": days.end}
        return [
            UsageLine(date.fromisoformat(day), din, *map(int, sums))
            for day, din, *sums in self._connection.execute(LINES, wanted)
        ]
