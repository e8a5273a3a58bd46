"""Renewals: the next 30 days of each subscription, charged when they begin, or what comes of it if they cannot be.

Every verb is a short batch that any node may run at any time: what is due is read from the rows, each period
has a posting of its own name, and a subscription that another node looks after is left to it. So a job that
runs late, twice, or on all nodes at once renews exactly the right periods.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from offhook.domain.credits import PostingKind, charge, in_words, to_credits
from offhook.domain.notices import NoticeKind
from offhook.domain.subscriptions import NOTICE_DAYS, PERIOD, Subscription, SubscriptionStatus, days_to_tell, renew
from offhook.domain.terms import Terms
from offhook.service import notices, subscriptions
from offhook.service.ports import Work

BATCH = 10
"""So many subscriptions are looked after in one unit: calls wait for no more than that."""

Mark = tuple[datetime, int]
FIRST: Mark = (datetime.min.replace(tzinfo=UTC), 0)


@dataclass(frozen=True, slots=True)
class Batch:
    """What came of a batch. `mark` is where the next one begins, None if nothing is left."""

    renewed: int = 0
    in_grace: int = 0
    ended: int = 0
    mark: Mark | None = None


def renew_due(work: Work, *, now: datetime, terms: Terms, after: Mark = FIRST, limit: int = BATCH) -> Batch:
    """Renew subscriptions that are due: all their periods that have begun, as far as credit goes.

    One that cannot be paid takes no calls until it is; when its grace is over it ends.
    """
    due = work.subscriptions.due(now, limit, after)
    renewed = in_grace = ended = 0
    # Accounts are locked in the order of their ids, as everywhere.
    for subscription in sorted(due, key=lambda one: (one.account_id, one.renews_at)):
        after_charge = _charge_periods(work, subscription, now)
        renewed += after_charge.periods - subscription.periods
        if after_charge.renews_at > now:
            continue
        if _is_over(after_charge, now, terms):
            _release(work, after_charge, now, terms)
            ended += 1
        elif after_charge.status is SubscriptionStatus.ACTIVE:
            _begin_grace(work, after_charge, now, terms)
            in_grace += 1
    last = due[-1] if len(due) == limit else None
    return Batch(renewed, in_grace, ended, None if last is None else (last.renews_at, last.id))


def short_accounts(work: Work, *, now: datetime) -> list[int]:
    """Return the accounts whose credit does not suffice for the renewals of the coming week."""
    return work.subscriptions.short_accounts(now, now + timedelta(days=max(NOTICE_DAYS)))


def tell_short(work: Work, *, account_id: int, now: datetime) -> int:
    """Tell an account which of its coming renewals cannot be paid, each 7, 3 and 1 days before; return how many."""
    left, _ = work.ledger.balance(account_id)
    told = 0
    for subscription in work.subscriptions.coming(account_id, now, now + timedelta(days=max(NOTICE_DAYS))):
        left -= subscription.number.monthly_cost
        days = days_to_tell(subscription, now)
        if left >= 0 or days is None:
            continue
        work.subscriptions.save(replace(subscription, told_days=days))
        _tell(
            work,
            subscription,
            NoticeKind.RENEWAL_SHORT,
            f"{subscription.periods + 1}:{days}",
            f"{in_words(-left)} more are needed to renew +{subscription.number.din} on {_day(subscription.renews_at)}."
            " Please top up the account.",
            now,
        )
        told += 1
    return told


def _charge_periods(work: Work, subscription: Subscription, now: datetime) -> Subscription:
    """Charge every period that has begun, as far as credit goes."""
    available, _ = work.ledger.lock(subscription.account_id)
    cost = subscription.number.monthly_cost
    present = subscription
    while present.renews_at <= now and available >= cost:
        number = present.periods + 1
        if cost:
            posting = charge(
                present.account_id,
                cost,
                kind=PostingKind.RENEWAL,
                fact=f"subscription:{present.id}:{number}",
                at=now,
                din=present.number.din,
                text=f"{present.number.din}: {PERIOD.days} days from {_day(present.renews_at)}",
            )
            work.ledger.post(posting)
            available -= cost
        present = renew(present)
    if present != subscription:
        work.subscriptions.save(present)
    return present


def _is_over(subscription: Subscription, now: datetime, terms: Terms) -> bool:
    if subscription.grace_until is None:
        return not terms.grace
    return subscription.grace_until <= now


def _begin_grace(work: Work, subscription: Subscription, now: datetime, terms: Terms) -> None:
    # It begins when the customer is told, and not while nothing ran.
    until = now + terms.grace
    work.subscriptions.save(replace(subscription, status=SubscriptionStatus.GRACE, grace_until=until))
    _tell(
        work,
        subscription,
        NoticeKind.RENEWAL_FAILED,
        str(subscription.periods + 1),
        f"+{subscription.number.din} could not be renewed: {in_words(subscription.number.monthly_cost)} are needed."
        f" It takes no calls until they are there, and is given up on {_day(until)}.",
        now,
    )


def _release(work: Work, subscription: Subscription, now: datetime, terms: Terms) -> None:
    subscriptions.end(work, subscription, now, terms)
    _tell(
        work,
        subscription,
        NoticeKind.NUMBER_RELEASED,
        str(subscription.periods + 1),
        f"+{subscription.number.din} was given up, because its renewal was not paid.",
        now,
    )


def _tell(work: Work, subscription: Subscription, kind: NoticeKind, serial: str, text: str, now: datetime) -> None:
    notices.tell(
        work,
        account_id=subscription.account_id,
        kind=kind,
        fact=f"subscription:{subscription.id}:{kind.value}:{serial}",
        subject=f"+{subscription.number.din}: {kind.value.replace('-', ' ')}",
        text=text,
        data={
            "din": subscription.number.din,
            "din_uid": subscription.number.din_uid,
            "renews_at": subscription.renews_at.isoformat(),
            "monthly_cost": to_credits(subscription.number.monthly_cost),
        },
        now=now,
    )


def _day(at: datetime) -> str:
    return f"{at:%d %B %Y}"
