"""`offhook tariffs`: what minutes to destinations cost, and which are refused."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from offhook.cli.errors import LinesWrong
from offhook.cli.options import Json, new_noun
from offhook.cli.output import amount, show, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from offhook.domain.tariffs import Rate

LARGEST_FILE = 16 * 1024 * 1024

app = new_noun("What transfers cost: rates by the digits that a number begins with.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="The file; - is standard input.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Put the rates of a CSV file in the place of all present ones.

    All or none: every line that is wrong is reported. Columns: prefix,minute_cost,kind,name. The longest
    prefix counts. A kind is standard, premium (premium and high-risk numbers may be called) or refused.
    """
    from functools import partial

    from offhook.cli.files import read_table
    from offhook.cli.office import open_office
    from offhook.service import tariffs

    rows = read_table(file, tariffs.read_rows, at_most=LARGEST_FILE)
    with open_office() as database:
        report = database.write_now(partial(tariffs.import_rates, rows=rows, dry_run=dry_run))
    if report.problems:
        raise LinesWrong([f"line {problem.line}: {problem.reason}" for problem in report.problems])
    found = {"added": report.added, "changed": report.changed, "removed": report.removed, "same": report.same}
    would = "would be " if dry_run else ""
    show(
        {**found, "dry_run": dry_run},
        lambda: f"rates: {', '.join(f'{count:,} {would}{word}' for word, count in found.items())}",
        as_json=as_json,
    )


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List all rates by their prefixes."""
    from offhook.cli.office import open_office
    from offhook.service import tariffs

    with open_office() as database:
        rates = database.read_now(tariffs.list_rates)
    show([_document(rate) for rate in rates], lambda: _table(rates), as_json=as_json)


@app.command()
def find(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="E.164 digits, with or without +.")],
    as_json: Json = False,
) -> None:
    """Show the rate of a number, and whether it is one of those that only the kind `premium` allows."""
    from functools import partial

    from offhook.cli.office import open_office
    from offhook.domain import tariffs as rules
    from offhook.service import tariffs

    with open_office() as database:
        rate = database.read_now(partial(tariffs.find_rate, number=number))
    danger = rules.danger_of(number.removeprefix("+"))
    document = {"rate": None if rate is None else _document(rate), "danger": danger or None}
    priced = f"{amount(rate.minute_cost)} a minute ({rate.prefix}, {rate.kind})" if rate else "no rate: it is refused"
    show(document, lambda: f"{number}: {priced}{f'; it is {danger}' if danger else ''}", as_json=as_json)


def _document(rate: "Rate") -> dict[str, object]:
    from offhook.domain.credits import to_credits

    return {
        "prefix": rate.prefix,
        "minute_cost": to_credits(rate.minute_cost),
        "kind": rate.kind.value,
        "name": rate.name,
    }


def _table(rates: "list[Rate]") -> "RenderableType":
    rows = [(rate.prefix, amount(rate.minute_cost), rate.kind.value, rate.name) for rate in rates]
    return table(("prefix", "minute", "kind", "name"), rows, right=("minute",))
