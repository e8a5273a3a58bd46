"""Exports: the call log, the ledger and the usage as CSV, however long they are.

An export is read in parts, each a unit of its own: memory stays flat, nobody waits for more than one part, and no
transaction is as long as a slow reader. A part goes on where the one before ended, by its last row. Of what comes
in meanwhile only usage may tell a part: the lists begin with the newest, and go back.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from offhook.domain.calls import Call, CallFilters
from offhook.domain.credits import LedgerLine
from offhook.domain.usage import Days, Place, UsageLine
from offhook.service import accounts, calls, usage
from offhook.service.ports import Database, Work
from offhook.service.sheets import Sheet, credits_cell

PART = 500
"""Rows in one part: a few milliseconds of a database thread."""

BROKEN_OFF = '"it broke off here: this is not all'
"""What to write after the last part if the next one cannot be read.

A quote that is never closed: readers of CSV do not take a file that ends so for a whole one.
"""


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines. `mark` is where the next part begins, None after the last."""

    text: str
    rows: int
    mark: str | None


@dataclass(frozen=True, slots=True)
class Export:
    """A list as CSV: its first line, and what reads the part that begins at a mark, which is None for the first."""

    header: str
    read: Callable[[Work, str | None], Part]


CALLS: Sheet[Call] = Sheet(
    (
        "caller",
        "cost",
        "direction",
        "recipient",
        "start_time",
        "end_time",
        "duration",
        "status",
        "apiuser",
        "uuid",
        "actionurl",
    ),
    lambda call: (
        call.caller.number,
        credits_cell(call.cost),
        call.direction,
        call.recipient,
        call.started_at,
        call.ended_at,
        call.duration_s,
        call.status.value,
        call.api_user,
        call.call_id,
        call.action_url,
    ),
)
LEDGER: Sheet[LedgerLine] = Sheet(
    ("id", "at", "kind", "amount", "balance", "din", "call_id", "text"),
    lambda line: (
        line.posting.id,
        line.posting.at,
        line.posting.kind.value,
        credits_cell(line.change),
        credits_cell(line.balance),
        line.posting.din,
        line.posting.call_id,
        line.posting.text,
    ),
)
USAGE: Sheet[UsageLine] = Sheet(
    ("day", "din", "calls", "minutes", "seconds", "cost", "subscription_cost"),
    lambda line: (
        line.day,
        line.din,
        line.calls,
        line.minutes,
        line.seconds,
        credits_cell(line.cost),
        credits_cell(line.subscription_cost),
    ),
)


def of_calls(account_id: int | None, filters: CallFilters, *, before: str | None = None, rows: int = PART) -> Export:
    """Export calls, the newest first, those older than `before`; of every account if None."""

    def read(work: Work, mark: str | None) -> Part:
        found = calls.list_calls(work, account_id, filters, limit=rows, before=mark or before)
        return Part(CALLS.lines(found), len(found), found[-1].call_id if len(found) == rows else None)

    return Export(CALLS.header, read)


def of_ledger(
    account_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    rows: int = PART,
) -> Export:
    """Export an account's postings, the newest first, those older than `before`."""

    def read(work: Work, mark: str | None) -> Part:
        found = accounts.ledger_page(work, account_id, limit=rows, before=mark or before, since=since, until=until)
        return Part(LEDGER.lines(found), len(found), found[-1].posting.id if len(found) == rows else None)

    return Export(LEDGER.header, read)


def of_usage(account_id: int, days: Days, *, after: Place | None = None) -> Export:
    """Export what each number was used for on each day, the first day first, after the line of a day and a number."""
    pieces = usage.pieces(days, after)

    def read(work: Work, mark: str | None) -> Part:
        at = int(mark or 0)
        lines = usage.usage_in(work, account_id, pieces[at], after) if pieces else []
        return Part(USAGE.lines(lines), len(lines), str(at + 1) if at + 1 < len(pieces) else None)

    return Export(USAGE.header, read)


async def parts(database: Database, export: Export) -> AsyncIterator[Part]:
    """Read all parts, each when it is wanted. Raises DatabaseAway, also in the middle."""
    part = await database.read(partial(_read, export=export, mark=None))
    yield part
    while part.mark is not None:
        part = await database.read(partial(_read, export=export, mark=part.mark))
        yield part


def parts_now(database: Database, export: Export) -> Iterator[Part]:
    """Do what `parts` does for a caller without an event loop."""
    part = database.read_now(partial(_read, export=export, mark=None))
    yield part
    while part.mark is not None:
        part = database.read_now(partial(_read, export=export, mark=part.mark))
        yield part


def _read(work: Work, export: Export, mark: str | None) -> Part:
    return export.read(work, mark)
