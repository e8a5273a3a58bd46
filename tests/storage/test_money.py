"""Credits are neither made nor lost, whatever is done in whatever order and dies in the middle."""

import secrets
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from math import ceil
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from house import NOW, House, audit, empty_file
from mortal import dying
from offhook.domain.calls import Admission, Call, Ending, LegUse, Refusal, Status
from offhook.domain.credits import CREDIT, LedgerLine, PostingKind
from offhook.domain.errors import NotEnoughCredit, NumberTaken, SubscriptionNotFound
from offhook.domain.holds import open_holds
from offhook.domain.legs import CALLER_LEG
from offhook.domain.routes import Routes, Unroutable
from offhook.domain.subscriptions import PERIOD, SubscriptionStatus
from offhook.domain.terms import Terms
from offhook.service import accounts, callees, desk, nodes, recovery, renewals, subscriptions
from offhook.storage import DatabaseAway, Work
from offhook.storage.schema import metadata
from postgres import Server

NUMBERS = {"815011111111": ("0", "0.000001"), "815022222222": ("20.5", "1.25"), "815033333333": ("90", "7")}
DINS = st.sampled_from(sorted(NUMBERS))
CALLEES = st.sampled_from(["81312345678", "442071234567", *sorted(NUMBERS)])
LEGS = st.integers(2, 4)
NODE, OTHER = "node-1", "node-2"


HOLDS = (PostingKind.CALL_HOLD, PostingKind.HOLD_EXTENSION)
CHARGES = (PostingKind.SETTLE, PostingKind.TRANSFER_MINUTES)


TERMS = Terms(minimum_credit=0, grace=timedelta(days=7))
CALL_VERBS = ["find routes", "give back", "answer", "extend", "close"]
VERBS = ["subscribe", "cancel", "admit", "top up", "recover", "renew", "adjust"]
STEPS = st.integers(0, 400)
"""A unit of work takes some hundred steps at most."""


def everything(work: Work) -> list[list[object]]:
    """Return all rows of all tables."""
    return [
        [tuple(row) for row in work.connection.execute(select(table).order_by(*table.primary_key))]
        for table in metadata.sorted_tables
    ]


class Crash(Exception):
    """The end of a program in the middle of its work."""


class Money(RuleBasedStateMachine):
    """One account that is always short of credit, three numbers, and calls that are told of twice."""

    calls = Bundle("calls")

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.can_refuse = self.url.startswith("sqlite")

    @initialize()
    def open(self) -> None:
        self.house = House(self.url, credit=100)
        self.uids = {din: self.house.add_number(din, monthly=m, minute=c) for din, (m, c) in NUMBERS.items()}
        self.house.add_trunk("tokyo")
        # Most sequences are about calls, so two numbers take some from the beginning.
        self.subscribe("815011111111")
        self.subscribe("815022222222")
        self.settled: dict[str, Call] = {}
        self.seen: list[str] = []
        self.clock = NOW
        self.today = NOW
        self.heard = NOW
        self.lost: dict[str, datetime] = {}
        self.epoch = self.begin(NODE)

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.close()

    @rule(amount=st.integers(1, 50 * CREDIT), reference=st.sampled_from(["a", "b", None]))
    def top_up(self, amount: int, reference: str | None) -> None:
        self.house.write(lambda work: accounts.top_up(work, name="Shop", amount=amount, reference=reference, now=NOW))

    @rule(amount=st.integers(-30 * CREDIT, 30 * CREDIT).filter(bool), reference=st.sampled_from(["c", None]))
    def adjust(self, amount: int, reference: str | None) -> None:
        with suppress(NotEnoughCredit):
            self.house.write(
                lambda work: accounts.adjust(
                    work, name="Shop", amount=amount, reason="a slip", by="Ann", reference=reference, now=self.today
                )
            )

    @rule(days=st.sampled_from([1, 8, 29, 30, 65]), times=st.integers(1, 2))
    def days_go_by(self, days: int, times: int) -> None:
        """Let subscriptions be renewed, late or in time; a job that runs twice has nothing to do the second time."""
        self.today += timedelta(days=days)
        before: list[LedgerLine] = []
        for _ in range(times):
            before = self.house.ledger()
            mark: renewals.Mark | None = renewals.FIRST
            while mark is not None:
                renew = partial(renewals.renew_due, now=self.today, terms=TERMS, after=mark, limit=1)
                mark = self.house.write(renew).mark
        if times > 1:
            assert self.house.ledger() == before
        for subscription in self.house.read(lambda work: work.subscriptions.all_living(self.house.shop.id)):
            assert subscription.renews_at > self.today or subscription.status is SubscriptionStatus.GRACE

    @rule(din=DINS)
    def take(self, din: str) -> None:
        self.subscribe(din)

    def subscribe(self, din: str) -> None:
        with suppress(NumberTaken, NotEnoughCredit):
            self.house.subscribe(self.uids[din])

    @rule(din=DINS, hours=st.sampled_from([1, 24, 25]))
    def cancel(self, din: str, hours: int) -> None:
        with suppress(SubscriptionNotFound):
            self.house.cancel(self.uids[din], NOW + timedelta(hours=hours))

    @rule(target=calls, din=DINS, transfers=st.dictionaries(LEGS, st.booleans(), max_size=2))
    def ring(self, din: str, transfers: dict[int, bool]) -> str | Iterable[str]:
        """Let a call come, and some of them be transferred at once: few sequences would come so far by themselves."""
        outcome: Admission | Refusal = self.house.admit(self.house.arrival(din))
        if not isinstance(outcome, Admission):
            return multiple()
        self.seen.append(outcome.call_id)
        for leg, is_answered in transfers.items():
            found = self._let_out(outcome.call_id, leg, "81312345678", came_inside=False)
            if is_answered and isinstance(found, Routes):
                self.house.answer(outcome.call_id, self.clock, dialog="{}", leg=leg)
        return outcome.call_id

    @rule(call_id=calls, leg=LEGS, number=CALLEES, came_inside=st.booleans())
    def find_routes(self, call_id: str, leg: int, number: str, came_inside: bool) -> None:
        """Let a callee out; twice in a row is once."""
        found, held = self._let_out(call_id, leg, number, came_inside), self.house.credit().held
        assert self._let_out(call_id, leg, number, came_inside) == found
        assert self.house.credit().held == held

    def _let_out(self, call_id: str, leg: int, number: str, came_inside: bool) -> Routes | Unroutable:
        return self.house.find_routes(call_id, leg, number, came_inside=came_inside, defaults=["tokyo"])

    @rule(call_id=calls, leg=st.integers(1, 5))
    def give_back(self, call_id: str, leg: int) -> None:
        before = {one.leg: one for one in self.house.legs(call_id)}.get(leg)
        self.house.give_back(call_id, leg)
        after = {one.leg: one for one in self.house.legs(call_id)}.get(leg)
        if before is not None and before.answered_at is not None:
            assert after == before

    @rule(call_id=calls, leg=st.integers(1, 4), minute=st.one_of(st.none(), st.integers(1, 6)))
    def extend(self, call_id: str, leg: int, minute: int | None) -> None:
        self.house.extend(call_id, minute, leg=leg)

    @rule(call_id=calls, seconds=st.floats(0, 400), told=st.dictionaries(LEGS, st.floats(0, 400), max_size=3))
    def hang_up(self, call_id: str, seconds: float, told: dict[int, float]) -> None:
        """End a call; what the engine tells of callees need not be what is on record."""
        uses = tuple(LegUse(leg, NOW, up_s) for leg, up_s in told.items())
        self.house.hang_up(call_id, seconds, legs=uses)
        self._end(call_id)

    @rule(call_id=calls)
    def give_up(self, call_id: str) -> None:
        self.house.give_up(call_id)
        self._end(call_id)

    @rule(seconds=st.sampled_from([0.5, 4, 61, 200]))
    def wait(self, seconds: float) -> None:
        self.clock += timedelta(seconds=seconds)

    @rule(call_id=calls, leg=st.integers(1, 4))
    def answer(self, call_id: str, leg: int) -> None:
        self.house.answer(call_id, self.clock, dialog="{}", leg=leg)

    @rule()
    def beat(self) -> None:
        renewed = self.house.write(lambda work: nodes.renew(work, node=NODE, epoch=self.epoch, now=self.clock))
        assert renewed
        self.heard = self.clock

    def begin(self, node: str) -> int:
        return self.house.write(lambda work: nodes.begin(work, node=node, now=self.clock))

    @rule(survivor=st.sampled_from([NODE, OTHER]), patience=st.integers(0, 3), again=st.booleans())
    def the_node_dies(self, survivor: str, patience: int, again: bool) -> None:
        """End what it left, by itself once it is back or by another; who does it may die after a few calls."""
        zombie, died = self.epoch, self.heard
        if survivor == OTHER:
            self.clock += timedelta(seconds=nodes.DEAD_AFTER_S + 0.1)
        else:
            self.epoch, self.heard = self.begin(NODE), self.clock
        running = [call_id for call_id in self.seen if self.house.call(call_id).ended_at is None]
        self.lost |= {call_id: died for call_id in running if call_id not in self.lost}
        found = self.house.write(lambda work: recovery.lost(work, node=survivor, now=self.clock))
        assert [one.call.call_id for one in found] == running
        for call_id in running if again else running[:patience]:
            self._settle_lost(call_id, survivor)
        if again:
            assert open_holds(line.posting for line in self.house.ledger()) == {}
        if survivor == OTHER:
            self.epoch, self.heard = self.begin(NODE), self.clock
        assert not self.house.write(lambda work: nodes.renew(work, node=NODE, epoch=zombie, now=self.clock))

    def _settle_lost(self, call_id: str, node: str) -> None:
        before, legs = self.house.call(call_id), self.house.legs(call_id)
        ended = self.house.write(lambda work: recovery.settle_lost(work, call_id=call_id, now=self.clock, node=node))
        assert ended
        self._end(call_id)
        parts = [(before.answered_at, before.held_minutes, before.minute_cost)]
        parts += [(leg.answered_at, leg.held_minutes, leg.minute_cost) for leg in legs if leg.leg != CALLER_LEG]
        assert self.house.call(call_id).cost == sum(
            min(max(1, ceil((self.lost[call_id] - answered_at).total_seconds() / 60)), held) * minute_cost
            for answered_at, held, minute_cost in parts
            if answered_at is not None
        )

    @rule(call_id=calls, node=st.sampled_from([NODE, OTHER]))
    def settle_whatever(self, call_id: str, node: str) -> None:
        """A node may try any call at any time: only lost ones end."""
        if call_id in self.lost and call_id not in self.settled:
            self._settle_lost(call_id, node)
        else:
            assert not self.house.write(
                lambda work: recovery.settle_lost(work, call_id=call_id, now=self.clock, node=node)
            )

    @rule(call_id=calls, leg=LEGS, verb=st.sampled_from(CALL_VERBS), steps=STEPS)
    def die_in_the_middle_of_a_call(self, call_id: str, leg: int, verb: str, steps: int) -> None:
        def unit(work: Work) -> None:
            match verb:
                case "find routes":
                    callees.find_routes(
                        work, call_id, leg, "81312345678", came_inside=False, defaults=["tokyo"], now=NOW
                    )
                case "give back":
                    callees.give_back(work, call_id, leg, NOW)
                case "answer":
                    desk.answered(work, call_id, self.clock, dialog="{}", leg=leg)
                case "extend":
                    desk.extend(work, call_id, NOW, leg=leg)
                case _:
                    uses = (LegUse(leg, NOW, 100.0),)
                    desk.close(work, Ending(call_id, Status.COMPLETED, None, NOW, NOW, 100.0, uses), (), NODE)
            raise Crash

        self._die(unit, steps)

    @rule(din=DINS, verb=st.sampled_from(VERBS), steps=STEPS)
    def die_in_the_middle(self, din: str, verb: str, steps: int) -> None:
        arrival = self.house.arrival(din)

        def unit(work: Work) -> None:
            shop, uid = self.house.shop.id, self.uids[din]
            match verb:
                case "subscribe":
                    subscriptions.subscribe(work, account_id=shop, din_uid=uid, now=NOW)
                case "cancel":
                    subscriptions.cancel(work, account_id=shop, din_uid=uid, now=NOW)
                case "admit":
                    desk.admit(work, arrival, now=NOW, terms=self.house.terms)
                case "renew":
                    renewals.renew_due(work, now=self.today + PERIOD, terms=TERMS)
                case "adjust":
                    accounts.adjust(
                        work, name="Shop", amount=-1, reason="a slip", by="Ann", reference=None, now=self.today
                    )
                case "recover":
                    for one in recovery.lost(work, node=OTHER, now=self.clock + timedelta(hours=1)):
                        recovery.settle_lost(work, call_id=one.call.call_id, now=self.clock, node=OTHER)
                case _:
                    accounts.top_up(work, name="Shop", amount=CREDIT, reference=None, now=NOW)
            raise Crash

        self._die(unit, steps)

    def _die(self, unit: Callable[[Work], None], steps: int) -> None:
        """Do a unit that dies before any of its statements, or after its last: nothing of it may remain."""
        before = self.house.read(everything)
        with suppress(Crash, DatabaseAway, NumberTaken, NotEnoughCredit, SubscriptionNotFound):
            self.house.write(dying(unit, steps) if self.can_refuse else unit)
        assert self.house.read(everything) == before

    @invariant()
    def the_books_are_right(self) -> None:
        self.house.read(audit)

    @invariant()
    def only_running_calls_hold_anything(self) -> None:
        running = {call_id for call_id in self.seen if self.house.call(call_id).ended_at is None}
        assert open_holds(line.posting for line in self.house.ledger()).keys() <= running

    def _end(self, call_id: str) -> None:
        call = self.house.call(call_id)
        # What the first end said stands, however often and differently it is told.
        assert self.settled.setdefault(call_id, call) == call
        lines = [line for line in self.house.ledger() if line.posting.call_id == call_id]
        assert -sum(line.change for line in lines) == call.cost <= _sum(lines, *HOLDS)
        assert call.cost == _sum(lines, *CHARGES)
        assert _sum(lines, *HOLDS) == _sum(lines, *CHARGES, PostingKind.RELEASE)


def _sum(lines: list[LedgerLine], *kinds: PostingKind) -> int:
    return sum(line.posting.amount for line in lines if line.posting.kind in kinds)


def test_whatever_happens_on_sqlite_credits_are_neither_made_nor_lost(tmp_path: Path) -> None:
    serials = count()

    class OnSqlite(Money):
        def __init__(self) -> None:
            super().__init__(empty_file(tmp_path / f"{next(serials)}.db"))

    run_state_machine_as_test(OnSqlite, settings=settings(max_examples=30, stateful_step_count=40, deadline=None))


def test_whatever_happens_on_postgresql_credits_are_neither_made_nor_lost(
    postgres: Server, postgres_template: str
) -> None:
    names: list[str] = []

    class OnPostgres(Money):
        def __init__(self) -> None:
            names.append(f"money_{secrets.token_hex(8)}")
            postgres.create_database(names[-1], postgres_template)
            super().__init__(postgres.url(names[-1]))

    try:
        run_state_machine_as_test(OnPostgres, settings=settings(max_examples=12, stateful_step_count=30, deadline=None))
    finally:
        for name in names:
            postgres.drop_database(name)


@pytest.mark.parametrize("verb", ["subscribe", "cancel", "admit", "close", "renew"])
def test_a_unit_that_dies_at_any_of_its_steps_leaves_nothing(sqlite_house: House, verb: str) -> None:
    house = sqlite_house
    house.add_trunk("tokyo")
    din_uid = house.subscribed(monthly="10")
    free = house.add_number("815011111111", monthly="5")
    call_id = house.ring()
    house.find_routes(call_id, 2, "81312345678", defaults=["tokyo"])
    arrival = house.arrival()
    ending = Ending(call_id, Status.COMPLETED, None, NOW, NOW, 70.0, (LegUse(2, NOW, 30.0),))
    units: dict[str, Callable[[Work], object]] = {
        "subscribe": partial(subscriptions.subscribe, account_id=house.shop.id, din_uid=free, now=NOW),
        "cancel": partial(subscriptions.cancel, account_id=house.shop.id, din_uid=din_uid, now=NOW),
        "admit": partial(desk.admit, arrival=arrival, now=NOW, terms=house.terms),
        "close": partial(desk.close, ending=ending, events=(), node=NODE),
        "renew": partial(renewals.renew_due, now=NOW + PERIOD, terms=TERMS),
    }
    before = house.read(everything)
    deaths = 0
    while True:
        try:
            house.write(dying(units[verb], deaths))
        except DatabaseAway:
            deaths += 1
            assert house.read(everything) == before
        else:
            break
    # It had many chances to die, and did all of its work when it did not.
    assert deaths > 20
    assert house.read(everything) != before
    house.read(audit)
