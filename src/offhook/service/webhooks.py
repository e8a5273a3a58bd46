"""Webhooks: what happens to calls is written down with the fact itself; claimed, sent and noted by whoever delivers.

Every verb may be done on any node at any time: what is claimed is leased, so a dead node's events come back.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from offhook.domain.accounts import Account
from offhook.domain.calls import Call, TimelineEvent
from offhook.domain.errors import AccountNotFound
from offhook.domain.notices import Notice, NoticeKind
from offhook.domain.webhooks import KEPT_DELIVERED, KEPT_GIVEN_UP, Backlog, Event, Outcome, share
from offhook.errors import InputError
from offhook.service.ports import Work

EXPIRED = "it was not delivered within a day"
"""The present one and the one before: a customer may change over in between."""


def tell_incoming(work: Work, call: Call, target: str, now: datetime) -> None:
    """Tell of a call that was admitted; it is just being put on record."""
    assert call.account_id is not None, "its number is subscribed"
    work.webhooks.tell_first(NoticeKind.CALL_INCOMING, call.account_id, call.call_id, target, now)


def tell_answered(work: Work, call_id: str, at: datetime) -> None:
    """Tell that the caller was answered: once, and nothing if the call has ended."""
    work.webhooks.tell_answered(call_id, at)


def tell_ended(work: Work, call: Call, events: Sequence[TimelineEvent], now: datetime) -> None:
    """Tell how a call ended that had not yet, with the quality of the caller's leg that its timeline knows."""
    assert call.account_id is not None, "its number is subscribed"
    measured = (dict(event.data) for event in events if event.kind == "quality")
    work.webhooks.tell_last(
        NoticeKind.CALL_ENDED, call.account_id, call.call_id, {"quality": next(measured, None)}, now
    )


def are_due(work: Work, *, now: datetime) -> bool:
    """Tell whether anything is to be sent: a look that changes nothing."""
    return bool(work.webhooks.targets(now))


def take_turn(
    work: Work,
    *,
    outcomes: Sequence[Outcome],
    busy: Mapping[str, int],
    failing: Iterable[str],
    origin: Callable[[str], str],
    now: datetime,
) -> list[int]:
    """Note what came of attempts, and return the ids of events that are this node's to send now.

    `busy` counts its requests under way to each origin; `origin` names that of a URL.
    """
    note(work, outcomes=outcomes, now=now)
    origins = {target: origin(target) for target in work.webhooks.targets(now)}
    return work.webhooks.claim(share(origins, busy, failing), now)


def claimed(work: Work, *, ids: Collection[int], now: datetime) -> list[Event]:
    """Return the events of a turn: read after it, since others wait for a turn's end."""
    return work.webhooks.claimed(ids, now)


def note(work: Work, *, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Note what came of attempts. A target that is gone is told nothing any more."""
    delivered = [outcome.event.id for outcome in outcomes if outcome.error is None]
    if delivered:
        work.webhooks.delivered(delivered, now)
    work.webhooks.failed([outcome for outcome in outcomes if outcome.error is not None])
    for target, error in {outcome.event.target: outcome.error for outcome in outcomes if outcome.is_gone}.items():
        work.webhooks.close(target, error or "")


def tidy(work: Work, *, now: datetime) -> int:
    """Give up what has waited for a day, and return how many events that were."""
    return work.webhooks.expire(now, EXPIRED)


def forget(work: Work, *, now: datetime) -> int:
    """Delete a batch of old events, and return how many that were: when it is none, nothing old is left."""
    return work.webhooks.forget(now - KEPT_DELIVERED, now - KEPT_GIVEN_UP)


def backlog(work: Work) -> Backlog:
    """Return how much waits."""
    return work.webhooks.backlog()


def list_events(work: Work, *, name: str | None, limit: int, undelivered: bool) -> list[Notice]:
    """Return events of an account (of all without a name), newest first. Raises AccountNotFound."""
    account_id = None if name is None else _by_name(work, name).id
    return work.webhooks.of(account_id, limit, undelivered=undelivered)


def retry(work: Work, *, name: str, now: datetime) -> int:
    """Send everything undelivered of an account now, to the webhook that it has now; return how many events.

    Raises AccountNotFound, InputError (`webhook_url`) if it has none.
    """
    account = _by_name(work, name)
    target = work.notices.contact(account.id).webhook_url
    if not target:
        raise InputError("webhook_url", "the account has no webhook: `offhook accounts contact` sets one")
    return work.webhooks.retry(account.id, target, now)


def _by_name(work: Work, name: str) -> Account:
    account = work.accounts.by_name(name.strip())
    if account is None:
        raise AccountNotFound(name)
    return account
