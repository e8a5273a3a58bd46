from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from offhook.domain.numbers import Number
from offhook.domain.subscriptions import (
    PERIOD,
    Subscription,
    SubscriptionStatus,
    days_to_tell,
    free_from,
    is_regretted,
    refund,
    renew,
)

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)
QUARANTINE = timedelta(days=30)


def subscription() -> Subscription:
    return Subscription(
        id=1,
        account_id=1,
        number=Number(1, "815012345678", "JP0", "81", "50", 650, 1, ""),
        action_url=None,
        fallback_url=None,
        default_action=None,
        status=SubscriptionStatus.ACTIVE,
        subscribed_at=START,
        renews_at=START + PERIOD,
        ended_at=None,
        paid=650,
    )


def test_a_day_is_enough_to_regret() -> None:
    assert is_regretted(subscription(), START + DAY)
    assert not is_regretted(subscription(), START + DAY + MOMENT)


def test_a_regretted_number_is_free_at_once_and_a_used_one_rests() -> None:
    assert free_from(subscription(), START + DAY, QUARANTINE) == START + DAY
    later = START + DAY + MOMENT
    assert free_from(subscription(), later, QUARANTINE) == later + QUARANTINE
    assert free_from(subscription(), later, timedelta(0)) == later


def test_what_was_paid_comes_back_within_a_day_but_for_the_numbers_day() -> None:
    one = subscription()
    assert refund(one, START + DAY) == 650
    dear = replace(one, number=replace(one.number, day_cost=50))
    assert refund(dear, START + DAY) == 600
    assert refund(dear, START + DAY + MOMENT) == 0
    assert refund(replace(dear, number=replace(one.number, day_cost=900)), START) == 0


def test_a_renewed_subscription_has_its_next_period_and_no_grace() -> None:
    late = replace(
        subscription(),
        status=SubscriptionStatus.GRACE,
        grace_until=START + 2 * PERIOD,
        told_days=1,
        number=replace(subscription().number, monthly_cost=700),
    )
    assert renew(late) == replace(
        late,
        status=SubscriptionStatus.ACTIVE,
        renews_at=START + 2 * PERIOD,
        periods=2,
        paid=700,
        grace_until=None,
        told_days=None,
    )


@pytest.mark.parametrize(
    ("before", "told", "days"),
    [
        (timedelta(days=8), None, None),
        (timedelta(days=7), None, 7),
        (timedelta(days=4), None, 7),
        (timedelta(days=4), 7, None),
        (timedelta(days=3), 7, 3),
        (timedelta(days=2), 3, None),
        (timedelta(hours=24), 3, 1),
        (timedelta(hours=1), None, 1),
        (timedelta(hours=1), 1, None),
        (timedelta(0), None, None),
    ],
)
def test_missing_credit_is_told_once_at_each_of_three_days(
    before: timedelta, told: int | None, days: int | None
) -> None:
    one = replace(subscription(), told_days=told)
    assert days_to_tell(one, one.renews_at - before) == days
