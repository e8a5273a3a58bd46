"""Notices: what customers are told of their credit and numbers, by e-mail and by webhook.

A notice is written in the unit of work that causes it, and delivered later. It is delivered at least once:
whoever delivers may die in between, so each carries an id by which a receiver knows it again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from offhook.errors import InputError

LONGEST_ADDRESS = 254
"""RFC 5321 section 4.5.3.1.3, with its brackets."""
LEASE = timedelta(minutes=2)
"""So long a notice belongs to the node that delivers it."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
GIVEN_UP_AFTER = timedelta(days=1)
LOW_CREDIT_EVERY = timedelta(days=1)

# Narrower than RFC 5322: no quotes, no comments, nothing that could end a header or be an encoded word (`=?`).
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")


class NoticeKind(StrEnum):
    """What a notice is about."""

    LOW_CREDIT = "low-credit"
    RENEWAL_SHORT = "renewal-short"
    RENEWAL_FAILED = "renewal-failed"
    NUMBER_RELEASED = "number-released"
    RECORDED = "voicemail.recorded"
    CALL_INCOMING = "call.incoming"
    CALL_ANSWERED = "call.answered"
    CALL_ENDED = "call.ended"


class Way(StrEnum):
    """How a notice travels."""

    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice by one way. `next_at` is when it is tried (again), None once it was sent or given up.

    `fact` names what happened, and `call_id` the call that it happened in.
    """

    id: int
    account: str
    kind: NoticeKind
    way: Way
    target: str
    subject: str
    text: str
    data: Mapping[str, object]
    created_at: datetime
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    error: str | None
    fact: str = ""
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Where an account's notices go; an empty text is nowhere."""

    email: str = ""
    webhook_url: str = ""


def check_email(address: str) -> str:
    """Return an address without blanks around it; raises InputError (`email`) unless it is one plain address."""
    trimmed = address.strip()
    if trimmed and (len(trimmed) > LONGEST_ADDRESS or ".." in trimmed or not _ADDRESS.fullmatch(trimmed)):
        raise InputError("email", "an e-mail address is written like name@example.com")
    return trimmed


def next_try(notice: Notice, now: datetime) -> datetime | None:
    """Return when a notice that could not be delivered now is tried again, None if it is given up."""
    pause = PAUSES[min(notice.attempts, len(PAUSES)) - 1]
    later = now + pause
    return later if later <= notice.created_at + GIVEN_UP_AFTER else None
