"""What is wrong with a number before anybody is asked: its subscription, its URL, its credit."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from offhook.domain.breakers import BreakerState
from offhook.domain.calls import Reason
from offhook.domain.credits import in_words
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, bad, good, warning
from offhook.domain.limits import Limit, check_rate, check_spending, whose
from offhook.domain.numbers import Number
from offhook.domain.subscriptions import Dialled, Subscription, SubscriptionStatus

FEW_MINUTES = 10
"""So few minutes left are worth a warning."""
RENEWAL_SOON = timedelta(days=3)
_USER = re.compile(r"(?<=//)[^/?#]*@")
"""User and password of a URL (RFC 3986 section 3.2.1)."""


def judge_subscription(din: str, dialled: Dialled | None, holder: str) -> Finding:
    """Say whether a number is subscribed; `holder` is the name of the account, which its own customer need not read."""
    if dialled is None:
        return bad(
            Check.SUBSCRIBED,
            f"+{din} is not in the pool",
            "Import it with `offhook numbers import`, or correct its digits.",
            reason="unknown-number",
        )
    subscription = dialled.subscription
    if subscription is None:
        return bad(Check.SUBSCRIBED, f"+{din} is in the pool, but nobody subscribes it", reason="not-subscribed")
    whose = f" by {holder}" if holder else ""
    if subscription.status is SubscriptionStatus.GRACE:
        until = f" until {subscription.grace_until:%Y-%m-%d %H:%M}" if subscription.grace_until else ""
        return bad(
            Check.SUBSCRIBED,
            f"the renewal of +{din} is not paid: it takes no calls, and is waited for{until}",
            f"Bring {in_words(dialled.number.monthly_cost)} to the account: then it is renewed within minutes.",
            reason="grace-period",
        )
    return good(
        Check.SUBSCRIBED,
        f"+{din} is subscribed{whose} until {subscription.renews_at:%Y-%m-%d}",
        din_uid=dialled.number.din_uid,
    )


def judge_action_url(subscription: Subscription, *, has_rules: bool) -> Finding:
    """Say whether a call finds something to do."""
    if has_rules:
        return good(Check.ACTION_URL, "hosted rules decide about its calls")
    if subscription.action_url:
        fallback = f", then {_shown(subscription.fallback_url)}" if subscription.fallback_url else ""
        return good(Check.ACTION_URL, f"its calls ask {_shown(subscription.action_url)}{fallback}")
    if subscription.fallback_url or subscription.default_action:
        rest = _shown(subscription.fallback_url) if subscription.fallback_url else "its default action"
        return warning(
            Check.ACTION_URL,
            f"no action URL is set: its calls go on with {rest}",
            reason="action-url-not-set",
        )
    return bad(
        Check.ACTION_URL,
        "no action URL is set: callers hear that the number cannot take the call",
        reason="action-url-not-set",
    )


def judge_credit(number: Number, subscription: Subscription, available: int, minimum: int, now: datetime) -> Finding:
    """Say for how many minutes the credit lasts; amounts in micro-credits."""
    cost = number.minute_cost
    minutes = None if cost == 0 else available // cost
    data = {"available": available, "minutes": minutes}
    if cost and available < minimum:
        return bad(
            Check.CREDIT,
            f"the account has {in_words(available)} available, and takes calls from {in_words(minimum)} on",
            reason="no-credit",
            **data,
        )
    if minutes is not None and minutes < 1:
        return bad(
            Check.CREDIT,
            f"the account has {in_words(available)} available, and a minute costs {in_words(cost)}",
            reason="no-credit",
            **data,
        )
    lasts = "calls of it cost nothing" if minutes is None else f"it lasts for {minutes:,} minutes of one call"
    if now >= subscription.renews_at - RENEWAL_SOON and available < number.monthly_cost:
        return warning(
            Check.CREDIT,
            f"{lasts}, but not for the renewal on {subscription.renews_at:%Y-%m-%d},"
            f" which costs {in_words(number.monthly_cost)}",
            **data,
        )
    if minutes is not None and minutes < FEW_MINUTES:
        return warning(Check.CREDIT, f"the account has {in_words(available)} available: {lasts}", **data)
    return good(Check.CREDIT, f"the account has {in_words(available)} available: {lasts}", **data)


def judge_limits(limits: Sequence[Limit], minute_cost: int, now: datetime) -> Finding:
    """Say whether the limits of a number and of its account let a call in now; a minute costs micro-credits."""
    if not limits:
        return good(Check.LIMITS, "neither the number nor its account has a limit of its own")
    for limit in limits:
        if limit.calls_at_once == 0:
            reason = Reason.TOO_MANY_CALLS.value
            return bad(Check.LIMITS, f"{whose(limit)} takes no calls: its limit is 0 at once", reason=reason)
        if limit.calls_per_minute == 0:
            reason = Reason.TOO_MANY_PER_MINUTE.value
            return bad(Check.LIMITS, f"{whose(limit)} takes no calls: its limit is 0 a minute", reason=reason)
        spent = check_spending(limit, minute_cost, now)
        if spent is not None:
            return bad(Check.LIMITS, spent.text, reason=spent.reason.value)
    full = next(filter(None, (check_rate(limit, now) for limit in limits)), None)
    if full is not None:
        cure = "Call again in a minute. If that happens often, widen the limit."
        return warning(Check.LIMITS, f"{full.text}, and this minute has had them", cure, reason=full.reason.value)
    return good(Check.LIMITS, f"the limits of {' and '.join(map(whose, limits))} let a call in")


def judge_left_alone(origins: Collection[str], states: Sequence[BreakerState]) -> Finding:
    """Say whether running nodes ask the servers of these origins."""
    tripped = [state for state in states if state.origin in origins]
    if not tripped:
        return good(Check.LEFT_ALONE, "no running node leaves its server alone")
    worst = max(tripped, key=lambda state: state.retry_at)
    return bad(
        Check.LEFT_ALONE,
        f"{worst.origin} failed again and again, and is not asked until {worst.retry_at:%H:%M:%S} UTC: {worst.text}",
        reason="breaker-open",
        failure=worst.code,
    )


def _shown(url: str) -> str:
    """Return a URL as it may be told: the doctor's words end up in mails and tickets."""
    return _USER.sub("", url, count=1)
