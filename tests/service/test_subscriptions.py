from datetime import timedelta

import pytest

from house import DIN, NOW, House
from offhook.domain.credits import CREDIT, PostingKind
from offhook.domain.errors import (
    NotEnoughCredit,
    NumberNotFound,
    NumberTaken,
    SubscriptionNotFound,
    VerificationRequired,
)
from offhook.domain.numbers import SearchFilters
from offhook.domain.subscriptions import PERIOD, Subscription, SubscriptionStatus
from offhook.errors import InputError
from offhook.service import accounts, api_users, numbers, subscriptions
from offhook.service.subscriptions import UNSET, Unset

DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


def set_urls(
    house: House,
    din_uid: str,
    *,
    action_url: str | Unset | None = UNSET,
    fallback_url: str | Unset | None = UNSET,
    default_action: str | Unset | None = UNSET,
) -> Subscription:
    return house.write(
        lambda work: subscriptions.set_urls(
            work,
            account_id=house.shop.id,
            din_uid=din_uid,
            action_url=action_url,
            fallback_url=fallback_url,
            default_action=default_action,
        )
    )


def test_a_subscription_is_charged_for_thirty_days_at_once(house: House) -> None:
    subscription = house.subscribe(house.add_number(monthly="650"))
    assert subscription.status is SubscriptionStatus.ACTIVE
    assert (subscription.subscribed_at, subscription.renews_at) == (NOW, NOW + PERIOD)
    line = house.ledger()[0]
    assert (line.posting.kind, line.change, line.posting.din) == (PostingKind.SUBSCRIPTION, -650 * CREDIT, DIN)
    assert house.credit().balance == 350 * CREDIT


def test_a_number_that_costs_nothing_posts_nothing(house: House) -> None:
    house.subscribe(house.add_number(monthly="0"))
    assert len(house.ledger()) == 1


def test_who_cannot_pay_gets_nothing_and_the_number_stays_free(house: House) -> None:
    din_uid = house.add_number(monthly="1000.000001")
    with pytest.raises(NotEnoughCredit):
        house.subscribe(din_uid)
    assert house.credit().balance == 1000 * CREDIT
    assert len(house.read(lambda work: numbers.search(work, SearchFilters(), now=NOW))) == 1
    assert house.read(lambda work: subscriptions.list_subscriptions(work, house.shop.id)) == []


def test_a_number_for_verified_accounts_stays_free_until_one_comes(house: House) -> None:
    row = {"din": DIN, "country_code": "81", "prefix": "", "monthly_cost": "650", "minute_cost": "1"}
    house.import_rows({**row, "requires_verification": "yes"})
    [number] = house.read(lambda work: numbers.search(work, SearchFilters(), now=NOW))
    with pytest.raises(VerificationRequired):
        house.subscribe(number.din_uid)
    assert house.read(lambda work: numbers.search(work, SearchFilters(), now=NOW)) == [number]
    house.write(lambda work: accounts.verify(work, name="Shop"))
    assert house.subscribe(number.din_uid).number == number
    # What is subscribed stays, whatever becomes known later.
    house.write(lambda work: accounts.verify(work, name="Shop", is_verified=False))
    assert len(house.read(lambda work: subscriptions.list_subscriptions(work, house.shop.id))) == 1


def test_the_last_credit_can_be_spent(house: House) -> None:
    house.subscribe(house.add_number(monthly="1000"))
    assert house.credit().available == 0


def test_a_number_is_sold_once(house: House) -> None:
    other = house.open_account("Other", credit=1000)
    din_uid = house.subscribed()
    for account in (other, house.shop):
        with pytest.raises(NumberTaken):
            house.subscribe(din_uid, account)
    assert house.read(lambda work: work.ledger.balance(other.id)) == (1000 * CREDIT, 0)


def test_the_database_itself_refuses_a_second_living_subscription(house: House) -> None:
    subscription = house.subscribe(house.add_number(monthly="0"))
    with pytest.raises(NumberTaken):
        house.write(lambda work: work.subscriptions.add(house.shop.id, subscription.number, None, NOW, NOW + PERIOD))


def test_an_unknown_number_is_not_found(house: House) -> None:
    with pytest.raises(NumberNotFound):
        house.subscribe("JPnothing")


def test_cancelled_within_a_day_all_comes_back_and_the_number_is_free(house: House) -> None:
    din_uid = house.subscribed()
    ended = house.cancel(din_uid, NOW + DAY)
    assert (ended.status, ended.ended_at) == (SubscriptionStatus.ENDED, NOW + DAY)
    assert house.credit().balance == 1000 * CREDIT
    assert house.ledger()[0].posting.kind is PostingKind.REBATE
    assert house.subscribe(din_uid, at=NOW + DAY).id != ended.id


def test_cancelled_later_nothing_comes_back_and_the_number_rests_for_thirty_days(house: House) -> None:
    din_uid = house.subscribed(monthly="100")
    later = NOW + DAY + MOMENT
    house.cancel(din_uid, later)
    assert house.credit().balance == 900 * CREDIT
    free_again = later + timedelta(days=30)
    with pytest.raises(NumberTaken):
        house.subscribe(din_uid, at=free_again - MOMENT)
    assert house.read(lambda work: numbers.search(work, SearchFilters(), now=free_again - MOMENT)) == []
    assert len(house.read(lambda work: numbers.search(work, SearchFilters(), now=free_again))) == 1
    house.subscribe(din_uid, at=free_again)


def test_a_subscription_ends_once(house: House) -> None:
    din_uid = house.subscribed()
    house.cancel(din_uid)
    with pytest.raises(SubscriptionNotFound):
        house.cancel(din_uid)


def test_nobody_sees_or_ends_anothers_subscription(house: House) -> None:
    din_uid = house.subscribed()
    other = house.open_account("Other")
    with pytest.raises(SubscriptionNotFound):
        house.read(lambda work: subscriptions.find_subscription(work, other.id, din_uid))
    with pytest.raises(SubscriptionNotFound):
        house.write(lambda work: subscriptions.cancel(work, account_id=other.id, din_uid=din_uid, now=NOW))
    assert house.read(lambda work: subscriptions.list_subscriptions(work, other.id)) == []


def test_subscriptions_are_listed_by_number_and_found_by_uid(house: House) -> None:
    second = house.subscribed("815099999999", monthly="1")
    first = house.subscribed("815011111111", monthly="1")
    listed = house.read(lambda work: subscriptions.list_subscriptions(work, house.shop.id))
    assert [one.number.din_uid for one in listed] == [first, second]
    assert house.read(lambda work: subscriptions.find_subscription(work, house.shop.id, first)) == listed[0]


def test_a_number_may_be_pointed_at_once(house: House) -> None:
    din_uid = house.add_number()
    subscription = house.write(
        lambda work: subscriptions.subscribe(
            work, account_id=house.shop.id, din_uid=din_uid, action_url="https://shop.example/call", now=NOW
        )
    )
    assert subscription.action_url == "https://shop.example/call"


def test_each_wish_is_set_taken_back_and_left_alone_by_itself(house: House) -> None:
    din_uid = house.subscribed()
    set_urls(house, din_uid, action_url="https://a.example/", fallback_url="http://b.example:8080/x?y=1")
    after = set_urls(house, din_uid, default_action='say en "Closed."', fallback_url="")
    assert (after.action_url, after.fallback_url, after.default_action) == (
        "https://a.example/",
        None,
        'say en "Closed."',
    )
    assert house.read(lambda work: subscriptions.find_subscription(work, house.shop.id, din_uid)) == after
    after = set_urls(house, din_uid, action_url=None, default_action=None)
    assert (after.action_url, after.default_action) == (None, None)


def test_a_wish_that_is_wrong_names_its_field_and_changes_nothing(house: House) -> None:
    din_uid = house.subscribed()
    with pytest.raises(InputError) as refused:
        set_urls(house, din_uid, action_url="https://a.example/", fallback_url="ftp://b.example/")
    assert refused.value.field == "fallback_url"
    kept = house.read(lambda work: subscriptions.find_subscription(work, house.shop.id, din_uid))
    assert kept.action_url is None


def test_a_numbers_calls_bear_the_nickname_of_who_subscribed_it(house: House) -> None:
    till = house.write(
        lambda work: api_users.add_user(work, account="Shop", nickname="Till", sid="till", token="t", now=NOW)
    )
    din_uid = house.add_number()
    house.write(
        lambda work: subscriptions.subscribe(
            work, account_id=house.shop.id, din_uid=din_uid, now=NOW, api_user_id=till.id
        )
    )
    house.subscribed("815022222222", monthly="0")
    first, second = house.ring(), house.ring("815022222222")
    house.write(lambda work: api_users.rename(work, sid="till", nickname="Till 1"))
    third = house.ring()
    assert [house.call(call_id).api_user for call_id in (first, second, third)] == ["Till", "Shop", "Till 1"]
    for call_id in (first, second, third):
        house.give_up(call_id)
