"""`offhook numbers`: bring numbers into the pool, and see how they stand."""

import secrets
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.errors import LinesWrong
from offhook.cli.limits import CallsAtOnce, CallsPerMinute, SpendPerDay
from offhook.cli.options import Json, new_noun
from offhook.cli.output import amount, moment, show, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.domain.numbers import PoolNumber

MOST_LISTED = 1000
LARGEST_FILE = 64 * 1024 * 1024
"""About a million numbers."""
UID_BYTES = 8

app = new_noun("The pool of dial-in numbers.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file; - is standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added, and add nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Add the numbers of a CSV file to the pool.

    All or none: every line that is wrong is reported. Columns:
    din,country_code,prefix,monthly_cost,minute_cost

    and if wanted: trunk,day_cost,allow_transfer,requires_verification
    """
    from offhook.cli.files import read_table
    from offhook.cli.office import open_office
    from offhook.service import numbers

    rows = read_table(file, numbers.read_rows, at_most=LARGEST_FILE)
    fresh = partial(secrets.token_hex, UID_BYTES)
    with open_office() as database:
        if dry_run:
            checked = database.read_now(partial(numbers.check_numbers, rows=rows, fresh=fresh))
            count, problems = len(checked.numbers), checked.problems
        else:
            importing = partial(numbers.import_numbers, rows=rows, now=datetime.now(UTC), fresh=fresh)
            report = database.write_now(importing)
            count, problems = report.added, report.problems
    if problems:
        raise LinesWrong([f"line {problem.line}: {problem.reason}" for problem in problems])
    document = {"imported": 0, "would_import": count} if dry_run else {"imported": count}
    show(document, lambda: _sentence(count, dry_run=dry_run), as_json=as_json)


@app.command("list")
def list_(
    contains: Annotated[str, typer.Option(metavar="DIGITS", help="Digits that stand anywhere in it.")] = "",
    most: Annotated[int, typer.Option("--limit", min=1, max=MOST_LISTED, help="How many to list at most.")] = 100,
    after: Annotated[str, typer.Option(metavar="NUMBER", help="Numbers behind this one.")] = "",
    as_json: Json = False,
) -> None:
    """List the pool in the order of its digits: how each number stands, and whose it is."""
    from offhook.cli import documents
    from offhook.cli.office import open_office
    from offhook.service import numbers

    digits, behind = (text.removeprefix("+") for text in (contains, after))
    now = datetime.now(UTC)
    with open_office() as database:
        found = database.read_now(
            lambda work: numbers.list_pool(work, now=now, contains=digits, limit=most, after=behind)
        )
    show([documents.of_pool_number(one) for one in found], lambda: _table(found), as_json=as_json)


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


def _table(found: "list[PoolNumber]") -> "RenderableType":
    rows = [
        (
            one.number.din,
            one.state.value,
            one.account,
            "" if one.until is None else moment(one.until),
            amount(one.number.monthly_cost),
            amount(one.number.minute_cost),
            one.number.trunk,
        )
        for one in found
    ]
    return table(["number", "is", "of", "until (UTC)", "30 days", "minute", "trunk"], rows, right=("30 days", "minute"))


def _sentence(count: int, *, dry_run: bool) -> str:
    numbers = f"{count:,} {'number' if count == 1 else 'numbers'}"
    if dry_run:
        return f"{numbers} would be added to the pool"
    return f"{numbers} {'was' if count == 1 else 'were'} added to the pool"
