"""The audit finds nothing in books that are right, and each rule that somebody breaks by hand."""

import sqlite3

import pytest

from house import DIN, NOW, House, empty_file
from offhook.domain.audit import Rule, Totals
from offhook.domain.calls import LegUse
from offhook.domain.credits import CREDIT
from offhook.service import accounts, audit


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house of every kind of posting, with a call that runs and one that has ended."""
    house = House(empty_file(tmp_path_factory.mktemp("house") / "offhook.db"))
    house.add_trunk("tokyo")
    house.subscribed()
    house.cancel(house.subscribed("815011111111", monthly="10"))
    house.write(
        lambda work: accounts.adjust(
            work, name="Shop", amount=-5 * CREDIT, reason="a mistake", by="Ann", reference=None, now=NOW
        )
    )
    ended, running = house.ring(), house.ring()
    for call_id in (ended, running):
        house.find_routes(call_id, 2, "81312345678", defaults=["tokyo"])
        house.extend(call_id)
    house.hang_up(ended, 30, legs=(LegUse(2, NOW, 20),))
    return house


def broken(house: House, *statements: str) -> dict[Rule, list[str]]:
    """Break the books by hand, and return what an audit finds."""
    with sqlite3.connect(house.path) as other:
        for verb in ("update", "delete"):
            other.execute(f"DROP TRIGGER postings_refuse_{verb}")
        other.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            assert other.execute(statement).rowcount, statement
    other.close()
    found: dict[Rule, list[str]] = {}
    for finding in house.read(audit.verify).findings:
        found.setdefault(finding.rule, []).append(finding.text)
    house.close()
    return found


def test_books_that_are_right_have_no_findings_and_add_up(house: House) -> None:
    rules: list[Rule] = []
    found = house.read(lambda work: audit.verify(work, begun=rules.append))
    assert rules == list(Rule)
    assert found.findings == ()
    assert (found.accounts, found.running_calls) == (1, 1)
    assert found.totals == Totals(
        postings=14,
        cash=-1000 * CREDIT,
        revenue=652 * CREDIT,
        adjustments=5 * CREDIT,
        available=340 * CREDIT,
        held=3 * CREDIT,
    )
    house.close()


def test_nothing_at_all_is_right_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    empty = House(empty_file(tmp_path_factory.mktemp("empty") / "offhook.db"), credit=0)
    assert empty.read(audit.verify).findings == ()
    empty.close()


def test_a_posting_that_vanished(house: House) -> None:
    found = broken(house, "DELETE FROM postings WHERE id = 'call-0:settle'")
    assert found[Rule.BALANCES] == [
        "account 1 has 340 credits and holds 3 credits, but its postings say 340 credits and 4 credits"
    ]
    assert "call-0 (completed) holds 1 credit, which should be 0 credits" in found[Rule.HOLDS][0]
    assert found[Rule.SETTLEMENTS] == [
        "call call-0 costs 2 credits; 1 credit were charged, in 0 settlements of its caller's leg"
    ]
    assert Rule.SUM in found


def test_an_amount_that_was_changed(house: House) -> None:
    found = broken(house, "UPDATE postings SET amount = -amount WHERE kind = 'top-up'")
    assert found[Rule.AMOUNTS] == ["posting top-up:1:first moves -1000000000 from cash to account:1"]
    assert Rule.CHAIN in found


def test_a_posting_from_an_account_to_itself(house: House) -> None:
    found = broken(house, "UPDATE postings SET source = target WHERE kind = 'top-up'")
    assert Rule.AMOUNTS in found
    assert Rule.SIDES in found


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("settle", "target = 'account:1'"),
        ("subscription", "target = 'cash'"),
        ("call-hold", "source = 'revenue'"),
        ("top-up", "source = 'revenue'"),
        ("adjustment", "kind = 'gift'"),
        ("release", "call_id = NULL"),
    ],
)
def test_a_posting_between_other_accounts_than_its_kind_is_about(house: House, kind: str, change: str) -> None:
    found = broken(house, f"UPDATE postings SET {change} WHERE kind = '{kind}'")
    assert found[Rule.SIDES]


def test_a_balance_that_was_changed(house: House) -> None:
    found = broken(house, "UPDATE balances SET available = available + 1")
    assert list(found) == [Rule.BALANCES, Rule.SUM]
    assert found[Rule.SUM] == ["all accounts together have 0.000001 credits, and should have nothing"]


def test_a_balance_below_zero(house: House) -> None:
    assert Rule.BALANCES in broken(house, "UPDATE balances SET available = -1")


def test_a_hold_that_a_running_call_should_have(house: House) -> None:
    found = broken(
        house,
        "DELETE FROM postings WHERE call_id = 'call-1'",
        "UPDATE balances SET available = available + held, held = 0",
    )
    assert found[Rule.HOLDS] == ["call call-1 (ringing) holds 0 credits, which should be 3 credits"]


def test_a_hold_of_a_call_that_nobody_knows(house: House) -> None:
    found = broken(
        house,
        "DELETE FROM legs WHERE call_id = 'call-1'",
        "DELETE FROM calls WHERE call_id = 'call-1'",
    )
    assert found[Rule.HOLDS] == ["call call-1 (not on record) holds 3 credits, which should be 0 credits"]


def test_a_call_that_costs_something_else(house: House) -> None:
    found = broken(house, "UPDATE calls SET cost = cost + 1 WHERE call_id = 'call-0'")
    assert list(found) == [Rule.SETTLEMENTS]


def test_a_number_that_is_sold_and_free(house: House) -> None:
    found = broken(house, f"UPDATE numbers SET free_from = created_at WHERE din = '{DIN}'")
    assert found == {Rule.NUMBERS: [f"+{DIN} has 1 living subscriptions and is free from 2026-11-23 06:00 on"]}


def test_a_number_that_nobody_can_have(house: House) -> None:
    found = broken(house, "UPDATE numbers SET free_from = NULL WHERE free_from IS NOT NULL")
    assert found == {Rule.NUMBERS: ["+815011111111 has 0 living subscriptions and is taken"]}


def test_a_subscription_that_renews_at_another_time_than_it_paid_for(house: House) -> None:
    found = broken(house, "UPDATE subscriptions SET periods = 2 WHERE ended_at IS NULL")
    assert len(found[Rule.PERIODS]) == 1
    assert "was charged 2 periods" in found[Rule.PERIODS][0]


def test_many_broken_rows_are_told_by_the_first(house: House) -> None:
    for number in range(110):
        house.add_number(f"8150{number:08}", monthly="1")
    found = broken(house, "UPDATE numbers SET free_from = NULL WHERE free_from IS NOT NULL")
    assert len(found[Rule.NUMBERS]) == 100
