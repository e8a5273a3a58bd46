"""Sheets: lists as CSV (RFC 4180), written so that a spreadsheet reads numbers as numbers and runs nothing.

Whoever calls us, or names an account, chooses some of the texts. What does not begin with a letter or a
digit is looked at closely; what a spreadsheet would take for a formula gets an apostrophe before it.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from offhook.domain.credits import CREDIT

T = TypeVar("T")
Cell = str | int | Decimal | date | None
"""What may stand in a cell: texts, counts, amounts of credits, days, moments (written in UTC and whole seconds)."""

_STARTS = frozenset("=+-@\N{MINUS SIGN}")
_LINE_ENDS = frozenset("\t\r\n\v\f\N{NEXT LINE}\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}")


@dataclass(frozen=True, slots=True)
class Sheet(Generic[T]):
    """The columns of a list, and the cells of one of its rows."""

    columns: tuple[str, ...]
    cells: Callable[[T], tuple[Cell, ...]]

    @property
    def header(self) -> str:
        """The first line."""
        return _written([self.columns])

    def lines(self, rows: Iterable[T]) -> str:
        """Write rows, each a line; what is None is left empty."""
        return _written([_text(cell) for cell in self.cells(row)] for row in rows)

    def whole(self, rows: Iterable[T]) -> str:
        """Write a short list, its header first."""
        return self.header + self.lines(rows)


def credits_cell(micro: int) -> Decimal:
    """Return micro-credits as an amount, exactly."""
    return Decimal(micro) / CREDIT


def _written(lines: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()


def _text(cell: Cell) -> str:
    match cell:
        case str():
            return f"'{cell}" if _would_run(cell) else cell
        case int():
            return str(cell)
        case Decimal():
            # As JSON writes a number of credits, but never with an exponent.
            whole = f"{cell:f}"
            return whole if "." in whole else f"{whole}.0"
        case datetime():
            return f"{cell.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return cell.isoformat()
        case None:
            return ""


def _would_run(text: str) -> bool:
    """Tell whether a spreadsheet might take a text for a formula, or a part of it for a cell or row of its own."""
    if text[:1].isalnum():
        return False
    for character in text:
        if character in _LINE_ENDS:
            return True
        # Spreadsheets pass over blanks, and over what nobody sees, before they look for a formula.
        if character.isspace() or not character.isprintable():
            continue
        # The wide, small and raised forms that East Asian keyboards write are read like the plain ones.
        return unicodedata.normalize("NFKC", character)[:1] in _STARTS
    return False
