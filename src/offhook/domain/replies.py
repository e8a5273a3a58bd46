"""Replies kept under an idempotency key, so that a repeated request is answered and not done again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(minutes=1)
"""A request in progress for longer than this died with its process; its key is free again."""
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered, as HTTP status and JSON text; both None while the request is in progress."""

    body_hash: str
    created_at: datetime
    status: int | None
    body: str | None
