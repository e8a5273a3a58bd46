"""Replies: the same request twice is done once (the API's `Idempotency-Key`)."""

from datetime import datetime

from offhook.domain.errors import KeyInProgress, KeyUsedOtherwise
from offhook.domain.replies import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    LONGEST_KEY,
    Reply,
)
from offhook.errors import InputError
from offhook.service.ports import Work


def replay(work: Work, *, account_id: int, key: str, body_hash: str, now: datetime) -> Reply | None:
    """Return the reply kept under a key, or None: then the key is ours, and `remember` must follow.

    Call it in the unit that also does the work and remembers: if that unit raises, the key is
    free again. Raises KeyInProgress, KeyUsedOtherwise, InputError (`Idempotency-Key`).
    """
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise InputError("Idempotency-Key", f"an idempotency key is 1 to {LONGEST_KEY} printable characters")
    work.replies.drop_before(now - KEPT_FOR)
    kept = work.replies.get(account_id, key)
    if kept is not None and kept.status is None and kept.created_at < now - GIVEN_UP_AFTER:
        work.replies.drop(account_id, key)
        kept = None
    if kept is None:
        work.replies.begin(account_id, key, body_hash, now)
        return None
    if kept.body_hash != body_hash:
        raise KeyUsedOtherwise(key)
    if kept.status is None:
        raise KeyInProgress(key)
    return kept


def remember(work: Work, *, account_id: int, key: str, status: int, body: str) -> None:
    """Keep what was answered (HTTP status and JSON text) for 24 hours."""
    work.replies.finish(account_id, key, status, body)


def forget(work: Work, *, account_id: int, key: str) -> None:
    """Let a key go that was begun in an earlier unit and came to nothing, so that it may be tried again."""
    work.replies.drop(account_id, key)
