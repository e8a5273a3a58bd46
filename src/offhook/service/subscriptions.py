"""Subscriptions: take a number, point it at an action server, give it back."""

from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Final

from offhook.domain.credits import PostingKind, charge, in_words, rebate
from offhook.domain.errors import NumberNotFound, NumberTaken, SubscriptionNotFound, VerificationRequired
from offhook.domain.subscriptions import (
    PERIOD,
    Subscription,
    SubscriptionStatus,
    free_from,
    refund,
)
from offhook.domain.terms import TERMS, Terms
from offhook.errors import InputError
from offhook.service.ports import Work
from offhook.service.urls import check_action_url, check_default_action


class Unset(Enum):
    """The absence of a wish, where None is a wish."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


def subscribe(
    work: Work,
    *,
    account_id: int,
    din_uid: str,
    action_url: str | None = None,
    now: datetime,
    api_user_id: int | None = None,
) -> Subscription:
    """Take a free number, or one that the account reserves, and charge its first 30 days at once.

    The number's calls bear the nickname of the API user who subscribes it, of the account's first one if
    that is nobody. Raises NumberNotFound, NumberTaken (also while the number rests), VerificationRequired,
    NotEnoughCredit, InputError.
    """
    url = check_action_url("action_url", action_url)
    number = work.numbers.by_uid(din_uid)
    if number is None:
        raise NumberNotFound(din_uid)
    if number.requires_verification and not _is_verified(work, account_id):
        raise VerificationRequired(din_uid)
    if not work.numbers.take(number.id, account_id, now):
        raise NumberTaken(din_uid)
    subscription = work.subscriptions.add(account_id, number, url, now, now + PERIOD, api_user_id)
    if number.monthly_cost:
        text = f"{number.din}: {PERIOD.days} days"
        fact = f"subscription:{subscription.id}:1"
        paid = charge(
            account_id,
            number.monthly_cost,
            kind=PostingKind.SUBSCRIPTION,
            fact=fact,
            at=now,
            din=number.din,
            text=text,
        )
        work.ledger.post(paid)
    return subscription


def list_subscriptions(work: Work, account_id: int) -> list[Subscription]:
    """Return the account's living subscriptions by number."""
    return work.subscriptions.all_living(account_id)


def find_subscription(work: Work, account_id: int, din_uid: str) -> Subscription:
    """Return the account's living subscription of a number; raises SubscriptionNotFound."""
    subscription = work.subscriptions.living(account_id, din_uid)
    if subscription is None:
        raise SubscriptionNotFound(din_uid)
    return subscription


def set_urls(
    work: Work,
    *,
    account_id: int,
    din_uid: str,
    action_url: str | Unset | None = UNSET,
    fallback_url: str | Unset | None = UNSET,
    default_action: str | Unset | None = UNSET,
) -> Subscription:
    """Say whom the number's calls ask; None and the empty text take a wish back, UNSET leaves it.

    The next call knows. Hosted rules stand in place of an action URL, and are taken away before one is set.
    Raises SubscriptionNotFound, InputError naming the field.
    """
    before = _lock(work, account_id, din_uid)
    after = before
    if action_url is not UNSET:
        after = replace(after, action_url=check_action_url("action_url", action_url))
        if after.action_url is not None and work.hosted_rules.of(before.id) is not None:
            sentence = "the number has hosted rules, which stand in place of an action URL"
            raise InputError(
                "action_url", sentence, hint="take the rules away first; `redirect` in a script asks a URL"
            )
    if fallback_url is not UNSET:
        after = replace(after, fallback_url=check_action_url("fallback_url", fallback_url))
    if default_action is not UNSET:
        after = replace(after, default_action=check_default_action(default_action))
    work.subscriptions.save(after)
    return after


def cancel(work: Work, *, account_id: int, din_uid: str, now: datetime, terms: Terms = TERMS) -> Subscription:
    """End a subscription and return it as it ended.

    Within 24 hours what was paid comes back, all but the number's day, and the number is free at once; later
    the number rests first. Calls that are running go on. Raises SubscriptionNotFound.
    """
    before = _lock(work, account_id, din_uid)
    ended = end(work, before, now, terms)
    back = refund(before, now)
    if back:
        number = before.number
        fact = f"subscription:{before.id}:rebate"
        day = f", but for a day of {in_words(number.day_cost)}" if number.day_cost else ""
        text = f"{number.din}: cancelled within 24 hours{day}"
        work.ledger.post(rebate(account_id, back, fact=fact, at=now, din=number.din, text=text))
    return ended


def end(work: Work, before: Subscription, now: datetime, terms: Terms) -> Subscription:
    """End a locked subscription, whoever wants it, and let its number rest if it was really used."""
    ended = replace(before, status=SubscriptionStatus.ENDED, ended_at=now)
    work.subscriptions.save(ended)
    work.hosted_rules.drop(before.id)
    work.numbers.give_back(before.number.id, free_from(before, now, terms.quarantine))
    return ended


def _is_verified(work: Work, account_id: int) -> bool:
    account = work.accounts.by_id(account_id)
    return account is not None and account.is_verified


def _lock(work: Work, account_id: int, din_uid: str) -> Subscription:
    subscription = work.subscriptions.lock(account_id, din_uid)
    if subscription is None:
        raise SubscriptionNotFound(din_uid)
    return subscription
