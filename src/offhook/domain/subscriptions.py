"""Subscriptions: who holds a number, until when, and whom its calls ask."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from offhook.domain.numbers import Number
from offhook.domain.signing import UNSIGNED, Signing

PERIOD = timedelta(days=30)
FREE_AT_ONCE = timedelta(hours=24)
NOTICE_DAYS = (7, 3, 1)
"""So many days before a renewal a customer is told that the credit for it is missing."""


class SubscriptionStatus(StrEnum):
    """Where a subscription stands, in the words of the API."""

    ACTIVE = "active"
    GRACE = "grace"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One account's use of one number; `paid` is what its running period cost, in micro-credits.

    `periods` were charged so far. A renewal that could not be paid is waited for until `grace_until`. `told_days`
    is how many days before the coming renewal its customer was last told that credit is missing.
    """

    id: int
    account_id: int
    number: Number
    action_url: str | None
    fallback_url: str | None
    default_action: str | None
    status: SubscriptionStatus
    subscribed_at: datetime
    renews_at: datetime
    ended_at: datetime | None
    paid: int
    periods: int = 1
    grace_until: datetime | None = None
    told_days: int | None = None


@dataclass(frozen=True, slots=True)
class Dialled:
    """A number that was dialled, and its living subscription if there is one.

    `api_user` is the nickname of who subscribed it, `language` and `signing` are the account's. `rules` is the document
    of the subscription's hosted rules. The account is told at `webhook_url` what becomes of its calls, unless that is
    empty.
    """

    number: Number
    subscription: Subscription | None
    api_user: str = ""
    language: str = "en"
    rules: str | None = None
    webhook_url: str = ""
    signing: Signing = UNSIGNED


def is_regretted(subscription: Subscription, at: datetime) -> bool:
    """Tell whether a subscription that ends now ends soon enough to be paid back."""
    return at - subscription.subscribed_at <= FREE_AT_ONCE


def free_from(subscription: Subscription, at: datetime, quarantine: timedelta) -> datetime:
    """Return when the number is free again if its subscription ends now.

    A number that was really used rests first, so that its old callers do not reach a stranger.
    """
    return at if is_regretted(subscription, at) else at + quarantine


def refund(subscription: Subscription, at: datetime) -> int:
    """Return what comes back of a subscription that ends now, in micro-credits: all but its number's day."""
    if not is_regretted(subscription, at):
        return 0
    return max(0, subscription.paid - subscription.number.day_cost)


def renew(subscription: Subscription) -> Subscription:
    """Return a subscription whose next period was paid."""
    return replace(
        subscription,
        status=SubscriptionStatus.ACTIVE,
        renews_at=subscription.renews_at + PERIOD,
        periods=subscription.periods + 1,
        paid=subscription.number.monthly_cost,
        grace_until=None,
        told_days=None,
    )


def days_to_tell(subscription: Subscription, at: datetime) -> int | None:
    """Return before how many days a customer is to be told now that the renewal cannot be paid; None if not now."""
    left = subscription.renews_at - at
    due = [days for days in NOTICE_DAYS if left <= timedelta(days=days)]
    if not due or left <= timedelta(0):
        return None
    days = min(due)
    return days if subscription.told_days is None or days < subscription.told_days else None
