from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest

from house import DIN, NOW, House
from offhook.domain.accounts import Account
from offhook.domain.errors import (
    NotEnoughCredit,
    NumberNotFound,
    NumberTaken,
    ReservationNotFound,
    TooManyReservations,
)
from offhook.domain.numbers import SearchFilters
from offhook.domain.reservations import MOST, Reservation
from offhook.errors import OffhookError
from offhook.service import audit, numbers, reservations, subscriptions

MOMENT = timedelta(microseconds=1)
END = NOW + timedelta(minutes=30)


def reserve(house: House, din_uid: str, account: Account | None = None, at: datetime = NOW) -> Reservation:
    return attempt(house, din_uid, account, at)[0]


def attempt(house: House, din_uid: str, account: Account | None = None, at: datetime = NOW) -> tuple[Reservation, bool]:
    owner = account or house.shop
    return house.write(partial(reservations.reserve, account_id=owner.id, din_uid=din_uid, now=at))


def give_back(house: House, din_uid: str, account: Account | None = None, at: datetime = NOW) -> Reservation:
    owner = account or house.shop
    return house.write(partial(reservations.give_back, account_id=owner.id, din_uid=din_uid, now=at))


def reserved(house: House, account: Account | None = None, at: datetime = NOW) -> list[str]:
    owner = account or house.shop
    found = house.read(lambda work: reservations.list_reservations(work, owner.id, at))
    return [reservation.number.din for reservation in found]


def free(house: House, at: datetime = NOW) -> list[str]:
    return [number.din for number in house.read(lambda work: numbers.search(work, SearchFilters(), now=at))]


def add_numbers(house: House, count: int) -> list[str]:
    return [house.add_number(f"8150{number:08d}", monthly="1") for number in range(count)]


def test_a_reserved_number_is_nobody_elses_until_the_reservation_ends(house: House) -> None:
    other, din_uid = house.open_account("Other", 1000), house.add_number()
    reservation, is_new = attempt(house, din_uid)
    assert (reservation.number.din_uid, reservation.until, is_new) == (din_uid, END, True)
    for taking in (partial(reserve, house, din_uid, other), partial(house.subscribe, din_uid, other)):
        with pytest.raises(NumberTaken):
            taking(at=END - MOMENT)
    assert free(house, END - MOMENT) == []
    assert free(house, END) == [DIN]
    assert house.subscribe(din_uid, other, END).account_id == other.id


def test_nothing_has_to_end_what_has_ended(house: House) -> None:
    other, din_uid = house.open_account("Other"), house.add_number()
    reserve(house, din_uid)
    assert reserve(house, din_uid, other, END).until == END + timedelta(minutes=30)
    assert reserved(house, at=END) == []
    assert reserved(house, other, END) == [DIN]


def test_whoever_reserves_a_number_subscribes_it_as_if_it_were_free(house: House) -> None:
    din_uid = house.add_number()
    reserve(house, din_uid)
    assert house.subscribe(din_uid, at=END - MOMENT).number.din_uid == din_uid
    assert reserved(house) == []
    assert house.read(audit.verify).findings == ()


def test_the_end_of_a_subscription_leaves_nothing_of_a_reservation(house: House) -> None:
    other, din_uid = house.open_account("Other", 1000), house.add_number()
    reserve(house, din_uid)
    house.subscribe(din_uid)
    late = NOW + timedelta(days=2)
    house.cancel(din_uid, late)
    for account in (house.shop, other):
        with pytest.raises(NumberTaken):
            house.subscribe(din_uid, account, late)
        with pytest.raises(NumberTaken):
            reserve(house, din_uid, account, late)
    assert reserved(house, at=late) == []


def test_a_subscription_that_cannot_be_paid_leaves_the_reservation(house: House) -> None:
    din_uid = house.add_number(monthly="1001")
    reserve(house, din_uid)
    with pytest.raises(NotEnoughCredit):
        house.subscribe(din_uid)
    assert reserved(house) == [DIN]


def test_to_reserve_again_makes_it_no_longer(house: House) -> None:
    din_uid = house.add_number()
    first = reserve(house, din_uid)
    assert attempt(house, din_uid, at=END - MOMENT) == (first, False)
    assert attempt(house, din_uid, at=END)[1]


def test_a_reservation_is_given_back_once_and_by_its_holder(house: House) -> None:
    other, din_uid = house.open_account("Other"), house.add_number()
    reserve(house, din_uid)
    with pytest.raises(ReservationNotFound):
        give_back(house, din_uid, other)
    later = NOW + timedelta(minutes=1)
    assert give_back(house, din_uid, at=later).until == later
    assert free(house, later) == [DIN]
    with pytest.raises(ReservationNotFound):
        give_back(house, din_uid, at=later)


def test_what_has_ended_or_was_subscribed_is_not_given_back(house: House) -> None:
    ended, subscribed = add_numbers(house, 2)
    reserve(house, ended)
    reserve(house, subscribed)
    house.subscribe(subscribed)
    for din_uid in (ended, subscribed):
        with pytest.raises(ReservationNotFound):
            give_back(house, din_uid, at=END)
    assert house.read(audit.verify).findings == ()


def test_what_nobody_can_have_is_not_reserved(house: House) -> None:
    with pytest.raises(NumberNotFound):
        reserve(house, "JP99999999999999")
    with pytest.raises(NumberTaken):
        reserve(house, house.subscribed())


def test_reservations_are_listed_by_their_ends(house: House) -> None:
    first, second, third = add_numbers(house, 3)
    reserve(house, second, at=NOW)
    reserve(house, third, at=NOW + MOMENT)
    reserve(house, first, at=NOW + MOMENT)
    assert reserved(house, at=NOW + MOMENT) == ["815000000001", "815000000000", "815000000002"]
    assert reserved(house, at=END) == ["815000000000", "815000000002"]


def test_an_account_reserves_so_many_at_once_and_no_more(house: House) -> None:
    uids = add_numbers(house, MOST + 2)
    for din_uid in uids[:MOST]:
        reserve(house, din_uid)
    with pytest.raises(TooManyReservations):
        reserve(house, uids[MOST])
    # What it has already is still its own, and others are not concerned.
    assert not attempt(house, uids[0])[1]
    reserve(house, uids[MOST], house.open_account("Other"))
    give_back(house, uids[0])
    reserve(house, uids[0])
    house.subscribe(uids[0])
    reserve(house, uids[MOST + 1])
    with pytest.raises(TooManyReservations):
        reserve(house, house.add_number("815099999999"))


def test_those_that_have_ended_do_not_count(house: House) -> None:
    uids = add_numbers(house, MOST + 1)
    for din_uid in uids[:MOST]:
        reserve(house, din_uid)
    reserve(house, uids[MOST], at=END)
    assert len(reserved(house, at=END)) == 1


def at_once(attempts: Sequence[Callable[[], object]]) -> list[type[OffhookError] | None]:
    """Do all of them at the same time, and tell how each was refused."""

    def outcome(attempt: Callable[[], object]) -> type[OffhookError] | None:
        try:
            attempt()
        except OffhookError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(outcome, attempts))


def test_of_many_at_once_one_gets_the_number(house: House) -> None:
    others, din_uid = [house.open_account(f"Other-{number}", 1000) for number in range(8)], house.add_number()
    wishes: list[Callable[[], object]] = [partial(reserve, house, din_uid, other) for other in others[:4]]
    wishes += [partial(house.subscribe, din_uid, other) for other in others[4:]]
    assert sorted(map(str, at_once(wishes))) == [str(NumberTaken)] * 7 + ["None"]
    assert house.read(audit.verify).findings == ()


def test_many_at_once_are_not_more_than_are_allowed(house: House) -> None:
    uids = add_numbers(house, MOST + 10)
    outcomes = at_once([partial(reserve, house, din_uid) for din_uid in uids])
    assert (outcomes.count(None), outcomes.count(TooManyReservations)) == (MOST, 10)
    assert len(reserved(house)) == MOST


def test_a_reservation_that_is_subscribed_and_given_back_at_once_does_one_of_the_two(house: House) -> None:
    for din_uid in add_numbers(house, 8):
        reserve(house, din_uid)
        outcomes = at_once([partial(house.subscribe, din_uid), partial(give_back, house, din_uid)])
        living = house.read(partial(subscriptions.list_subscriptions, account_id=house.shop.id))
        # Given back first, the number is free, and so it is subscribed all the same.
        assert outcomes in ([None, None], [None, ReservationNotFound])
        assert din_uid in [subscription.number.din_uid for subscription in living]
    assert house.read(audit.verify).findings == ()
