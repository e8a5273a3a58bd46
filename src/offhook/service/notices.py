"""Notices: written with what causes them, claimed by whoever delivers them."""

from collections.abc import Mapping
from datetime import datetime

from offhook.domain.credits import in_words, to_credits
from offhook.domain.errors import AccountNotFound
from offhook.domain.notices import Contact, Notice, NoticeKind, Way, check_email, next_try
from offhook.service.ports import Work
from offhook.service.urls import check_action_url

LONGEST_ERROR = 200


def set_contact(work: Work, *, name: str, email: str | None, webhook_url: str | None) -> Contact:
    """Say where the notices and events of the account of this name go; None is nowhere.

    What waits goes there too. Raises AccountNotFound, InputError (`email`, `webhook_url`).
    """
    account = work.accounts.by_name(name.strip())
    if account is None:
        raise AccountNotFound(name)
    contact = Contact(check_email(email or ""), check_action_url("webhook_url", webhook_url) or "")
    work.notices.set_contact(account.id, contact)
    work.webhooks.redirect(account.id, contact.webhook_url)
    return contact


def tell(
    work: Work,
    *,
    account_id: int,
    kind: NoticeKind,
    fact: str,
    subject: str,
    text: str,
    data: Mapping[str, object],
    now: datetime,
) -> None:
    """Let an account be told of a fact by each way that it has. The same fact is told once."""
    contact = work.notices.contact(account_id)
    for way, target in ((Way.EMAIL, contact.email), (Way.WEBHOOK, contact.webhook_url)):
        if target:
            work.notices.add(account_id, kind, way, target, fact=fact, subject=subject, text=text, data=data, now=now)


def low_credit(work: Work, *, account_id: int, available: int, minimum: int, now: datetime) -> None:
    """Tell an account that it has less than it needs to take calls (micro-credits): once a day at most."""
    if not work.notices.tell_low(account_id, now):
        return
    tell(
        work,
        account_id=account_id,
        kind=NoticeKind.LOW_CREDIT,
        fact=f"low-credit:{account_id}:{now:%Y-%m-%dT%H:%M}",
        subject="Low credit",
        text=(
            f"{in_words(available)} are available. With less than {in_words(minimum)} no calls are taken."
            " Please top up the account."
        ),
        data={"available": to_credits(available), "minimum_credit": to_credits(minimum)},
        now=now,
    )


def claim(work: Work, *, now: datetime, limit: int) -> list[Notice]:
    """Return mails that are due; they are nobody else's for two minutes. Each is to be `sent` or `failed` then."""
    return work.notices.claim(now, limit)


def sent(work: Work, *, notice_id: int, now: datetime) -> None:
    """Note that a notice was delivered."""
    work.notices.finish(notice_id, next_at=None, sent_at=now, error=None)


def failed(work: Work, *, notice_id: int, error: str, now: datetime) -> None:
    """Note why a notice could not be delivered; it is tried again later, for a day."""
    notice = work.notices.get(notice_id)
    if notice is not None and notice.sent_at is None:
        work.notices.finish(notice_id, next_at=next_try(notice, now), sent_at=None, error=error[:LONGEST_ERROR])


def list_notices(work: Work, account_id: int, limit: int) -> list[Notice]:
    """Return an account's notices, newest first."""
    return work.notices.of(account_id, limit)


def notices_of(work: Work, *, name: str, limit: int) -> list[Notice]:
    """Return the notices of the account of this name, newest first; raises AccountNotFound."""
    account = work.accounts.by_name(name.strip())
    if account is None:
        raise AccountNotFound(name)
    return list_notices(work, account.id, limit)
