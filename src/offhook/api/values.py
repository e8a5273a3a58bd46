"""How money and time leave the house."""

from datetime import UTC, datetime

from offhook.domain.credits import CREDIT, to_credits


def credits_json(micro: int) -> float:
    """Write micro-credits as a JSON number of credits: `650.0`."""
    return to_credits(micro)


def price_json(micro: int) -> int | float:
    """Write a price of a minute: whole credits without a fraction, as the clients' examples have it."""
    return to_credits(micro) if micro % CREDIT else micro // CREDIT


def time_json(at: datetime) -> datetime:
    """Return the moment in UTC and whole seconds, which is written `2026-11-23T06:00:00Z`."""
    return at.astimezone(UTC).replace(microsecond=0)


def time_json_or_none(at: datetime | None) -> datetime | None:
    """Write a moment that may not have come yet."""
    return None if at is None else time_json(at)
