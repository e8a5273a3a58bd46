"""Subscriptions: take a number, point it at an action server, give it back."""

from enum import Enum
from typing import Final

from offhook_client.answers import reads, reads_list
from offhook_client.asks import Ask, delete, get, post
from offhook_client.documents import Diagnosis, Subscription

_SUBSCRIPTIONS = ("voice", "dins", "subscriptions")


class Unset(Enum):
    """What stays as it is; None takes a value away."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


def subscribe_din(
    din_uid: str, action_url: str | None = None, *, idempotency_key: str | None = None
) -> Ask[Subscription]:
    """Take a free number. Its first 30 days are charged at once."""
    fields = {"din_uid": din_uid} if action_url is None else {"din_uid": din_uid, "action_url": action_url}
    return post(reads(Subscription), fields, idempotency_key, *_SUBSCRIPTIONS)


def get_subscription_list() -> Ask[list[Subscription]]:
    """List the account's subscriptions."""
    return get(reads_list(Subscription), *_SUBSCRIPTIONS)


def get_subscription(din_uid: str) -> Ask[Subscription]:
    """Read one subscription."""
    return get(reads(Subscription), *_SUBSCRIPTIONS, din_uid)


def get_diagnosis(din_uid: str) -> Ask[Diagnosis]:
    """Find out what a call of the number would meet, and what to do. Its action server is asked, nobody is called.

    It takes as long as that server and its sounds do, and an account may ask for one in a hundred requests' time.
    """
    return get(reads(Diagnosis), *_SUBSCRIPTIONS, din_uid, "diagnosis")


def set_action_url(din_uid: str, url: str | None, *, idempotency_key: str | None = None) -> Ask[Subscription]:
    """Set who is asked what to do with each call; None takes the URL away."""
    return set_urls(din_uid, action_url=url, idempotency_key=idempotency_key)


def set_urls(
    din_uid: str,
    *,
    action_url: str | Unset | None = UNSET,
    fallback_url: str | Unset | None = UNSET,
    default_action: str | Unset | None = UNSET,
    idempotency_key: str | None = None,
) -> Ask[Subscription]:
    """Set what is given; None takes a value away, and what is left out stays as it is."""
    given = {"action_url": action_url, "fallback_url": fallback_url, "default_action": default_action}
    fields = {name: value for name, value in given.items() if value is not UNSET}
    return post(reads(Subscription), fields, idempotency_key, *_SUBSCRIPTIONS, din_uid)


def unsubscribe_din(din_uid: str) -> Ask[Subscription]:
    """End a subscription. Within 24 hours its charge comes back."""
    return delete(reads(Subscription), *_SUBSCRIPTIONS, din_uid)
