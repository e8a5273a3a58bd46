from datetime import UTC, datetime, timedelta

from offhook.domain.numbers import Number
from offhook.domain.subscriptions import PERIOD, QUARANTINE, Subscription, SubscriptionStatus, free_from, is_regretted

START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


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
    assert free_from(subscription(), START + DAY) == START + DAY
    later = START + DAY + MOMENT
    assert free_from(subscription(), later) == later + QUARANTINE
    assert free_from(subscription(), later, quarantine=timedelta(0)) == later
