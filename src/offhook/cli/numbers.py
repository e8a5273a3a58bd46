"""`offhook numbers`: bring numbers into the pool."""

import csv
import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from offhook.cli.errors import FileUnusable, LinesWrong
from offhook.cli.limits import CallsAtOnce, CallsPerMinute, SpendPerDay
from offhook.cli.options import Json, new_noun
from offhook.cli.output import show

LARGEST_FILE = 64 * 1024 * 1024
"""About a million numbers."""
UID_BYTES = 8

app = new_noun("The pool of dial-in numbers.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file; - is standard input.")],
    as_json: Json = False,
) -> None:
    """Add the numbers of a CSV file to the pool.

    All or none: every line that is wrong is reported. Columns:
    din,country_code,prefix,monthly_cost,minute_cost,trunk
    """
    from offhook.cli.files import read_text
    from offhook.cli.office import open_office
    from offhook.service import numbers

    text = read_text(file, at_most=LARGEST_FILE)
    try:
        # csv wants to see the line ends itself: a quoted cell may hold one.
        rows = list(numbers.read_rows(text.splitlines(keepends=True)))
    except csv.Error as error:
        raise FileUnusable("file", f"{file} is not CSV: {error}") from None
    fresh = partial(secrets.token_hex, UID_BYTES)
    importing = partial(numbers.import_numbers, rows=rows, now=datetime.now(UTC), fresh=fresh)
    with open_office() as database:
        report = database.write_now(importing)
    if report.problems:
        raise LinesWrong([f"line {problem.line}: {problem.reason}" for problem in report.problems])
    show(
        {"imported": report.added},
        lambda: f"{report.added:,} {'number was' if report.added == 1 else 'numbers were'} added to the pool",
        as_json=as_json,
    )


@app.command()
def limit(
    din: Annotated[str, typer.Argument(metavar="NUMBER", help="E.164 digits, with or without +.")],
    calls: CallsAtOnce = None,
    per_minute: CallsPerMinute = None,
    per_day: SpendPerDay = None,
    as_json: Json = False,
) -> None:
    """Limit the calls of a number and what they may cost; what is not named has no limit of its own."""
    from offhook.cli.limits import credits_or_none, show_limit
    from offhook.cli.office import open_office
    from offhook.service import limits

    limiting = partial(
        limits.limit_number,
        din=din,
        calls_at_once=calls,
        calls_per_minute=per_minute,
        spend_per_day=credits_or_none(per_day),
    )
    with open_office() as database:
        found = database.write_now(limiting)
    show_limit(f"number {din}", found, as_json=as_json)
