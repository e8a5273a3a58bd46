"""The operator's terms: how little credit is too little, when a call is charged, what an unanswered one costs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from house import NOW, House
from offhook.domain.calls import Admission, Ending, Reason, Refusal, Status
from offhook.domain.credits import CREDIT
from offhook.domain.terms import ChargedFrom, Terms
from offhook.service import accounts, desk, notices, recovery, subscriptions


def told(house: House) -> list[str]:
    return [notice.text for notice in house.read(lambda work: notices.list_notices(work, house.shop.id, 10))]


@pytest.fixture
def poor(house: House) -> House:
    """Return a house of which 60 credits are left, 50 being the least."""
    house.terms = Terms(minimum_credit=50 * CREDIT)
    house.write(lambda work: notices.set_contact(work, name="Shop", email="shop@example.com", webhook_url=None))
    house.subscribed(monthly="940", minute="6")
    return house


def test_with_less_than_the_minimum_no_call_is_taken(poor: House) -> None:
    first, second, third = (poor.admit(poor.arrival()) for _ in range(3))
    assert isinstance(first, Admission)
    assert isinstance(second, Admission)
    assert isinstance(third, Refusal)
    assert (third.reason, third.text) == (
        Reason.NO_CREDIT,
        "the account has 48 credits, and takes calls from 50 credits on",
    )


def test_low_credit_is_told_once_a_day(poor: House) -> None:
    poor.ring()
    assert told(poor) == []
    poor.ring()
    poor.admit(poor.arrival())
    assert told(poor) == [
        "54 credits are available. With less than 50 credits no calls are taken. Please top up the account."
    ]
    tomorrow = replace(poor.arrival(), at=NOW + timedelta(days=1))
    poor.write(lambda work: desk.admit(work, tomorrow, now=tomorrow.at, terms=poor.terms))
    assert len(told(poor)) == 2


def test_a_free_number_needs_no_credit(house: House) -> None:
    house.terms = Terms(minimum_credit=50 * CREDIT)
    house.subscribed(monthly="1000", minute="0")
    house.ring()


def test_the_minimum_is_shown(house: House) -> None:
    terms = Terms(minimum_credit=7 * CREDIT)
    assert house.read(lambda work: accounts.summary(work, house.shop.id, terms)).minimum_credit == 7 * CREDIT
    (one,) = house.read(lambda work: accounts.list_accounts(work, terms))
    assert one.minimum_credit == 7 * CREDIT


def test_how_long_a_call_can_last_is_known_before_its_answer(house: House) -> None:
    house.subscribed(monthly="900", minute="30")
    admission = house.admit(house.arrival())
    assert isinstance(admission, Admission)
    assert admission.max_seconds == 3 * 60


def test_a_call_may_be_charged_from_the_question_on(house: House) -> None:
    house.terms = Terms(minimum_credit=0, charged_from=ChargedFrom.WEBHOOK)
    house.subscribed()
    admission = house.admit(house.arrival())
    assert isinstance(admission, Admission)
    assert admission.is_charged
    assert house.extend(admission.call_id)
    answered = NOW + timedelta(seconds=50)
    ending = Ending(admission.call_id, Status.COMPLETED, None, NOW + timedelta(seconds=80), answered, 30.0)
    house.write(lambda work: desk.close(work, ending, (), "node-1", terms=house.terms))
    assert house.call(admission.call_id).cost == 2 * CREDIT


def test_a_lost_call_that_was_charged_from_the_question_on_pays_no_more_than_it_held(house: House) -> None:
    house.terms = Terms(minimum_credit=0, charged_from=ChargedFrom.WEBHOOK)
    house.subscribed()
    call_id = house.ring()
    house.answer(call_id, NOW + timedelta(seconds=50))
    later = NOW + timedelta(hours=1)
    assert len(house.write(lambda work: recovery.lost(work, node="node-2", now=later))) == 1
    assert house.write(lambda work: recovery.settle_lost(work, call_id=call_id, now=later, node="node-2"))
    assert house.call(call_id).cost == CREDIT


@pytest.mark.parametrize(("status", "cost"), [(Status.CANCELED, 1), (Status.REJECTED, 0)])
def test_an_unanswered_call_may_cost_minutes_unless_it_was_rejected(house: House, status: Status, cost: int) -> None:
    house.terms = Terms(minimum_credit=0, unanswered_minutes=1)
    house.subscribed()
    call_id = house.ring()
    ending = Ending(call_id, status, None, NOW, None, 0.0)
    house.write(lambda work: desk.close(work, ending, (), "node-1", terms=house.terms))
    assert house.call(call_id).cost == cost * CREDIT


def test_a_regretted_number_costs_its_day(house: House) -> None:
    din_uid = house.subscribed(monthly="100")
    house.write(lambda work: work.connection.exec_driver_sql("UPDATE numbers SET day_cost = 5000000"))
    house.cancel(din_uid)
    line = house.ledger(limit=1)[0]
    assert (line.change, line.posting.text) == (
        95 * CREDIT,
        "815012345678: cancelled within 24 hours, but for a day of 5 credits",
    )


def test_a_number_may_be_free_again_at_once(house: House) -> None:
    din_uid = house.subscribed(monthly="1")
    later = NOW + timedelta(days=3)
    terms = Terms(quarantine=timedelta(0))
    house.write(
        lambda work: subscriptions.cancel(work, account_id=house.shop.id, din_uid=din_uid, now=later, terms=terms)
    )
    house.subscribe(din_uid, at=later)


def test_an_end_that_comes_although_nobody_heard_of_the_admission_settles_it(house: House) -> None:
    """The database went away with the commit's acknowledgement: the call is on record, and nobody was told."""
    house.subscribed()
    arrival = house.arrival()
    house.admit(arrival)
    again = house.admit(replace(arrival, refusal=Reason.DATABASE_AWAY))
    assert isinstance(again, Refusal)
    ending = Ending(arrival.call_id, Status.REFUSED, Reason.DATABASE_AWAY, NOW, None, 0.0)
    house.write(lambda work: desk.close(work, ending, (), "node-1"))
    assert (house.call(arrival.call_id).status, house.credit().held) == (Status.REFUSED, 0)
