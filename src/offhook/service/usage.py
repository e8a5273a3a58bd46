"""Usage: what an account's numbers were used for, day by day."""

from datetime import timedelta

from offhook.domain.usage import Days, Place, UsageLine
from offhook.service.ports import Work

WINDOW = timedelta(days=31)
"""Days that are added up by one statement: a month, whose lines memory can hold whatever the account."""


def usage_page(work: Work, account_id: int, days: Days, *, limit: int, after: Place | None = None) -> list[UsageLine]:
    """Return lines in the order of days and numbers; `after` is the place of the last one already seen."""
    found: list[UsageLine] = []
    for piece in pieces(days, after):
        found += usage_in(work, account_id, piece, after)
        if len(found) >= limit:
            break
    return found[:limit]


def pieces(days: Days, after: Place | None) -> list[Days]:
    """Cut what is left of the days after a place into windows."""
    left = days if after is None else Days(max(days.since, after[0]), days.until)
    return list(left.parts(WINDOW))


def usage_in(work: Work, account_id: int, piece: Days, after: Place | None) -> list[UsageLine]:
    """Return the lines of one window that stand after a place."""
    lines = work.usage.lines(account_id, piece)
    return lines if after is None else [line for line in lines if line.place > after]
