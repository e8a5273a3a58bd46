"""Renewals through time: on time, late, twice, without credit, and what customers are told."""

from datetime import datetime, timedelta
from functools import partial

import pytest

from house import NOW, House
from offhook.domain.calls import Refusal
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.numbers import SearchFilters
from offhook.domain.subscriptions import PERIOD, Subscription, SubscriptionStatus
from offhook.domain.terms import Terms
from offhook.service import accounts, notices, numbers, renewals, subscriptions
from offhook.service.renewals import Batch

OTHER = "815011111111"
DAY = timedelta(days=1)
GRACE = timedelta(days=7)
QUARANTINE = timedelta(days=30)
TERMS = Terms(grace=GRACE, quarantine=QUARANTINE)


def run(house: House, at: datetime, terms: Terms = TERMS, limit: int = renewals.BATCH) -> Batch:
    """Run the job until nothing is left, and return what came of all its batches."""
    total, mark = Batch(), renewals.FIRST
    while True:
        batch = house.write(partial(renewals.renew_due, now=at, terms=terms, after=mark, limit=limit))
        total = Batch(total.renewed + batch.renewed, total.in_grace + batch.in_grace, total.ended + batch.ended)
        if batch.mark is None:
            return total
        mark = batch.mark


def of(house: House, din_uid: str) -> Subscription:
    return house.read(lambda work: subscriptions.find_subscription(work, house.shop.id, din_uid))


def charged(house: House) -> list[str]:
    return [line.posting.id for line in reversed(house.ledger()) if line.posting.kind is PostingKind.RENEWAL]


def top_up(house: House, credits_: int) -> None:
    house.write(lambda work: accounts.top_up(work, name="Shop", amount=credits_ * CREDIT, reference=None, now=NOW))


def told(house: House) -> list[tuple[str, str]]:
    """Return what the customer was told, oldest first: kinds and texts."""
    found = house.read(lambda work: notices.list_notices(work, house.shop.id, 100))
    return [(notice.kind, notice.text) for notice in reversed(found)]


@pytest.fixture(autouse=True)
def contact(house: House) -> None:
    house.write(lambda work: notices.set_contact(work, name="Shop", email="shop@example.com", webhook_url=None))


def test_the_next_period_is_charged_when_it_begins(house: House) -> None:
    din_uid = house.subscribed(monthly="100")
    assert run(house, NOW + PERIOD - DAY) == Batch()
    assert run(house, NOW + PERIOD) == Batch(renewed=1)
    one = of(house, din_uid)
    assert (one.status, one.renews_at, one.periods) == (SubscriptionStatus.ACTIVE, NOW + 2 * PERIOD, 2)
    assert charged(house) == [f"subscription:{one.id}:2"]
    assert house.credit().balance == 800 * CREDIT


def test_a_job_that_runs_twice_renews_once(house: House) -> None:
    house.subscribed(monthly="100")
    assert run(house, NOW + PERIOD).renewed == 1
    assert run(house, NOW + PERIOD) == Batch()


def test_a_job_that_was_away_for_long_renews_exactly_the_periods_that_began(house: House) -> None:
    din_uid = house.subscribed(monthly="100")
    assert run(house, NOW + 3 * PERIOD + DAY) == Batch(renewed=3)
    assert of(house, din_uid).renews_at == NOW + 4 * PERIOD
    assert [fact[-1] for fact in charged(house)] == ["2", "3", "4"]


def test_a_free_number_is_renewed_without_a_posting(house: House) -> None:
    din_uid = house.subscribed(monthly="0")
    assert run(house, NOW + PERIOD) == Batch(renewed=1)
    assert charged(house) == []
    assert of(house, din_uid).periods == 2


def test_the_present_price_is_charged(house: House) -> None:
    house.subscribed(monthly="100")
    house.write(lambda work: work.connection.exec_driver_sql("UPDATE numbers SET monthly_cost = 250000000"))
    run(house, NOW + PERIOD)
    assert house.credit().balance == 650 * CREDIT


def test_without_credit_a_grace_begins_in_which_calls_are_refused(house: House) -> None:
    din_uid = house.subscribed(monthly="600")
    assert run(house, NOW + PERIOD) == Batch(in_grace=1)
    one = of(house, din_uid)
    assert (one.status, one.grace_until, one.periods) == (SubscriptionStatus.GRACE, NOW + PERIOD + GRACE, 1)
    refusal = house.admit(house.arrival())
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "grace-period"
    assert "renewal is not paid" in refusal.text
    ((kind, text),) = told(house)
    assert kind == "renewal-failed"
    assert "600 credits are needed" in text
    assert "30 December 2026" in text


def test_a_grace_is_told_once(house: House) -> None:
    house.subscribed(monthly="600")
    run(house, NOW + PERIOD)
    assert run(house, NOW + PERIOD + DAY) == Batch()
    assert len(told(house)) == 1


def test_what_is_paid_in_its_grace_goes_on_from_where_it_was(house: House) -> None:
    din_uid = house.subscribed(monthly="600")
    run(house, NOW + PERIOD)
    top_up(house, 500)
    assert run(house, NOW + PERIOD + 5 * DAY) == Batch(renewed=1)
    one = of(house, din_uid)
    assert (one.status, one.renews_at, one.grace_until) == (SubscriptionStatus.ACTIVE, NOW + 2 * PERIOD, None)
    house.ring()


def test_a_grace_that_is_over_gives_the_number_up_to_rest(house: House) -> None:
    din_uid = house.subscribed(monthly="600")
    run(house, NOW + PERIOD)
    end = NOW + PERIOD + GRACE
    assert run(house, end - timedelta(seconds=1)) == Batch()
    assert run(house, end) == Batch(ended=1)
    assert house.read(lambda work: subscriptions.list_subscriptions(work, house.shop.id)) == []
    assert [kind for kind, _ in told(house)] == ["renewal-failed", "number-released"]
    assert _free_at(house, end + QUARANTINE - DAY) == []
    assert _free_at(house, end + QUARANTINE) == [din_uid]


def _free_at(house: House, at: datetime) -> list[str]:
    found = house.read(lambda work: numbers.search(work, SearchFilters(), now=at))
    return [number.din_uid for number in found]


def test_a_grace_begins_when_it_is_told_and_not_while_nothing_ran(house: House) -> None:
    din_uid = house.subscribed(monthly="600")
    late = NOW + PERIOD + 20 * DAY
    assert run(house, late) == Batch(in_grace=1)
    assert of(house, din_uid).grace_until == late + GRACE


def test_without_a_grace_the_number_is_given_up_at_once(house: House) -> None:
    house.subscribed(monthly="600")
    assert run(house, NOW + PERIOD, Terms(grace=timedelta(0))) == Batch(ended=1)
    assert [kind for kind, _ in told(house)] == ["number-released"]


def test_credit_goes_to_the_renewal_that_is_due_first(house: House) -> None:
    first = house.subscribed(monthly="400")
    second = house.add_number(OTHER, monthly="300")
    house.subscribe(second, at=NOW + timedelta(hours=1))
    top_up(house, 200)
    assert run(house, NOW + PERIOD + DAY) == Batch(renewed=1, in_grace=1)
    assert of(house, first).status is SubscriptionStatus.ACTIVE
    assert of(house, second).status is SubscriptionStatus.GRACE


def test_batches_leave_nobody_out(house: House) -> None:
    dins = [f"8150{number:08}" for number in range(10)]
    for din in dins:
        house.subscribed(din, monthly="1")
    assert run(house, NOW + PERIOD, limit=3) == Batch(renewed=10)
    assert run(house, NOW + PERIOD, limit=3) == Batch()


def test_those_in_grace_do_not_hold_up_the_others(house: House) -> None:
    for number in range(5):
        house.subscribed(f"8150{number:08}", monthly="190")
    house.subscribed("815099999999", monthly="10")
    assert run(house, NOW + PERIOD, limit=2) == Batch(in_grace=5, renewed=1)


def short(house: House, at: datetime) -> int:
    found = house.read(lambda work: renewals.short_accounts(work, now=at))
    return sum(house.write(partial(renewals.tell_short, account_id=one, now=at)) for one in found)


def test_missing_credit_is_told_seven_three_and_one_days_before(house: House) -> None:
    house.subscribed(monthly="600")
    days = (8, 7, 6, 4, 3, 2, 1, 0.5)
    assert [short(house, NOW + PERIOD - DAY * before) for before in days] == [0, 1, 0, 0, 1, 0, 1, 0]
    assert {kind for kind, _ in told(house)} == {"renewal-short"}
    assert "200 credits more are needed to renew +815012345678 on 23 December 2026" in told(house)[0][1]


def test_whoever_can_pay_is_told_nothing(house: House) -> None:
    house.subscribed(monthly="500")
    assert short(house, NOW + PERIOD - DAY) == 0


def test_renewals_of_one_account_are_paid_one_after_the_other(house: House) -> None:
    """500 are left: the first renewal can be paid, and only the second cannot."""
    house.subscribed(monthly="300")
    house.subscribe(house.add_number(OTHER, monthly="200"), at=NOW + timedelta(hours=1))
    assert short(house, NOW + PERIOD - DAY) == 0
    house.write(
        lambda work: accounts.adjust(
            work, name="Shop", amount=-50 * CREDIT, reason="a mistake", by="Ann", reference=None, now=NOW
        )
    )
    assert short(house, NOW + PERIOD - DAY) == 1
    assert f"+{OTHER}" in told(house)[0][1]


def test_a_renewal_lets_the_next_one_be_told_again(house: House) -> None:
    house.subscribed(monthly="600")
    assert short(house, NOW + PERIOD - DAY) == 1
    top_up(house, 200)
    assert run(house, NOW + PERIOD).renewed == 1
    assert short(house, NOW + 2 * PERIOD - 7 * DAY) == 1
