"""Subscriptions: who holds a number, until when, and whom its calls ask."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from offhook.domain.numbers import Number

PERIOD = timedelta(days=30)
FREE_AT_ONCE = timedelta(hours=24)
QUARANTINE = timedelta(days=30)


class SubscriptionStatus(StrEnum):
    """Where a subscription stands, in the words of the API."""

    ACTIVE = "active"
    GRACE = "grace"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One account's use of one number; `paid` is what its running period cost, in micro-credits."""

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


@dataclass(frozen=True, slots=True)
class Dialled:
    """A number that was dialled, and its living subscription if there is one.

    `api_user` and `language` are the subscribing account's.
    """

    number: Number
    subscription: Subscription | None
    api_user: str = ""
    language: str = "en"


def is_regretted(subscription: Subscription, at: datetime) -> bool:
    """Tell whether a subscription that ends now ends soon enough to be paid back."""
    return at - subscription.subscribed_at <= FREE_AT_ONCE


def free_from(subscription: Subscription, at: datetime, quarantine: timedelta = QUARANTINE) -> datetime:
    """Return when the number is free again if its subscription ends now.

    A number that was really used rests first, so that its old callers do not reach a stranger.
    """
    return at if is_regretted(subscription, at) else at + quarantine
