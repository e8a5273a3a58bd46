"""Lists as CSV (RFC 4180), for spreadsheets."""

import csv
import io
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

CSV = "text/csv"
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")

M = TypeVar("M", bound=BaseModel)


def csv_of(model: type[M], rows: Sequence[M]) -> str:
    """Write rows under the names of their model's fields; what is None is left empty."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(model.model_fields)
    for row in rows:
        writer.writerow(_cell(value) for value in row.model_dump(mode="json").values())
    return lines.getvalue()


def _cell(value: object) -> object:
    # A spreadsheet runs what looks like a formula, and callers choose some of these texts.
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
