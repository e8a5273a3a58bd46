"""The clock of a running node."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time of day, aware."""
    return datetime.now(UTC)
