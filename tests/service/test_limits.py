"""What an operator allows one account or one number."""

from dataclasses import replace
from datetime import timedelta

import pytest

from house import DIN, NOW, House
from offhook.domain.calls import Admission, Arrival, Ending, Reason, Refusal, Status
from offhook.domain.credits import CREDIT
from offhook.domain.errors import AccountNotFound, NumberNotFound
from offhook.domain.routes import Unroutable
from offhook.errors import InputError
from offhook.service import desk, limits

OTHER = "815011111111"


def limit_account(house: House, calls: int | None = None, minute: int | None = None, day: int | None = None) -> None:
    house.write(
        lambda work: limits.limit_account(
            work, name="Shop", calls_at_once=calls, calls_per_minute=minute, spend_per_day=day
        )
    )


def limit_number(house: House, calls: int | None = None, minute: int | None = None, day: int | None = None) -> None:
    house.write(
        lambda work: limits.limit_number(work, din=DIN, calls_at_once=calls, calls_per_minute=minute, spend_per_day=day)
    )


def admit_at(house: House, seconds: float, din: str = DIN) -> Reason | None:
    """Let a call come so much later; return why it was refused, if it was."""
    at = NOW + timedelta(seconds=seconds)
    arrival: Arrival = replace(house.arrival(din), at=at)
    outcome = house.write(lambda work: desk.admit(work, arrival, now=at, terms=house.terms))
    if isinstance(outcome, Refusal):
        assert house.call(arrival.call_id).reason == outcome.reason
        assert outcome.text
        return outcome.reason
    return None


@pytest.fixture(autouse=True)
def numbers(house: House) -> None:
    house.subscribed(monthly="1")
    house.subscribed(OTHER, monthly="1")


def test_a_numbers_own_limit_counts_for_that_number(house: House) -> None:
    limit_number(house, calls=1)
    assert admit_at(house, 0) is None
    assert admit_at(house, 1) is Reason.TOO_MANY_CALLS
    assert admit_at(house, 2, OTHER) is None


def test_an_accounts_own_limit_counts_for_all_its_numbers(house: House) -> None:
    limit_account(house, calls=1)
    assert admit_at(house, 0) is None
    assert admit_at(house, 1, OTHER) is Reason.TOO_MANY_CALLS


def test_a_limit_may_also_allow_more_than_the_settings(house: House) -> None:
    limit_number(house, calls=2)
    first = house.admit(house.arrival(), desk.Limits(calls_per_number=1))
    second = house.admit(house.arrival(), desk.Limits(calls_per_number=1))
    assert isinstance(first, Admission)
    assert isinstance(second, Admission)


def test_no_calls_at_all_is_a_limit_too(house: House) -> None:
    limit_number(house, calls=0)
    assert admit_at(house, 0) is Reason.TOO_MANY_CALLS


def test_calls_beyond_those_of_a_minute_are_refused_until_the_next_begins(house: House) -> None:
    limit_account(house, minute=2)
    limit_number(house, minute=5)
    assert [admit_at(house, second) for second in (0, 20, 40, 59, 60)] == [
        None,
        None,
        Reason.TOO_MANY_PER_MINUTE,
        Reason.TOO_MANY_PER_MINUTE,
        None,
    ]


def test_a_refused_call_does_not_count(house: House) -> None:
    limit_number(house, calls=1, minute=2)
    assert [admit_at(house, second) for second in (0, 1, 2)] == [None, Reason.TOO_MANY_CALLS, Reason.TOO_MANY_CALLS]
    house.hang_up("call-0", 30)
    assert admit_at(house, 59) is None


def test_no_more_is_spent_on_a_day_than_allowed(house: House) -> None:
    limit_account(house, day=2 * CREDIT)
    assert [admit_at(house, second, din) for second, din in ((0, DIN), (1, OTHER), (2, DIN))] == [
        None,
        None,
        Reason.SPENT_FOR_TODAY,
    ]
    # What a call gives back may be spent again; what it used may not.
    house.give_up("call-0")
    assert admit_at(house, 3) is None
    house.hang_up("call-1", 10)
    assert admit_at(house, 4) is Reason.SPENT_FOR_TODAY
    assert admit_at(house, 24 * 3600) is None


def test_a_call_is_not_extended_beyond_what_may_be_spent(house: House) -> None:
    limit_number(house, day=2 * CREDIT)
    call_id = house.ring()
    assert house.extend(call_id)
    assert not house.extend(call_id)


def test_asking_twice_for_a_minute_spends_it_once(house: House) -> None:
    limit_number(house, day=2 * CREDIT)
    call_id = house.ring()
    assert house.extend(call_id, minute=2)
    assert house.extend(call_id, minute=2)
    limit = house.read(lambda work: work.limits.get(f"number:{DIN}"))
    assert limit is not None
    assert limit.spent == 2 * CREDIT


def test_a_transfer_spends_as_well(house: House) -> None:
    house.add_trunk("tokyo")
    limit_account(house, day=CREDIT)
    routes = house.find_routes(house.ring(), 2, "81312345678", defaults=["tokyo"])
    assert isinstance(routes, Unroutable)
    assert routes.reason is Reason.SPENT_FOR_TODAY


def test_what_was_held_yesterday_does_not_come_back_as_more_than_nothing(house: House) -> None:
    limit_account(house, day=5 * CREDIT)
    call_id = house.ring()
    tomorrow = NOW + timedelta(days=1)
    ending = Ending(call_id, Status.CANCELED, None, tomorrow, None, 0.0)
    house.write(lambda work: desk.close(work, ending, (), "node-1"))
    (limit,) = house.read(lambda work: work.limits.all())
    assert limit.spent == 0


def test_a_limit_without_anything_is_gone(house: House) -> None:
    limit_number(house, calls=1)
    limit_number(house)
    assert house.read(lambda work: work.limits.all()) == []


def test_what_was_counted_stays_when_a_limit_changes(house: House) -> None:
    limit_number(house, day=5 * CREDIT)
    house.ring()
    limit_number(house, day=9 * CREDIT)
    limit = house.read(lambda work: work.limits.get(f"number:{DIN}"))
    assert limit is not None
    assert (limit.spend_per_day, limit.spent) == (9 * CREDIT, CREDIT)


def test_only_what_exists_is_limited(house: House) -> None:
    with pytest.raises(AccountNotFound):
        house.write(
            lambda work: limits.limit_account(
                work, name="Nobody", calls_at_once=1, calls_per_minute=None, spend_per_day=None
            )
        )
    with pytest.raises(NumberNotFound):
        house.write(
            lambda work: limits.limit_number(work, din="49", calls_at_once=1, calls_per_minute=None, spend_per_day=None)
        )
    with pytest.raises(InputError, match="whole number"):
        limit_number(house, calls=-1)
    assert house.read(lambda work: work.limits.get("number:49")) is None
