"""Tariffs: bring a table of rates into force, and look a destination up in it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from offhook.domain.credits import from_credits
from offhook.domain.numbers import LONGEST_DIN
from offhook.domain.tariffs import LONGEST_NAME, Rate, RateKind
from offhook.errors import InputError
from offhook.service import tables
from offhook.service.ports import Work
from offhook.service.tables import FIRST_LINE, BadLine

COLUMNS = ("prefix", "minute_cost", "kind", "name")
OPTIONAL = ("kind", "name")

_PREFIX = re.compile(rf"[1-9][0-9]{{0,{LONGEST_DIN - 1}}}")


@dataclass(frozen=True, slots=True)
class TariffReport:
    """What a file of rates comes to beside the present table, or its `problems`: then nothing was changed."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0
    problems: tuple[BadLine, ...] = ()


def read_rows(lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """Read CSV lines with a header that names the columns; raises InputError (`header`)."""
    return tables.read_rows(lines, COLUMNS, OPTIONAL)


def import_rates(work: Work, rows: Iterable[Mapping[str, str]], *, dry_run: bool = False) -> TariffReport:
    """Put a file in the place of the whole table, or, if any of its lines is bad, change nothing.

    The first row stands on line 2. Costs are credits a minute. Empty rows are passed over. With `dry_run`
    nothing is changed, and what would be is told.
    """
    table: dict[str, tuple[int, Rate]] = {}
    problems: list[BadLine] = []
    for line, row in enumerate(rows, FIRST_LINE):
        if not any(row.values()):
            continue
        try:
            rate = _read_rate(row)
            if rate.prefix in table:
                raise InputError("prefix", f"{rate.prefix} stands on line {table[rate.prefix][0]} already")
        except InputError as error:
            problems.append(BadLine(line, f"{error.field}: {error.sentence}"))
        else:
            table[rate.prefix] = (line, rate)
    if problems:
        return TariffReport(problems=tuple(problems))
    new = {prefix: rate for prefix, (_, rate) in table.items()}
    old = {rate.prefix: rate for rate in work.rates.all()}
    if not dry_run:
        work.rates.replace(list(new.values()))
    kept = old.keys() & new.keys()
    changed = sum(old[prefix] != new[prefix] for prefix in kept)
    return TariffReport(
        added=len(new.keys() - old.keys()),
        changed=changed,
        removed=len(old.keys() - new.keys()),
        same=len(kept) - changed,
    )


def list_rates(work: Work) -> list[Rate]:
    """Return the table in the order of its prefixes."""
    return work.rates.all()


def find_rate(work: Work, number: str) -> Rate | None:
    """Return the rate with the longest prefix of a number (E.164 digits); raises InputError (`number`)."""
    digits = number.removeprefix("+")
    if not _PREFIX.fullmatch(digits):
        raise InputError("number", f"{number[:40]!r} is not 1 to {LONGEST_DIN} digits of E.164")
    return work.rates.of(digits)


def _read_rate(row: Mapping[str, str]) -> Rate:
    unknown = [str(name) for name in row if name not in COLUMNS]
    if unknown:
        raise InputError(unknown[0], f"there is no such column; the columns are {', '.join(COLUMNS)}")
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    prefix = cells["prefix"].removeprefix("+")
    if not _PREFIX.fullmatch(prefix):
        raise InputError("prefix", f"{prefix[:40]!r} is not 1 to {LONGEST_DIN} digits that begin a number of E.164")
    if len(cells["name"]) > LONGEST_NAME or not cells["name"].isprintable():
        raise InputError("name", f"a name is at most {LONGEST_NAME} printable characters")
    try:
        kind = RateKind(cells["kind"] or RateKind.STANDARD)
    except ValueError:
        known = ", ".join(kind.value for kind in RateKind)
        raise InputError("kind", f"{cells['kind'][:20]!r} is no kind; there are {known}") from None
    try:
        cost = from_credits(cells["minute_cost"])
    except InputError as error:
        raise InputError("minute_cost", error.sentence) from None
    return Rate(prefix, cost, kind, cells["name"])
