"""A house without doors for tests: a real database, and the use cases as short verbs.

Every verb is one unit of work. Money goes in and out as whole credits; time stands still at
`NOW` unless a test says otherwise.
"""

import itertools
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from offhook.domain.accounts import Account, AccountSummary
from offhook.domain.calls import (
    Admission,
    Arrival,
    Call,
    Caller,
    CallFilters,
    Ending,
    LegUse,
    Reason,
    Refusal,
    Status,
    TimelineEvent,
)
from offhook.domain.credits import CREDIT, LedgerLine
from offhook.domain.legs import Leg
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.subscriptions import Subscription
from offhook.domain.terms import Terms
from offhook.domain.trunks import Trunk
from offhook.service import accounts, callees, calls, desk, numbers, subscriptions, tariffs, trunks
from offhook.service.numbers import ImportReport
from offhook.storage import Database, Work, open_database
from offhook.storage.schema import balances, postings

T = TypeVar("T")
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DIN = "815012345678"


@cache
def empty_database() -> bytes:
    """Return the file of a database with all tables and no rows; the migrations run once a session."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_database(f"sqlite:///{path}").close()
        return path.read_bytes()


def empty_file(path: Path) -> str:
    """Make a SQLite file with all tables and no rows, and return its URL."""
    path.write_bytes(empty_database())
    return f"sqlite:///{path}"


class House:
    """One account `Shop` with credit, and whatever numbers a test adds."""

    def __init__(self, url: str, credit: int = 1000, busy_timeout_s: float = 5.0) -> None:
        self.url = url
        self.database: Database = open_database(url, busy_timeout_s=busy_timeout_s)
        # Minutes alone count here: the tests of the minimum bring terms of their own.
        self.terms = Terms(minimum_credit=0)
        self._tokens = (f"{count:014d}" for count in itertools.count())
        self._calls = (f"call-{count}" for count in itertools.count())
        self.shop = self.open_account("Shop", credit)
        self.set_rates(("81", "1"))

    @property
    def path(self) -> Path:
        """The file of a house on SQLite."""
        return Path(self.url.removeprefix("sqlite:///"))

    def write(self, unit: Callable[[Work], T]) -> T:
        return self.database.write_now(unit)

    def read(self, unit: Callable[[Work], T]) -> T:
        return self.database.read_now(unit)

    def fresh(self) -> str:
        return next(self._tokens)

    def close(self) -> None:
        self.database.close()

    def open_account(self, name: str, credit: int = 0) -> Account:
        return self.write(
            lambda work: accounts.create_account(
                work, name=name, credit=credit * CREDIT, sid=f"sid-{name}", token="token", now=NOW
            )
        )

    def add_number(self, din: str = DIN, *, monthly: str = "650", minute: str = "1") -> str:
        """Add a Japanese number (or one of another country by its digits) and return its `din_uid`."""
        report = self.import_rows(
            {"din": din, "country_code": din[:2], "prefix": "", "monthly_cost": monthly, "minute_cost": minute}
        )
        assert report == ImportReport(1)
        number = self.read(lambda work: work.numbers.dialled(din))
        assert number is not None
        return number.number.din_uid

    def import_rows(self, *rows: dict[str, str]) -> ImportReport:
        return self.write(lambda work: numbers.import_numbers(work, rows, now=NOW, fresh=self.fresh))

    def set_rates(self, *rates: tuple[str, str] | tuple[str, str, str]) -> None:
        """Put a table of rates in force: prefixes, credits a minute and, if not standard, kinds."""
        rows = [dict(zip(("prefix", "minute_cost", "kind"), rate, strict=False)) for rate in rates]
        assert not self.write(lambda work: tariffs.import_rates(work, rows)).problems

    def subscribe(self, din_uid: str, account: Account | None = None, at: datetime = NOW) -> Subscription:
        owner = account or self.shop
        return self.write(lambda work: subscriptions.subscribe(work, account_id=owner.id, din_uid=din_uid, now=at))

    def cancel(self, din_uid: str, at: datetime = NOW) -> Subscription:
        return self.write(lambda work: subscriptions.cancel(work, account_id=self.shop.id, din_uid=din_uid, now=at))

    def subscribed(self, din: str = DIN, *, monthly: str = "650", minute: str = "1") -> str:
        """Add a number, subscribe it, and return its `din_uid`."""
        din_uid = self.add_number(din, monthly=monthly, minute=minute)
        self.subscribe(din_uid)
        return din_uid

    def arrival(self, *dialled: str, refusal: Reason | None = None) -> Arrival:
        return Arrival(
            call_id=next(self._calls),
            at=NOW,
            trunk="carrier",
            source="192.0.2.1:5060",
            dialled=dialled or (DIN,),
            caller=Caller("819012345678", "+819012345678"),
            refusal=refusal,
        )

    def admit(self, arrival: Arrival, limits: desk.Limits = desk.LIMITS, node: str = "node-1") -> Admission | Refusal:
        return self.write(lambda work: desk.admit(work, arrival, now=NOW, limits=limits, terms=self.terms, node=node))

    def ring(self, *dialled: str, node: str = "node-1") -> str:
        """Let a call come that must be admitted, and return its id."""
        admission = self.admit(self.arrival(*dialled), node=node)
        assert isinstance(admission, Admission)
        return admission.call_id

    def answer(self, call_id: str, at: datetime = NOW, *, dialog: str | None = None, leg: int = 1) -> None:
        self.write(lambda work: desk.answered(work, call_id, at, dialog=dialog, leg=leg))

    def extend(self, call_id: str, minute: int | None = None, *, leg: int = 1) -> bool:
        return self.write(lambda work: desk.extend(work, call_id, NOW, minute=minute, leg=leg))

    def add_trunk(self, name: str, send: str | None = "sip:192.0.2.1:5060", *, pass_caller: bool = False) -> Trunk:
        """Add a trunk, whose calls come from a network of its own."""
        count = len(self.read(trunks.list_trunks))
        return self.write(
            lambda work: trunks.add_trunk(
                work, name=name, sources=(f"198.51.100.{count}",), send=send, pass_caller=pass_caller, now=NOW
            )
        )

    def find_routes(
        self, call_id: str, leg: int, number: str, *, came_inside: bool = False, defaults: Sequence[str] = ()
    ) -> Routes | Unroutable:
        return self.write(
            lambda work: callees.find_routes(
                work, call_id, leg, number, came_inside=came_inside, defaults=defaults, now=NOW
            )
        )

    def rings(self, call_id: str, leg: int, dialog: str) -> None:
        self.write(lambda work: callees.rings(work, call_id, leg, dialog))

    def give_back(self, call_id: str, leg: int) -> None:
        self.write(lambda work: callees.give_back(work, call_id, leg, NOW))

    def legs(self, call_id: str) -> tuple[Leg, ...]:
        return self.read(lambda work: work.legs.of(call_id))

    def hang_up(self, call_id: str, seconds: float, *events: TimelineEvent, legs: tuple[LegUse, ...] = ()) -> None:
        """End an answered call after this long."""
        ending = Ending(call_id, Status.COMPLETED, None, NOW + timedelta(seconds=seconds), NOW, seconds, legs)
        self.write(lambda work: desk.close(work, ending, events, "node-1", terms=self.terms))

    def give_up(self, call_id: str) -> None:
        """End a call that was never answered."""
        ending = Ending(call_id, Status.CANCELED, None, NOW, None, 0.0)
        self.write(lambda work: desk.close(work, ending, (), "node-1", terms=self.terms))

    def call(self, call_id: str) -> Call:
        return self.read(lambda work: calls.find_call(work, None, call_id))

    def timeline(self, call_id: str) -> list[TimelineEvent]:
        return self.read(lambda work: calls.timeline(work, None, call_id))

    def credit(self) -> AccountSummary:
        return self.read(lambda work: accounts.summary(work, self.shop.id))

    def ledger(self, limit: int = 1000, before: str | None = None) -> list[LedgerLine]:
        return self.read(lambda work: accounts.ledger_page(work, self.shop.id, limit=limit, before=before))


def audit(work: Work) -> None:
    """Prove from the rows alone that credits were neither made nor lost."""
    sums: Counter[str] = Counter()
    own: Counter[int] = Counter()
    for row in work.connection.execute(select(postings).order_by(postings.c.seq)):
        assert row.amount >= 0
        sums[row.source] -= row.amount
        sums[row.target] += row.amount
        own_names = (f"account:{row.account_id}", f"hold:{row.call_id}")
        own[row.account_id] += row.amount * ((row.target in own_names) - (row.source in own_names))
        assert row.balance == own[row.account_id]
    assert sum(sums.values()) == 0
    held: Counter[int] = Counter()
    for call in work.calls.page(None, CallFilters(), 10_000, None):
        in_hold, legs = sums[f"hold:{call.call_id}"], work.legs.of(call.call_id)
        assert call.ended_at is None or not legs
        callees = sum(leg.held_minutes * leg.minute_cost for leg in legs)
        assert in_hold == (call.held_minutes * call.minute_cost + callees if call.ended_at is None else 0)
        if call.account_id is not None:
            held[call.account_id] += in_hold
    for row in work.connection.execute(select(balances)):
        assert row.available == sums[f"account:{row.account_id}"] >= 0
        assert row.held == held[row.account_id] >= 0
