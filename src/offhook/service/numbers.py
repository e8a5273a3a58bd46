"""Numbers: bring a file of them into the pool, and search the free ones."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from offhook.domain import regions
from offhook.domain.credits import from_credits
from offhook.domain.numbers import (
    LONGEST_DIN,
    SHORTEST_DIN,
    NewNumber,
    Number,
    PoolNumber,
    SearchFilters,
    make_uid,
)
from offhook.errors import InputError
from offhook.service import tables
from offhook.service.ports import Work
from offhook.service.tables import FIRST_LINE, BadLine

OPTIONAL = ("trunk", "day_cost", "allow_transfer", "requires_verification")
COLUMNS = ("din", "country_code", "prefix", "monthly_cost", "minute_cost", *OPTIONAL)

_YES_OR_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_DIN = re.compile(rf"[1-9][0-9]{{{SHORTEST_DIN - 1},{LONGEST_DIN - 1}}}")
_COUNTRY_CODE = re.compile(r"[1-9][0-9]{0,2}")
_DIGITS = re.compile(rf"[0-9]{{1,{LONGEST_DIN}}}")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What a file would bring into the pool: its `numbers`, or its `problems` and no numbers at all."""

    numbers: tuple[NewNumber, ...]
    problems: tuple[BadLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of an import: numbers were `added`, or there are `problems` and nothing was."""

    added: int
    problems: tuple[BadLine, ...] = ()


def read_rows(lines: Iterable[str]) -> Iterator[Mapping[str, str]]:
    """Read CSV lines with a header that names the columns; raises InputError (`header`)."""
    return tables.read_rows(lines, COLUMNS, OPTIONAL)


def import_numbers(
    work: Work, rows: Iterable[Mapping[str, str]], *, now: datetime, fresh: Callable[[], str]
) -> ImportReport:
    """Add every row to the pool, or none: each bad row is reported as `check_numbers` does."""
    checked = check_numbers(work, rows, fresh=fresh)
    work.numbers.add(checked.numbers, now)
    return ImportReport(len(checked.numbers), checked.problems)


def check_numbers(work: Work, rows: Iterable[Mapping[str, str]], *, fresh: Callable[[], str]) -> CheckedFile:
    """Tell what the rows would bring into the pool, changing nothing: each bad row with its line and reason.

    The first row stands on line 2. `fresh` makes the random part of a `din_uid`: at least 14
    letters or digits. Costs are credits. Empty rows are passed over.
    """
    trunks = {trunk.name for trunk in work.trunks.all()}
    numbers: dict[str, tuple[int, NewNumber]] = {}
    problems: list[BadLine] = []
    for line, row in enumerate(rows, FIRST_LINE):
        if not any(row.values()):
            continue
        try:
            number = _read_number(row, trunks, fresh)
            if number.din in numbers:
                raise InputError("din", f"{number.din} stands on line {numbers[number.din][0]} already")
        except InputError as error:
            problems.append(BadLine(line, f"{error.field}: {error.sentence}"))
        else:
            numbers[number.din] = (line, number)
    problems += [BadLine(numbers[din][0], f"din: {din} is in the pool already") for din in work.numbers.known(numbers)]
    if problems:
        return CheckedFile((), tuple(sorted(problems, key=lambda problem: problem.line)))
    return CheckedFile(tuple(number for _, number in numbers.values()))


def search(
    work: Work, filters: SearchFilters, *, now: datetime, limit: int = 100, after: str | None = None
) -> list[Number]:
    """Return free numbers by their digits; `after` is the `din` of the last one already seen.

    Raises InputError naming the API's filter: `country`, `prefix`, `contains`.
    """
    if filters.region is not None and not regions.is_region(filters.region):
        raise InputError("country", f"{filters.region[:20]!r} is not a country code like JP (ISO 3166 alpha-2)")
    for name, digits in (("prefix", filters.prefix), ("contains", filters.contains)):
        if digits is not None and not _DIGITS.fullmatch(digits):
            raise InputError(name, f"{name} is 1 to {LONGEST_DIN} digits")
    return work.numbers.free(filters, now, limit, after)


def list_pool(work: Work, *, now: datetime, contains: str = "", limit: int = 100, after: str = "") -> list[PoolNumber]:
    """Return numbers of the pool and how they stand, by their digits, whoever has them; for operators."""
    return work.numbers.pool(contains, now, limit, after)


def _read_number(row: Mapping[str, str], trunks: set[str], fresh: Callable[[], str]) -> NewNumber:
    unknown = [str(name) for name in row if name not in COLUMNS]
    if unknown:
        raise InputError(unknown[0], f"there is no such column; the columns are {', '.join(COLUMNS)}")
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    din = cells["din"].removeprefix("+")
    if not _DIN.fullmatch(din):
        raise InputError("din", f"{din[:40]!r} is not {SHORTEST_DIN} to {LONGEST_DIN} digits of E.164")
    country_code = cells["country_code"].removeprefix("+")
    if not _COUNTRY_CODE.fullmatch(country_code) or not din.startswith(country_code):
        raise InputError("country_code", f"{country_code[:20]!r} is not what {din} begins with")
    prefix = cells["prefix"]
    if prefix and not (_DIGITS.fullmatch(prefix) and din.startswith(country_code + prefix)):
        raise InputError("prefix", f"{prefix[:20]!r} does not follow {country_code} in {din}")
    if cells["trunk"] and cells["trunk"] not in trunks:
        raise InputError("trunk", f"there is no trunk {cells['trunk'][:80]!r}")
    region = regions.region_of(din, country_code)
    return NewNumber(
        din=din,
        din_uid=make_uid(region, fresh()),
        region=region,
        country_code=country_code,
        prefix=prefix,
        monthly_cost=_cost(cells, "monthly_cost"),
        minute_cost=_cost(cells, "minute_cost"),
        trunk=cells["trunk"],
        day_cost=_cost(cells, "day_cost") if cells["day_cost"] else 0,
        allow_transfer=_is_yes(cells, "allow_transfer", default=True),
        requires_verification=_is_yes(cells, "requires_verification", default=False),
    )


def _is_yes(cells: Mapping[str, str], column: str, *, default: bool) -> bool:
    word = cells[column].lower()
    if word and word not in _YES_OR_NO:
        raise InputError(column, f"{word[:20]!r} is none of {', '.join(_YES_OR_NO)}")
    return _YES_OR_NO.get(word, default)


def _cost(cells: Mapping[str, str], column: str) -> int:
    try:
        return from_credits(cells[column])
    except InputError as error:
        raise InputError(column, error.sentence) from None
