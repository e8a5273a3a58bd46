"""The dates of HTTP headers, as others write them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_http_date(written: str) -> datetime:
    """Read a date of HTTP (RFC 9110 section 5.6.7) in any of its forms; raises ValueError for what is none.

    HTTP knows no local time, so a date that names no zone, or `-0000`, is in UTC.
    """
    try:
        found = parsedate_to_datetime(written)
    except OverflowError as error:
        # A number in it may have any number of digits.
        raise ValueError(f"{written[:80]!r} is no date: {error}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
