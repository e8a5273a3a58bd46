"""Files of lines with a header (CSV), as operators bring them: numbers and rates."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from offhook.errors import InputError

FIRST_LINE = 2
"""Line 1 of a file is its header."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that keeps a whole file out."""

    line: int
    reason: str


def read_rows(lines: Iterable[str], columns: Sequence[str], optional: Collection[str]) -> Iterator[Mapping[str, str]]:
    """Read CSV lines with a header; a blank line is an empty row, so that rows and lines keep in step.

    Raises InputError (`header`) when the first line does not name the columns; `optional` ones may be left out.
    """
    reader = csv.reader(lines)
    header = [name.strip().removeprefix("\ufeff") for name in next(reader, [])]
    if missing := [name for name in columns if name not in header and name not in optional]:
        raise InputError(
            "header", f"the first line names the columns {','.join(columns)}; missing: {', '.join(missing)}"
        )
    for cells in reader:
        surplus = {f"column {place}": cell for place, cell in enumerate(cells[len(header) :], len(header) + 1)}
        yield dict(zip(header, cells, strict=False)) | surplus
